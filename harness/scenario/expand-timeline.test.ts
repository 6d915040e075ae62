import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandTimeline } from './expand-timeline.ts';
import { parseScenario } from './read-scenario.ts';
import { ScenarioError } from './scenario-error.ts';
import { timelineEntry } from './timeline-entry.ts';

const base = 'name: a\nabout: b\nload: { rate: 1MB/s, blocks: 2 }\ntimeline:\n';

function timelineOf(entries: string, seed?: number) {
  return parseScenario(base + entries, 's.yaml', seed).timeline;
}

function refusal(entries: string): string {
  try {
    timelineOf(entries);
  } catch (error) {
    if (error instanceof ScenarioError) return error.message;
    throw error;
  }
  throw new Error('it was taken');
}

const times = (entries: string) => timelineOf(entries).map((entry) => [entry.at, entry.for]);

describe('a timeline as it is written', () => {
  it('lets an entry follow another, at once or after a while', () => {
    expect(
      times(
        '  - { at: 10s, for: 20s, fault: s3-error }\n' +
          '  - { after: previous, for: 5s, fault: s3-error }\n' +
          '  - { after: 1, at: 15s, for: 1s, fault: s3-error }\n',
      ),
    ).toEqual([
      [10_000, 20_000],
      [30_000, 5000],
      [45_000, 1000],
    ]);
  });

  it('repeats, and what follows begins after the last time', () => {
    const timeline = timelineOf(
      '  - { at: 10s, for: 5s, fault: s3-error, repeat: { every: 20s, times: 3 } }\n' +
        '  - { after: previous, for: 1s, fault: s3-error }\n',
    );
    expect(timeline.map(({ at }) => at)).toEqual([10_000, 30_000, 50_000, 55_000]);
    expect(timeline.map(({ origin }) => origin)).toEqual([
      'entry 1, time 1 of 3',
      'entry 1, time 2 of 3',
      'entry 1, time 3 of 3',
      undefined,
    ]);
  });

  it('makes a ramp of steps that follow one another, evenly in ratios, from the first value to the last', () => {
    const timeline = timelineOf(
      '  - { at: 0s, for: 50s, fault: latency, with: { latency: 50ms, jitter: 7ms }, ramp: { steps: 3, to: { latency: 5s } } }\n',
    );
    expect(timeline.map(({ at, for: length }) => at + length)).toEqual([50_000 / 3, (2 * 50_000) / 3, 50_000]);
    expect(timeline.map((entry) => entry.with.latency)).toEqual([50, 500, 5000]);
    expect(timeline.map((entry) => entry.with.jitter)).toEqual([7, 7, 7]);
  });

  it('ramps from and to 0 evenly in differences', () => {
    const [first, second, third] = timelineOf(
      '  - { at: 0s, for: 3s, fault: latency, with: { latency: 1s, jitter: 0s }, ramp: { steps: 3, to: { jitter: 100ms } } }\n',
    );
    expect([first, second, third].map((entry) => entry?.with.jitter)).toEqual([0, 50, 100]);
  });

  const random = `  - at: 1m
    for: 10m
    random:
      faults: 8
      shortest: 1s
      longest: 1m
      of:
        - { fault: latency, with: { latency: 1s }, weight: 3 }
        - { fault: s3-error, with: { code: SlowDown } }
        - { fault: dns-failure, with: { mode: servfail } }
`;

  it('draws random faults from the seed alone', () => {
    expect(timelineOf(random, 7)).toEqual(timelineOf(random, 7));
    expect(timelineOf(random, 7)).not.toEqual(timelineOf(random, 8));
  });

  it('keeps random faults in their stretch and their length, and apart from what touches the same thing', () => {
    const parsed = timelineEntry.parse({
      at: '1m',
      for: '10m',
      random: {
        faults: 8,
        shortest: '1s',
        longest: '1m',
        of: [{ fault: 'dns-failure', with: { mode: 'servfail' } }, { fault: 's3-error' }],
      },
    });
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { timeline, problems } = expandTimeline([parsed], seed);
        if (problems.length > 0) return;
        expect(timeline).toHaveLength(8);
        for (const { at, for: length } of timeline) {
          expect(at).toBeGreaterThanOrEqual(60_000);
          expect(at + length).toBeLessThanOrEqual(660_001);
          expect(length).toBeGreaterThanOrEqual(1000);
          expect(length).toBeLessThanOrEqual(60_000);
        }
        const dns = timeline.filter(({ fault }) => fault === 'dns-failure').sort((a, b) => a.at - b.at);
        for (const [index, { at }] of dns.entries()) {
          const before = dns[index - 1];
          if (before) expect(at).toBeGreaterThanOrEqual(before.at + before.for);
        }
      }),
    );
  });

  it('draws by weight', () => {
    const drawn = Array.from({ length: 100 }, (_, seed) => timelineOf(random, seed)).flat();
    const latencies = drawn.filter(({ fault }) => fault === 'latency').length / drawn.length;
    expect(latencies).toBeGreaterThan(0.5);
    expect(latencies).toBeLessThan(0.72);
    // The last of them too, whose place is behind all others.
    const dnsHeavy = random
      .replace('{ mode: servfail } }', '{ mode: servfail }, weight: 12 }')
      .replace('faults: 8', 'faults: 2');
    const others = Array.from({ length: 100 }, (_, seed) => timelineOf(dnsHeavy, seed)).flat();
    expect(others.filter(({ fault }) => fault === 'dns-failure').length / others.length).toBeGreaterThan(0.6);
  });
});

