import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { VirtualClock } from '../clock.ts';
import type { Lease } from '../environment/lease.ts';
import type { Evidence, FaultDefinition } from '../faults/fault.ts';
import { HalfInjectedError } from '../faults/half-injected.ts';
import { FaultsInForce } from './faults-in-force.ts';
import type { FaultReport } from './protocol.ts';

let clock: VirtualClock;
/** What the path would be found to have in force. */
let rules: string[];
/** What happened, in order. */
let happened: string[];
/** What is thrown by `inject` or `heal` of a fault, once, by id. */
let broken: Map<string, Error>;
let faults: FaultsInForce;
let secure: boolean;
let server: { disk: object } | undefined;

beforeEach(() => {
  clock = new VirtualClock();
  rules = [];
  happened = [];
  broken = new Map();
  secure = false;
  server = undefined;
  const lease = {
    get endpoint() {
      return { host: 'up.s3.chaos.test', port: 1, secure };
    },
    edge: { rules: async () => rules },
    proxy: { inForce: async () => [] },
    dns: { inForce: async () => [] },
    neighbours: { open: () => [] },
    get server() {
      return server && { ...server, inForce: () => [] };
    },
  } as unknown as Lease;
  const observer = {
    injected: ({ id, state }: FaultReport) => happened.push(`injected ${id}: ${state}`),
    ended: ({ id, state }: FaultReport, byItself: boolean) =>
      happened.push(`ended ${id}: ${state}${byItself ? ', by itself' : ''}`),
  };
  faults = new FaultsInForce(lease, clock, observer, (name) => definition(name));
});

function throwOnce(key: string): void {
  const error = broken.get(key);
  broken.delete(key);
  if (error) throw error;
}

/** `throttle` and `outage` touch the same thing; the others compose. */
function definition(name: string): FaultDefinition {
  const shared = name === 'throttle' || name === 'outage';
  return {
    name,
    parameters: z.strictObject({}),
    ...(shared && { touches: 'how fast S3 answers' }),
    ...(name === 'disk' && { needs: ['writers'] }),
    ...(name === 'handshake' && { needs: ['tls'] }),
    ...(name === 'full' && { needs: ['limited-disk'] }),
    ...(name === 'restart' && { needs: ['own-server'] }),
    compress: (parameters: unknown) => parameters,
    async inject({ id, seed }: { id: string; seed: number }) {
      happened.push(`inject ${id}, seed ${seed}`);
      await clock.sleep(5);
      throwOnce(`inject ${id}`);
      rules.push(id);
      let fired = 0;
      const evidence = async (): Promise<Evidence> => {
        throwOnce(`evidence ${id}`);
        return { fired: ++fired, unit: 'requests', measured: { considered: 9 } };
      };
      return {
        evidence,
        async heal() {
          happened.push(`heal ${id}`);
          await clock.sleep(5);
          throwOnce(`heal ${id}`);
          if (name !== 'sticky') rules = rules.filter((rule) => rule !== id);
          return { fired: 100, unit: 'requests' };
        },
      };
    },
  } as unknown as FaultDefinition;
}

const request = (fault: string, more: { for?: number } = {}) => ({
  fault,
  with: { code: 'SlowDown' },
  seed: 42,
  ...more,
});
const inject = (fault: string, more: { for?: number } = {}) => clock.run(faults.inject(request(fault, more)));
const heal = (id: string) => clock.run(faults.heal(id));
const refusal = async (
  work: Promise<unknown>,
): Promise<{ status: number; message: string; details: Record<string, unknown> }> =>
  clock.run(
    work.then(
      () => Promise.reject(new Error('it went well')),
      (error) => error,
    ),
  );

