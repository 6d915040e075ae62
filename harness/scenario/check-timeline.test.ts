import { describe, expect, it } from 'vitest';
import { tempoDefaults } from '../tempo/defaults.ts';
import { checkTimeline } from './check-timeline.ts';
import { type ScenarioInput, scenarioSchema } from './scenario.ts';
import { ScenarioError } from './scenario-error.ts';

/** Blocks of 500 MiB at 5 MiB/s: one is cut each 100 s, four by 5m, and the last one waits 10 s at most. */
function problems(change: Partial<ScenarioInput>, settings = tempoDefaults()): string[] {
  const scenario = scenarioSchema.parse({
    name: 'a',
    about: 'b',
    load: { rate: '5MiB/s', blocks: 4 },
    ...change,
  });
  try {
    checkTimeline('a.yaml', scenario, settings);
    return [];
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return error.message.split('\n');
  }
}

const throttled = (at: string, duration = '1m') => ({ at, for: duration, fault: 's3-error' });

describe('a fault has to begin while blocks are written', () => {
  it('up to the last flush, to the millisecond', () => {
    expect(problems({ timeline: [throttled('5m10s')] })).toEqual([]);
    expect(problems({ timeline: [throttled('5m10.001s')] })).toEqual([
      'a.yaml: timeline entry 1 (s3-error): it begins at 5m10.001s, after the last block: 4 blocks, one each 1m40s, are written by 5m10s (let it begin earlier, or raise load.blocks)',
    ]);
  });

  it('of blocks that are cut by their age, if that comes first', () => {
    const settings = tempoDefaults();
    settings.blocks.maxBlockDuration = 10_000;
    expect(problems({ timeline: [throttled('40s')] }, settings)).toEqual([]);
    expect(problems({ timeline: [throttled('41s')] }, settings)[0]).toContain('one each 10s, are written by 40s');
  });

  it('of blocks that take longer to fill, since limits refuse a part of the load', () => {
    const settings = tempoDefaults();
    settings.other.rateLimitBytes = 2.5 * 1024 * 1024;
    const limited = (limits: boolean) =>
      problems({ load: { rate: '5MiB/s', blocks: 4, limits }, timeline: [throttled('10m')] }, settings);
    expect(limited(false)[0]).toContain('one each 1m40s, are written by 5m10s');
    expect(limited(true)).toEqual([]);
  });

  it('unless an earlier one holds blocks back for it', () => {
    expect(problems({ timeline: [throttled('5m', '20m'), throttled('10m')] })).toEqual([]);
    // None is earlier than the other.
    expect(problems({ timeline: [throttled('10m'), throttled('10m')] })).toHaveLength(2);
  });
});

describe('what compression makes too short is refused', () => {
  const compression = { time: 90, bytes: 100 };
  it.each([
    [{ at: '100ms', for: '1m', fault: 's3-error' }, 'at: 100ms divided by compression.time 90 is 1.111111ms'],
    [{ at: '1s', for: '179ms', fault: 's3-error' }, 'for: 179ms divided by compression.time 90 is 1.988889ms'],
    [
      { at: '1s', for: '1m', fault: 'latency', with: { latency: '100ms' } },
      'latency: 100ms divided by compression.time 90 is 1.111111ms',
    ],
    [
      { at: '1s', for: '1m', fault: 'latency', with: { latency: '1s', jitter: '90ms' } },
      'jitter: 90ms divided by compression.time 90 is 1ms',
    ],
  ])('%j', (entry, message) => {
    const found = problems({ compression, timeline: [throttled('1s'), entry] });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`a.yaml: timeline entry 2 (${entry.fault}): ${message}`);
    expect(found[0]).toMatch(/\(a compression\.time of \d+ or less, or a longer \w+\)$/);
  });

  it('durations of the load', () => {
    const load = { rate: '5MiB/s', blocks: 4, traceLength: '100ms', startOver: '150ms' };
    const found = problems({ compression, load });
    expect(found.map((problem) => problem.slice(0, 32))).toEqual([
      'a.yaml: load: traceLength: 100ms',
      'a.yaml: load: startOver: 150ms d',
    ]);
  });

  it("a config's own durations too, and all of it is told at once", () => {
    const found = problems({
      compression: { time: 200, bytes: 1 },
      timeline: [throttled('100ms', '1ms'), throttled('1h')],
      expect: { visibleWithin: '100ms', recoveredWithin: '10ms' },
    });
    expect(found).toEqual([
      expect.stringMatching(/^a\.yaml: policy\.backoffUnit: 200ms divided by compression\.time 200 is 1ms/),
      expect.stringMatching(/^a\.yaml: timeline entry 1 \(s3-error\): at: 100ms divided by/),
      expect.stringMatching(/^a\.yaml: timeline entry 1 \(s3-error\): for: 1ms divided by/),
      expect.stringMatching(/^a\.yaml: expect: visibleWithin: 100ms divided by/),
      expect.stringMatching(/^a\.yaml: expect: recoveredWithin: 10ms divided by/),
    ]);
  });
});

describe('a fault of TLS needs a config that speaks it', () => {
  const slow = { at: '1s', for: '1m', fault: 'tls-handshake', with: { mode: 'hang' } };

  it('and is refused where it is plain HTTP', () => {
    const settings = tempoDefaults();
    settings.s3.insecure = true;
    expect(problems({ timeline: [slow] }, settings)).toEqual([
      'a.yaml: timeline entry 1 (tls-handshake): it acts on TLS, and the config says `insecure: true`, which is plain HTTP (set: { storage.trace.s3.insecure: false } in the scenario, or a config without it)',
    ]);
    settings.s3.insecure = false;
    expect(problems({ timeline: [slow] }, settings)).toEqual([]);
  });

  it('and one that an entry stands for is named by its entry', () => {
    const settings = tempoDefaults();
    settings.s3.insecure = true;
    const [first] = problems({ timeline: [{ ...slow, repeat: { every: '2m', times: 2 } }] }, settings);
    expect(first).toMatch(/^a\.yaml: timeline entry 1, time 1 of 2 \(tls-handshake\): it acts on TLS/);
  });
});
