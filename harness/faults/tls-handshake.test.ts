import { describe, expect, it } from 'vitest';
import { Compression } from '../scenario/compression.ts';
import { effectOf } from './example-effect.ts';
import { inVain, pooled, shookHands } from './example-handshakes.ts';
import { injected } from './example-injection.ts';
import { objections } from './refused-parameters.ts';
import { tlsHandshake } from './tls-handshake.ts';

const rule = '1-tls-handshake';
const slow = tlsHandshake.parameters.parse({ mode: 'slow', delay: '100ms' });
const hang = tlsHandshake.parameters.parse({ mode: 'hang' });

describe('the effect of slow handshakes', () => {
  it('is seen when each took the delay or longer, and the gateway held them', () => {
    const happened = [shookHands(1000, 100, rule), shookHands(1200, 130, rule), pooled(1400)];
    expect(effectOf('tls-handshake', slow, happened)).toEqual({
      seen: true,
      message: '2 handshakes took 100ms at the median',
    });
  });

  it('is seen by those that gave up before it was over', () => {
    const happened = [shookHands(1000, 100, rule), inVain(1200, 50, rule)];
    expect(effectOf('tls-handshake', slow, happened)).toEqual({
      seen: true,
      message: '1 handshake took 100ms at the median, and 1 attempt waited for one in vain',
    });
  });

  it('is not seen when one went through before it was due', () => {
    const happened = [shookHands(1000, 100, rule), shookHands(1200, 93, rule)];
    expect(effectOf('tls-handshake', slow, happened, { end: { fired: 7 } })).toEqual({
      seen: false,
      message: '1 of 2 handshakes went through before the 100ms were over',
    });
  });

  it('is not missed for a client that was late in noting that it was connected', () => {
    const late = shookHands(1000, 100, rule).map((event) =>
      event.type === 'attempt' ? { ...event, phases: { ...event.phases, connect: 15, tls: 90 } } : event,
    );
    expect(effectOf('tls-handshake', slow, [late])).toEqual({
      seen: true,
      message: '1 handshake took 90ms at the median',
    });
  });

  it('is seen by one that the gateway held before the start of the fault was told', () => {
    const before = shookHands(850, 100, rule);
    expect(effectOf('tls-handshake', slow, [pooled(1200)], { before })).toMatchObject({ seen: true });
    expect(effectOf('tls-handshake', slow, [pooled(1200)], { before: shookHands(850, 100) }).seen).toBe(false);
  });

  it('is not seen when they were slow for another reason', () => {
    expect(effectOf('tls-handshake', slow, [shookHands(1000, 150)])).toEqual({
      seen: false,
      message: 'the gateway held none of the 1 handshake that clients began',
    });
    expect(effectOf('tls-handshake', slow, [shookHands(1000, 150, '2-tls-handshake')]).seen).toBe(false);
  });

  it('is not told by one that went on because it was healed', () => {
    expect(effectOf('tls-handshake', slow, [shookHands(1950, 45, rule)])).toMatchObject({ seen: false });
    const happened = [shookHands(1000, 100, rule), shookHands(1950, 45, rule)];
    expect(effectOf('tls-handshake', slow, happened)).toMatchObject({ seen: true });
  });

  it('is told in the time of the config', () => {
    const compressed = tlsHandshake.compress(slow, new Compression(20, 1));
    expect(compressed).toEqual({ mode: 'slow', delay: 5, connections: 'end' });
    const { message } = effectOf('tls-handshake', compressed, [shookHands(1000, 6, rule)], {
      compression: { time: 20, bytes: 1 },
    });
    expect(message).toBe('1 handshake took 120ms at the median');
  });
});

