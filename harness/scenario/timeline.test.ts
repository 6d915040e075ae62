import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../clock.ts';
import type { Lease } from '../environment/lease.ts';
import type { HistoryEvent } from '../history/events.ts';
import { Compression } from './compression.ts';
import { type ScenarioInput, scenarioSchema } from './scenario.ts';
import { faultId, runTimeline, type TimelineContext } from './timeline.ts';

/** A lease whose parts write down what is asked of them, with the time, and can refuse it. */
function fakeLease(clock: VirtualClock, refuse: Record<string, string> = {}) {
  const asked: string[] = [];
  const ask =
    <Answer>(what: string, answer: Answer) =>
    async (argument?: unknown) => {
      const detail = typeof argument === 'string' ? argument : ((argument as { name?: string; rule?: string }) ?? {});
      const name = typeof detail === 'string' ? detail : (detail.name ?? detail.rule ?? '');
      asked.push(`${clock.now()} ${what} ${name}`.trim());
      const why = refuse[what] ?? refuse[`${what} ${name}`];
      if (why) throw new Error(why);
      return answer;
    };
  const lease = {
    proxy: {
      addToxic: ask('addToxic', undefined),
      removeToxic: ask('removeToxic', undefined),
      endConnections: ask('endConnections', undefined),
    },
    edge: { addRule: ask('addRule', undefined), removeRule: ask('removeRule', { considered: 7, fired: 3 }) },
    dns: { fail: ask('fail', undefined), heal: ask('heal', { fired: 5, considered: 5 }) },
  } as unknown as Lease;
  return { lease, asked };
}

interface Ran {
  events: HistoryEvent[];
  asked: string[];
  doing: string[];
  took: number;
}

async function run(
  timeline: NonNullable<ScenarioInput['timeline']>,
  how: {
    time?: number;
    abortAt?: number;
    refuse?: Record<string, string>;
    injected?: TimelineContext['injected'];
  } = {},
): Promise<Ran> {
  const { timeline: entries } = scenarioSchema.parse({
    name: 'a',
    about: 'b',
    load: { rate: '1MB/s', blocks: 1 },
    timeline,
  });
  const clock = new VirtualClock();
  const { lease, asked } = fakeLease(clock, how.refuse);
  const events: HistoryEvent[] = [];
  const doing: string[] = [];
  const abort = new AbortController();
  if (how.abortAt === 0) abort.abort();
  else if (how.abortAt !== undefined) clock.after(how.abortAt, () => abort.abort());
  await clock.run(
    runTimeline(entries, {
      lease,
      seed: 42,
      compression: new Compression(how.time ?? 1, 1),
      clock,
      record: (event) => events.push(event),
      signal: abort.signal,
      doing: (what) => doing.push(what),
      ...(how.injected && { injected: how.injected }),
    }),
  );
  return { events, asked, doing, took: clock.now() };
}

/** `t type id`, for the order. */
const lines = ({ events }: Ran) =>
  events.map((event) => `${event.t} ${event.type} ${'id' in event ? event.id : ''}`.trim());

const latency = (at: string, duration: string) => ({
  at,
  for: duration,
  fault: 'latency',
  with: { latency: '500ms' },
});
const throttled = (at: string, duration: string) => ({ at, for: duration, fault: 's3-error' });
const dnsDown = (at: string, duration: string) => ({
  at,
  for: duration,
  fault: 'dns-failure',
  with: { mode: 'servfail' },
});

