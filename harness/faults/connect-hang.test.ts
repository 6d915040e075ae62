import { describe, expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import { VirtualClock } from '../clock.ts';
import type { Lease } from '../environment/lease.ts';
import { connectHang } from './connect-hang.ts';
import { dnsFailure } from './dns-failure.ts';
import { effectOf } from './example-effect.ts';
import { HalfInjectedError } from './half-injected.ts';

async function injected(refused: readonly string[] = []) {
  const asked: string[] = [];
  const ask = async <Answer>(what: string, answer: Answer): Promise<Answer> => {
    asked.push(what);
    if (refused.some((one) => what.startsWith(one))) throw new Error(`${what}: refused`);
    return answer;
  };
  const lease = {
    neighbours: {
      hanging: () => ask('hanging', { address: '127.20.30.40', close: () => ask('close neighbour', undefined) }),
    },
    dns: {
      fail: (fault: object) => ask(`fail ${JSON.stringify(fault)}`, undefined),
      heal: () => ask('heal DNS', { fired: 4, considered: 4 }),
      evidence: () => ask('evidence', { fired: 3, considered: 3 }),
    },
    proxy: { endConnections: () => ask('end connections', undefined) },
  } as unknown as Lease;
  const injection = {
    lease,
    parameters: {},
    id: '1-connect-hang',
    seed: 42,
    clock: new VirtualClock(),
    record: () => {},
  };
  return { asked, active: connectHang.inject(injection) };
}

const fail = 'fail {"rule":"1-connect-hang","mode":"stale","addresses":["127.20.30.40"],"ttlSeconds":1}';

describe('connect-hang', () => {
  it('lets the name lead to where connects hang, ends the open connections, and undoes it, the name first', async () => {
    const { asked, active } = await injected();
    const fault = await active;
    expect(asked).toEqual(['hanging', fail, 'end connections']);
    const measured = { address: '127.20.30.40' };
    expect(await fault.evidence()).toEqual({ fired: 3, unit: 'queries', measured });
    expect(await fault.heal()).toEqual({ fired: 4, unit: 'queries', measured });
    expect(asked.slice(4)).toEqual(['heal DNS', 'close neighbour']);
  });

  it.each([
    ['hanging', ['hanging']],
    ['fail', ['hanging', fail, 'close neighbour']],
    ['end connections', ['hanging', fail, 'end connections', 'heal DNS', 'close neighbour']],
  ])('is taken back when %s is refused', async (what, steps) => {
    const { asked, active } = await injected([what]);
    await expect(active).rejects.toThrow(/: refused$/);
    expect(asked).toEqual(steps);
  });

  it('that cannot be taken back says so', async () => {
    const { active } = await injected(['end connections', 'heal DNS']);
    await expect(active).rejects.toThrow(HalfInjectedError);
  });

  it('closes the neighbour when the name cannot be healed, and says what could not', async () => {
    const { asked, active } = await injected(['heal DNS']);
    await expect((await active).heal()).rejects.toThrow('heal DNS: refused');
    expect(asked.at(-1)).toBe('close neighbour');
  });

  it('cannot be in force while another fault decides what the name leads to', () => {
    expect(connectHang.touches).toBe(dnsFailure.touches);
  });
});

describe('the effect', () => {
  const end = { fired: 4, unit: 'queries' };
  const hung = (start: number, until: number, client: object) =>
    request('block', `object-${start}`, [start, until], {
      client: { outcome: 'fail', ...client },
      upstream: 'none',
    }).slice(1);
  const timedOut = (start: number, until = start + 500) =>
    hung(start, until, {
      failure: 'connect',
      message: 'dial tcp 127.20.30.40:9: i/o timeout',
      phases: { connect: 500 },
    });
  const answered = (start: number) => request('block', `object-${start}`, [start, start + 10]);

  it('is seen by connects that ended by their timeout, by the deadline, or refused after the heal', () => {
    const happened = [
      timedOut(1000),
      hung(1100, 1900, { failure: 'deadline', phases: { dns: 1, connect: 790 } }),
      hung(1600, 2600, {
        failure: 'connect',
        message: 'dial tcp: connect: connection refused',
        phases: { connect: 1000 },
      }),
    ];
    expect(effectOf('connect-hang', {}, happened, { end })).toEqual({
      seen: true,
      acted: 3,
      message: '3 of 3 requests waited in vain for a connection, and none got an answer',
    });
  });

  it('is not seen by connects that were refused, nor by a deadline that ended something else', () => {
    const happened = [
      hung(1000, 1001, {
        failure: 'connect',
        message: 'dial tcp: connect: connection refused',
        phases: { connect: 1 },
      }),
      hung(1100, 1900, { failure: 'deadline', phases: { connect: 1, send: 1, wait: 790 } }),
      hung(1200, 1900, { failure: 'deadline', phases: { dns: 700 } }),
    ];
    expect(effectOf('connect-hang', {}, happened, { end })).toMatchObject({ seen: false, acted: 0 });
  });

  it('is not seen when one got through, however many queries were answered so', () => {
    expect(effectOf('connect-hang', {}, [timedOut(1000), answered(1600)], { end })).toMatchObject({ seen: false });
  });
});