describe('the effect of hanging handshakes', () => {
  it('is seen by those that waited in vain: to their timeout, their deadline, or the heal', () => {
    const happened = [
      inVain(1000, 200, rule),
      inVain(1100, 300, rule, { client: { failure: 'deadline', message: 'context deadline exceeded' } }),
      inVain(1800, 210, rule, { client: { message: 'tls: the connection was closed' } }),
    ];
    expect(effectOf('tls-handshake', hang, happened)).toEqual({
      seen: true,
      message: '3 attempts waited for one in vain',
    });
  });

  it('is not seen when one went through', () => {
    const happened = [inVain(1000, 200, rule), shookHands(1500, 20)];
    expect(effectOf('tls-handshake', hang, happened, { end: { fired: 7 } })).toEqual({
      seen: false,
      message: '1 of 2 handshakes went through where all should hang',
    });
  });

  it('is not seen in failures that the gateway knows nothing of', () => {
    expect(effectOf('tls-handshake', hang, [inVain(1000, 200, undefined)]).seen).toBe(false);
  });

  it.each([
    ['end', ''],
    ['keep', '; `connections: end` would close the pool'],
  ])('is not seen when no connection was opened, with connections: %s', (connections, remedy) => {
    const parameters = tlsHandshake.parameters.parse({ mode: 'hang', connections });
    expect(effectOf('tls-handshake', parameters, [pooled(1000), pooled(1200), shookHands(2100, 10)])).toEqual({
      seen: false,
      message: `no TLS handshake began while it was in force: 2 requests went over connections that were open before${remedy}`,
    });
  });
});

describe('the rule', () => {
  function proxy() {
    const ends = { count: 0, fail: false };
    return {
      ends,
      proxy: {
        async endConnections() {
          ends.count++;
          if (ends.fail) throw new Error('Toxiproxy is gone');
        },
      } as never,
    };
  }

  it('holds, and then the open connections are ended', async () => {
    const { ends, proxy: held } = proxy();
    const { rules, active } = await injected(
      'tls-handshake',
      { mode: 'slow', delay: '3s' },
      { lease: { proxy: held } },
    );
    expect(rules).toEqual([{ kind: 'tls-handshake', rule, delayMs: 3000 }]);
    expect(ends.count).toBe(1);
    expect(await active.heal()).toEqual({ fired: 3, unit: 'handshakes', measured: { considered: 5 } });
    expect(ends.count).toBe(1);
  });

  it('holds for ever, and keeps the open connections, as it is told', async () => {
    const { ends, proxy: held } = proxy();
    const given = { mode: 'hang', connections: 'keep' };
    expect((await injected('tls-handshake', given, { lease: { proxy: held } })).rules).toEqual([
      { kind: 'tls-handshake', rule },
    ]);
    expect(ends.count).toBe(0);
  });

  it('is taken back when the open connections cannot be ended', async () => {
    const { ends, proxy: held } = proxy();
    ends.fail = true;
    const removed: string[] = [];
    const edge = {
      addRule: async () => {},
      removeRule: async (name: string) => {
        removed.push(name);
        return { considered: 0, fired: 0 };
      },
    } as never;
    await expect(injected('tls-handshake', { mode: 'hang' }, { lease: { proxy: held, edge } })).rejects.toThrow(
      'Toxiproxy is gone',
    );
    expect(removed).toEqual([rule]);
  });
});

it.each([
  [{}, ['mode: ']],
  [{ mode: 'slow' }, ['delay: slow wants a delay, like 3s']],
  [{ mode: 'hang', delay: '3s' }, ['delay: hang has no delay: it never comes to an end; slow has one']],
  [{ mode: 'slow', delay: '0s' }, ['delay: "0s" is nothing at all']],
  [{ mode: 'slow', delay: '-1s' }, ['delay: ']],
  [{ mode: 'hang', connections: 'close' }, ['connections: ']],
])('%j is refused', (parameters, expected) => {
  const said = objections('tls-handshake', parameters);
  expect(said).toHaveLength(expected.length);
  for (const [index, words] of expected.entries()) expect(said[index]).toContain(words);
});

it('needs a path that speaks TLS', () => {
  expect(tlsHandshake.needs).toEqual(['tls']);
});