describe('a timeline', () => {
  it('injects each fault at its time, holds it, and heals it; side by side', async () => {
    const ran = await run([latency('1s', '10s'), throttled('5s', '2s'), dnsDown('20s', '1s')]);
    expect(lines(ran)).toEqual([
      '1000 fault.start 1-latency',
      '5000 fault.start 2-s3-error',
      '7000 fault.end 2-s3-error',
      '11000 fault.end 1-latency',
      '20000 fault.start 3-dns-failure',
      '21000 fault.end 3-dns-failure',
    ]);
    expect(ran.asked).toEqual([
      '1000 addToxic 1-latency-downstream',
      '5000 addRule 2-s3-error',
      '7000 removeRule 2-s3-error',
      '11000 removeToxic 1-latency-downstream',
      '20000 fail 3-dns-failure',
      '20000 endConnections',
      '21000 heal',
    ]);
    expect(ran.doing).toEqual([
      'latency',
      'latency + s3-error',
      'latency',
      'between faults',
      'dns-failure',
      'between faults',
    ]);
  });

  it('may have any number of entries, and Node warns of none', async () => {
    const warnings: string[] = [];
    const warned = ({ message }: Error) => void warnings.push(message);
    process.on('warning', warned);
    try {
      await run(Array.from({ length: 20 }, (_, second) => throttled(`${second + 1}s`, '500ms')));
      // A warning is told in a turn of its own.
      await new Promise(setImmediate);
    } finally {
      process.off('warning', warned);
    }
    expect(warnings).toEqual([]);
  });

  it('records what was injected, and what it did', async () => {
    const { events } = await run([throttled('0s', '1s'), dnsDown('0s', '2s'), latency('0s', '3s')]);
    expect(events.slice(0, 3)).toContainEqual({
      t: 0,
      type: 'fault.start',
      id: '3-latency',
      fault: 'latency',
      with: { latency: 500, jitter: 0, direction: 'downstream' },
    });
    expect(events.slice(3)).toEqual([
      {
        t: 1000,
        type: 'fault.end',
        id: '1-s3-error',
        fault: 's3-error',
        until: 1000,
        healed: true,
        fired: 3,
        unit: 'requests',
        evidence: { considered: 7 },
      },
      {
        t: 2000,
        type: 'fault.end',
        id: '2-dns-failure',
        fault: 'dns-failure',
        until: 2000,
        healed: true,
        fired: 5,
        evidence: { considered: 5 },
        unit: 'queries',
      },
      {
        t: 3000,
        type: 'fault.end',
        id: '3-latency',
        fault: 'latency',
        until: 3000,
        healed: true,
        fired: null,
        unit: 'requests',
      },
    ]);
  });

  it('runs compressed, times and parameters', async () => {
    const ran = await run([latency('1s', '10s')], { time: 10 });
    expect(lines(ran)).toEqual(['100 fault.start 1-latency', '1100 fault.end 1-latency']);
    expect(ran.events[0]).toMatchObject({ with: { latency: 50 } });
  });

  it('two of one kind: the one that ends first does not hide the other', async () => {
    const ran = await run([throttled('0s', '2s'), throttled('1s', '5s')]);
    expect(ran.doing).toEqual(['s3-error', 's3-error', 's3-error', 'between faults']);
  });

  it('ended early heals at once what is in force, and begins nothing more', async () => {
    const ran = await run([latency('1s', '10m'), throttled('2s', '10m'), dnsDown('5m', '1s')], { abortAt: 3000 });
    expect(lines(ran).slice(0, 2)).toEqual(['1000 fault.start 1-latency', '2000 fault.start 2-s3-error']);
    expect(lines(ran).slice(2).sort()).toEqual(['3000 fault.end 1-latency', '3000 fault.end 2-s3-error']);
    expect(ran.asked.slice(2).sort()).toEqual(['3000 removeRule 2-s3-error', '3000 removeToxic 1-latency-downstream']);
    expect(ran.took).toBe(3000);
  });

  it('ended before it begins does nothing', async () => {
    const ran = await run([latency('0s', '10m')], { abortAt: 0 });
    expect([ran.events, ran.asked, ran.took]).toEqual([[], [], 0]);
  });

  it('without faults is over at once', async () => {
    expect(await run([])).toEqual({ events: [], asked: [], doing: [], took: 0 });
  });
});

describe('a fault that cannot be injected', () => {
  it('says why, never acted, is over at once, and the others go on', async () => {
    const ran = await run([latency('1s', '10s'), throttled('2s', '1s')], { refuse: { addToxic: 'Toxiproxy is gone' } });
    expect(lines(ran)).toEqual([
      '1000 fault.start 1-latency',
      '1000 fault.end 1-latency',
      '2000 fault.start 2-s3-error',
      '3000 fault.end 2-s3-error',
    ]);
    expect(ran.events[1]).toEqual({
      t: 1000,
      type: 'fault.end',
      id: '1-latency',
      fault: 'latency',
      until: 1000,
      healed: true,
      fired: 0,
      unit: 'requests',
      error: 'it could not be injected: Toxiproxy is gone',
    });
    expect(ran.doing).toEqual(['s3-error', 'between faults']);
  });

  it('half-way is taken back', async () => {
    const both = { at: '1s', for: '1s', fault: 'latency', with: { latency: '1s', direction: 'both' } };
    const ran = await run([both], { refuse: { 'addToxic 1-latency-downstream': 'no more' } });
    expect(ran.asked).toEqual([
      '1000 addToxic 1-latency-upstream',
      '1000 addToxic 1-latency-downstream',
      '1000 removeToxic 1-latency-upstream',
    ]);
    const dns = await run([dnsDown('1s', '1s')], { refuse: { endConnections: 'Toxiproxy is gone' } });
    expect(dns.asked).toEqual(['1000 fail 1-dns-failure', '1000 endConnections', '1000 heal']);
    expect(dns.events.at(-1)).toMatchObject({ healed: true, error: 'it could not be injected: Toxiproxy is gone' });
  });

  it('and not be taken back either, is not healed', async () => {
    const both = { at: '1s', for: '1s', fault: 'latency', with: { latency: '1s', direction: 'both' } };
    const ran = await run([both], {
      refuse: { 'addToxic 1-latency-downstream': 'no more', removeToxic: 'Toxiproxy is gone' },
    });
    expect(ran.events.at(-1)).toMatchObject({
      type: 'fault.end',
      healed: false,
      error: 'it could not be injected: no more; and what was injected of it could not be healed: Toxiproxy is gone',
    });
  });
});