describe('a fault', () => {
  it('is in force from the answer on, tells what it did so far, and what it did in the end', async () => {
    expect(await inject('s3-error')).toEqual({
      id: '1-s3-error',
      fault: 's3-error',
      with: { code: 'SlowDown' },
      state: 'in-force',
      since: '2026-01-01T00:00:00.005Z',
      healsAt: null,
      healedAt: null,
      evidence: { fired: 1, unit: 'requests', measured: { considered: 9 } },
      error: null,
    });
    expect((await faults.get('1-s3-error')).evidence?.fired).toBe(2);
    await clock.advance(1000);
    const healed = await heal('1-s3-error');
    expect(healed).toMatchObject({ state: 'healed', evidence: { fired: 100 }, healedAt: '2026-01-01T00:00:01.010Z' });
    expect(await faults.list()).toEqual({ inForce: [], healed: [healed] });
    expect(await faults.get('1-s3-error')).toEqual(healed);
    expect(happened).toEqual([
      'inject 1-s3-error, seed 42',
      'injected 1-s3-error: in-force',
      'heal 1-s3-error',
      'ended 1-s3-error: healed',
    ]);
  });

  it('is healed by itself when its time is over, and not again', async () => {
    expect(await inject('s3-error', { for: 30_000 })).toMatchObject({ healsAt: '2026-01-01T00:00:30.005Z' });
    await clock.advance(29_999);
    expect((await faults.list()).inForce).toHaveLength(1);
    await clock.advance(10);
    expect(await faults.list()).toMatchObject({ inForce: [], healed: [{ state: 'healed', healsAt: null }] });
    expect(happened.at(-1)).toBe('ended 1-s3-error: healed, by itself');
    expect(await refusal(faults.heal('1-s3-error'))).toMatchObject({
      status: 409,
      message: '1-s3-error was healed already',
    });
  });

  it('that was healed by hand is not healed when its time would be over', async () => {
    await inject('s3-error', { for: 30_000 });
    await heal('1-s3-error');
    await clock.advance(60_000);
    expect(happened.filter((what) => what.startsWith('heal '))).toHaveLength(1);
    // Nor does anything wait for that time.
    await inject('s3-error', { for: 30_000 });
    await heal('2-s3-error');
    const then = clock.now();
    await expect(clock.run(new Promise(() => {}))).rejects.toThrow(`at ${then} ms nothing is planned`);
  });

  it('of an id that there is not is not found', async () => {
    expect(await refusal(faults.heal('7-latency'))).toMatchObject({
      status: 404,
      details: { remedy: 'nothing is in force' },
    });
    await inject('s3-error');
    expect(await refusal(faults.get('7-latency'))).toMatchObject({
      status: 404,
      details: { remedy: 'in force: 1-s3-error' },
    });
  });

  it('whose evidence cannot be asked is in force all the same', async () => {
    await inject('s3-error');
    broken.set('evidence 1-s3-error', new Error('the gateway does not answer'));
    expect((await faults.list()).inForce).toMatchObject([
      { state: 'in-force', evidence: null, error: expect.stringContaining('the gateway does not answer') },
    ]);
    expect((await faults.list()).inForce).toMatchObject([{ evidence: { fired: 2 }, error: null }]);
  });

  it('is forgotten after a hundred others', async () => {
    for (let turn = 0; turn < 101; turn++) {
      await inject('s3-error');
      await heal(`${turn + 1}-s3-error`);
    }
    const { healed } = await faults.list();
    expect([healed.length, healed[0]?.id, healed.at(-1)?.id]).toEqual([100, '101-s3-error', '2-s3-error']);
  });
});

describe('is refused, and nothing is injected:', () => {
  it.each([
    ['disk', /on the machine of a block writer of ours.*your client is out of its reach/, /put it in the timeline/],
    ['handshake', /it acts on TLS, and this path speaks plain HTTP/, /tempo-s3-chaos up --tls/],
    ['restart', /this path has none of its own/, /timeline/],
  ])('%s', async (fault, why, remedy) => {
    const error = await refusal(faults.inject(request(fault)));
    expect(error).toMatchObject({
      status: 409,
      message: expect.stringMatching(why),
      details: { remedy: expect.stringMatching(remedy) },
    });
    expect([happened, rules]).toEqual([[], []]);
  });

  it('what touches the same thing as another, asked for at the same moment too', async () => {
    const both = [faults.inject(request('throttle')), faults.inject(request('outage'))];
    const [first, second] = await clock.run(Promise.allSettled(both));
    expect([first?.status, second?.status]).toEqual(['fulfilled', 'rejected']);
    expect((second as PromiseRejectedResult).reason).toMatchObject({
      status: 409,
      message: 'outage cannot be injected: 1-throttle is in force, and both decide how fast S3 answers',
      details: { remedy: 'heal that one first: tempo-s3-chaos heal 1-throttle' },
    });
    expect(rules).toEqual(['1-throttle']);
    // What touches nothing that is touched comes beside it; and once healed, the other one may.
    await inject('s3-error');
    await heal('1-throttle');
    expect(await inject('outage')).toMatchObject({ state: 'in-force' });
  });
});

it('takes what fills a disk where the disk can be filled, and says why not where it cannot', async () => {
  server = { disk: { limited: false, problem: 'its disk is that of this machine', remedy: 'run it as root' } };
  expect(await refusal(faults.inject(request('full')))).toMatchObject({
    status: 409,
    message: 'full cannot be injected: its disk is that of this machine',
    details: { remedy: 'run it as root' },
  });
  server = { disk: { limited: true, bytes: 1000 } };
  expect(await inject('full')).toMatchObject({ state: 'in-force' });
});