describe('what cannot be is refused with its place', () => {
  it.each([
    ['no time at all', '  - { for: 1s, fault: s3-error }', '5:5: timeline entry 1, at is missing'],
    ['no fault', '  - { at: 1s, for: 1s }', '5:5: timeline entry 1, fault is missing'],
    [
      'the first after another',
      '  - { after: previous, for: 1s, fault: s3-error }',
      '5:7: timeline entry 1, after: "previous": there is no entry before the first: give a time with `at`',
    ],
    [
      'one after itself',
      '  - { at: 1s, for: 1s, fault: s3-error }\n  - { after: 2, for: 1s, fault: s3-error }',
      '6:7: timeline entry 2, after: 2: entry 2 does not come before this one: an entry follows one that is above it',
    ],
    [
      'a repetition into itself',
      '  - { at: 1s, for: 10s, fault: s3-error, repeat: { every: 5s, times: 2 } }',
      'timeline entry 1, repeat.every: "5s": each has to end before the next begins: expected more than `for`',
    ],
    [
      'a ramp of what is no number',
      '  - { at: 1s, for: 10s, fault: s3-error, with: { code: SlowDown }, ramp: { to: { code: InternalError } } }',
      'ramp.to.code: "InternalError": only numbers (durations, rates, sizes, probabilities) can be ramped, from one that `with` gives',
    ],
    [
      'a ramp to what the fault refuses',
      '  - { at: 1s, for: 10s, fault: s3-error, with: { probability: 0.1 }, ramp: { to: { probability: 2 } } }',
      'ramp.to.probability: 2: expected a probability of 1 at most, like 0.5',
    ],
    [
      'random faults and a fault',
      '  - { at: 1s, for: 10s, fault: s3-error, random: { faults: 1, shortest: 1s, longest: 2s, of: [{ fault: s3-error }] } }',
      'timeline entry 1, fault: "s3-error": `random` draws its own faults: leave this out',
    ],
    [
      'random faults longer than their stretch',
      '  - { at: 1s, for: 10s, random: { faults: 1, shortest: 1s, longest: 20s, of: [{ fault: s3-error }] } }',
      'random.longest: "20s": expected `for` at most, the stretch they lie in',
    ],
    [
      'more random faults than there is room for',
      '  - { at: 1s, for: 10s, random: { faults: 9, shortest: 5s, longest: 5s, of: [{ fault: dns-failure, with: { mode: servfail } }] } }',
      '9 random faults do not fit into their stretch without meeting others that decide the same',
    ],
    [
      'a repetition that meets another',
      '  - { at: 10s, for: 1s, fault: dns-failure, with: { mode: servfail } }\n' +
        '  - { at: 0s, for: 2s, fault: dns-failure, with: { mode: servfail }, repeat: { every: 5s, times: 3 } }',
      'timeline entry 2, at: "0s": dns-failure overlaps with entry 1 (dns-failure), and both decide the answer to the path\'s DNS name',
    ],
  ])('%s', (_what, entries, message) => {
    expect(refusal(entries)).toContain(message);
  });
});