describe('a fault that cannot be healed', () => {
  it('is not healed, says why, and the others go on', async () => {
    const ran = await run([throttled('0s', '1s'), latency('0s', '2s')], {
      refuse: { removeRule: 'the gateway is gone' },
    });
    expect(ran.events.slice(2)).toEqual([
      {
        t: 1000,
        type: 'fault.end',
        id: '1-s3-error',
        fault: 's3-error',
        until: 1000,
        healed: false,
        fired: null,
        unit: 'requests',
        error: 'the gateway is gone',
      },
      expect.objectContaining({ t: 2000, id: '2-latency', healed: true }),
    ]);
    expect(ran.doing.at(-1)).toBe('between faults');
  });

  it('in one direction is healed in the other', async () => {
    const both = { at: '0s', for: '1s', fault: 'latency', with: { latency: '1s', direction: 'both' } };
    const ran = await run([both], { refuse: { 'removeToxic 1-latency-upstream': 'it hangs' } });
    expect(ran.asked.slice(2)).toEqual([
      '1000 removeToxic 1-latency-upstream',
      '1000 removeToxic 1-latency-downstream',
    ]);
    expect(ran.events.at(-1)).toMatchObject({ healed: false, error: 'it hangs' });
  });
});

describe('a heal that waits for the path to be well, as that of a killed writer does for its start', () => {
  /** The `latency` entries are such faults: healed `after` so long, or not at all once the patience is over. */
  const waiting = (
    after: number,
    timeline: NonNullable<ScenarioInput['timeline']>,
    how: Parameters<typeof run>[1] = {},
  ) =>
    run(timeline, {
      ...how,
      injected: (definition) =>
        definition.name !== 'latency'
          ? definition
          : {
              inject: async ({ clock, patience }) => ({
                evidence: async () => ({ fired: 1, unit: 'times' }),
                async heal() {
                  await clock.sleep(after, patience);
                  return { fired: 1, unit: 'times' };
                },
              }),
            },
    });

  it('holds up no other: those are healed when they are due, and are what it waits for', async () => {
    const ran = await waiting(60_000, [latency('0s', '1s'), throttled('0s', '5s'), throttled('10s', '1s')]);
    expect(ran.events.filter(({ type }) => type === 'fault.end')).toMatchObject([
      { t: 5000, id: '2-s3-error' },
      { t: 11_000, id: '3-s3-error' },
      { t: 61_000, until: 1000, id: '1-latency', healed: true },
    ]);
  });

  it.each([
    [1, 605_000, '10m'],
    [20, 30_250, '10m'],
    [100, 30_050, '50m'],
  ])(
    'is waited for until ten minutes after the timeline, and half a minute as it passes: time by %i',
    async (time, t, ago) => {
      const ran = await waiting(3_600_000, [latency('0s', '2s'), throttled('0s', '5s')], { time });
      expect(ran.events.at(-1)).toMatchObject({
        t,
        id: '1-latency',
        healed: false,
        error: `all faults were to be over ${ago} ago`,
      });
      expect(ran.took).toBe(t);
    },
  );

  it('is waited for no more when the run is told to stop', async () => {
    const ran = await waiting(3_600_000, [latency('0s', '1s')], { abortAt: 2000 });
    expect(ran.events.at(-1)).toMatchObject({ t: 2000, id: '1-latency', healed: false });
  });
});

it('the id of an entry counts from 1', () => {
  expect(faultId(0, { at: 0, for: 1, fault: 'latency', with: {} })).toBe('1-latency');
});