it('takes a fault of TLS on a path that has it', async () => {
  secure = true;
  expect(await inject('handshake')).toMatchObject({ state: 'in-force' });
});

describe('what cannot be injected', () => {
  it('leaves nothing, and tells why and what to do', async () => {
    broken.set(
      'inject 1-s3-error',
      Object.assign(new Error('the disk has no size of its own'), { remedy: 'mount one' }),
    );
    expect(await refusal(faults.inject(request('s3-error')))).toMatchObject({
      status: 502,
      message: 's3-error could not be injected: the disk has no size of its own',
      details: { remedy: 'mount one' },
    });
    expect(await faults.list()).toEqual({ inForce: [], healed: [] });
    expect(await inject('s3-error')).toMatchObject({ id: '2-s3-error' });
  });

  it('whole is in force by half, is told, keeps what touches the same away, and cannot be healed', async () => {
    broken.set('inject 1-throttle', new HalfInjectedError(new Error('no rule'), new Error('no answer')));
    expect(await refusal(faults.inject(request('throttle')))).toMatchObject({
      status: 502,
      message: expect.stringContaining(
        'throttle could not be injected whole: no rule; and what was injected of it could not be healed: no answer',
      ),
      details: { inForce: ['1-throttle'] },
    });
    expect((await faults.list()).inForce).toMatchObject([{ id: '1-throttle', state: 'half-injected', evidence: null }]);
    expect(await refusal(faults.inject(request('outage')))).toMatchObject({ status: 409 });
    expect(await refusal(faults.heal('1-throttle'))).toMatchObject({
      status: 502,
      details: { inForce: ['1-throttle'] },
    });
  });
});

describe('a heal that fails', () => {
  it('says what is in force still, and can be tried again', async () => {
    await inject('throttle', { for: 30_000 });
    broken.set('heal 1-throttle', new Error('the gateway does not answer'));
    expect(await refusal(faults.heal('1-throttle'))).toMatchObject({
      status: 502,
      message: '1-throttle could not be healed: the gateway does not answer',
      details: { inForce: ['gateway rule: 1-throttle'] },
    });
    expect((await faults.list()).inForce).toMatchObject([
      { id: '1-throttle', state: 'heal-failed', error: 'the gateway does not answer' },
    ]);
    expect(await refusal(faults.inject(request('outage')))).toMatchObject({ status: 409 });
    expect(await heal('1-throttle')).toMatchObject({ state: 'healed', error: null });
    expect(await inject('outage')).toMatchObject({ state: 'in-force' });
  });

  it('by itself is told to the observer', async () => {
    await inject('s3-error', { for: 1000 });
    broken.set('heal 1-s3-error', new Error('the gateway does not answer'));
    await clock.advance(2000);
    expect(happened.at(-1)).toBe('ended 1-s3-error: heal-failed, by itself');
  });

  it('without saying so is found out where it acts', async () => {
    await inject('sticky');
    expect(await refusal(faults.heal('1-sticky'))).toMatchObject({
      status: 502,
      message: expect.stringContaining('it says that it was healed, and something of it is still there'),
      details: { inForce: ['gateway rule: 1-sticky'] },
    });
    expect((await faults.list()).inForce).toMatchObject([{ state: 'heal-failed' }]);
  });

  it('does not keep the others from being healed', async () => {
    for (const fault of ['s3-error', 'throttle', 'latency']) await inject(fault);
    broken.set('heal 2-throttle', new Error('the gateway does not answer'));
    expect(await refusal(faults.healAll())).toMatchObject({
      status: 502,
      message: '2-throttle could not be healed: the gateway does not answer',
      details: { inForce: ['gateway rule: 2-throttle'] },
    });
    expect(happened.filter((what) => what.startsWith('heal '))).toEqual([
      'heal 3-latency',
      'heal 2-throttle',
      'heal 1-s3-error',
    ]);
    expect((await clock.run(faults.healAll())).map(({ id }) => id)).toEqual(['2-throttle']);
    expect(await clock.run(faults.healAll())).toEqual([]);
  });
});

it('takes no more once it is closed, and heals what is in force', async () => {
  await inject('s3-error');
  const closing = faults.close();
  expect(await refusal(faults.inject(request('latency')))).toMatchObject({
    status: 409,
    message: expect.stringContaining('being taken down'),
  });
  expect((await clock.run(closing)).map(({ id }) => id)).toEqual(['1-s3-error']);
  expect(rules).toEqual([]);
});
