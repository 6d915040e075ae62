import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { faults } from '../faults/catalogue.ts';
import { defineFault, type FaultDefinition } from '../faults/fault.ts';
import { positiveDuration } from '../faults/parameters.ts';
import { checkTimeline } from '../scenario/check-timeline.ts';
import { Compression } from '../scenario/compression.ts';
import { scenarioYaml } from '../scenario/demonstrations.ts';
import { parseScenario } from '../scenario/read-scenario.ts';
import { scenarioSchema } from '../scenario/scenario.ts';
import type { TempoSettings } from '../tempo/settings.ts';
import { drawTimeline } from './draw-timeline.ts';
import type { Drawn } from './drawn.ts';
import { exampleSettings } from './example-settings.ts';
import { exploredScenario, suitedTime } from './explored-scenario.ts';
import { type Intensity, intensities } from './intensity.ts';
import { type Drawable, repertoire } from './repertoire.ts';
import { roomOf } from './room.ts';

const plain = exampleSettings();
const known = new Map<string, readonly Drawable[]>();

function draw(
  seed: number,
  number: number,
  {
    settings = plain,
    intensity = 'usual' as Intensity,
    ...asked
  }: { settings?: TempoSettings; intensity?: Intensity } & Parameters<typeof repertoire>[1] = {},
): Drawn {
  const key = JSON.stringify([settings, asked.only, asked.faults?.map(({ name }) => name)]);
  const drawable = known.get(key) ?? repertoire(settings, asked).drawable;
  known.set(key, drawable);
  return drawTimeline(number, { seed, drawable, intensity, compression: new Compression(suitedTime(settings), 1) });
}

const scenarioOf = (drawn: Drawn, settings = plain) => exploredScenario(drawn, settings, roomOf(drawn, settings));

describe('a drawn timeline', () => {
  const configs = {
    'plain HTTP': plain,
    TLS: exampleSettings('storage.trace.s3.insecure=false'),
    'Tempo 3': exampleSettings('tempo.version=3.0'),
    'one attempt, small blocks': exampleSettings('policy.attempts=1', 'ingester.max_block_bytes=1000000'),
    'waits too short to be compressed': exampleSettings('policy.backoffUnit=5ms'),
  };

  it.each(Object.entries(configs))('is always one that can be run: %s', (_, settings) => {
    const lots = fc.tuple(
      fc.nat(Number.MAX_SAFE_INTEGER),
      fc.integer({ min: 1, max: 10_000 }),
      fc.constantFrom(...intensities),
    );
    fc.assert(
      fc.property(lots, ([seed, number, intensity]) => {
        const input = scenarioOf(draw(seed, number, { settings, intensity }), settings);
        const scenario = scenarioSchema.parse(input);
        expect(() => checkTimeline('it', scenario, settings)).not.toThrow();
        expect(parseScenario(scenarioYaml(input), 'it.yaml')).toEqual(scenario);
      }),
      { numRuns: 300 },
    );
  });

  it('has every fault that can be drawn, sooner or later, and one to four of them', () => {
    const seen = new Set<string>();
    const sizes = new Set<number>();
    for (let number = 1; number <= 1000; number++) {
      const { entries } = draw(1, number);
      sizes.add(entries.length);
      for (const { fault } of entries) seen.add(fault);
    }
    expect([...sizes].sort()).toEqual([1, 2, 3, 4]);
    expect([...seen].sort()).toEqual(
      repertoire(plain, {})
        .drawable.map(({ fault }) => fault.name)
        .sort(),
    );
  });

  it('draws faults as often as they weigh', () => {
    const count = new Map<string, number>();
    for (let number = 1; number <= 2000; number++) {
      // Of these none touches what another does, and none asks for a load of its own.
      const [first] = draw(9, number, { only: ['s3-error', 'latency', 'redirect', 'connection-reset'] }).entries;
      const name = first?.fault ?? '';
      count.set(name, (count.get(name) ?? 0) + 1);
    }
    // 10, 8, 1 and 5 of 24.
    expect((count.get('s3-error') ?? 0) / 2000).toBeCloseTo(10 / 24, 1);
    expect((count.get('latency') ?? 0) / 2000).toBeCloseTo(8 / 24, 1);
    expect((count.get('connection-reset') ?? 0) / 2000).toBeCloseTo(5 / 24, 1);
    expect(count.get('redirect') ?? 0).toBeGreaterThan(0);
  });

  it('ends or pauses the writers beside other faults too, which have the time of two blocks without that', () => {
    const away = ['writer-crash', 'writer-pause', 'rolling-restart'];
    const met = new Set<string>();
    for (let number = 1; number <= 1000; number++) {
      const { entries } = draw(2, number, { intensity: 'harsh' });
      for (const one of entries.filter(({ fault }) => away.includes(fault))) {
        for (const other of entries.filter((each) => each !== one)) {
          const common = Math.min(one.at + one.for, other.at + other.for) - Math.max(one.at, other.at);
          if (common <= 0) continue;
          met.add(one.fault);
          expect(away).not.toContain(other.fault);
          expect(other.for - common).toBeGreaterThanOrEqual(20_000);
        }
      }
    }
    expect([...met].sort()).toEqual(away.sort());
  });

  it('varies the parameters of a fault, within what its schema allows', () => {
    const drawn = Array.from({ length: 300 }, (_, index) => draw(3, index + 1, { only: ['latency'] }).entries[0]?.with);
    const values = (name: string) => [...new Set(drawn.map((one) => one?.[name]))].map(String).sort();
    expect(values('latency')).toEqual(['1s', '250ms', '500ms']);
    expect(values('direction')).toEqual(['both', 'undefined', 'upstream']);
  });
});

describe('a seed', () => {
  it('gives the same timelines, byte for byte', () => {
    const yaml = [1, 2, 3].map((number) => scenarioYaml(scenarioOf(draw(42, number)))).join('---\n');
    expect(yaml).toMatchInlineSnapshot(`
      "name: explored-42-1
      about: "Timeline 1 of seed 42: partial-outage for 45s, never-answer for 3m."
      seed: 691038482
      compression: { time: 20, bytes: 201 }
      load: { rate: 50MiB/s, blocks: 24 }
      timeline:
        - at: 5s
          for: 45s
          fault: partial-outage
          with: { key: "^single-tenant/[0-7]", code: UnauthorizedAccessError }
        - at: 37s
          for: 3m
          fault: never-answer
          with: { operations: [ PutObject ], key: data\\.parquet$, first: 1 }
      expect:
        lost: 0
        visibleWithin: 10m
        recoveredWithin: 11m
      ---
      name: explored-42-2
      about: "Timeline 2 of seed 42: bandwidth for 1m."
      seed: 1626173563
      compression: { time: 20, bytes: 201 }
      load: { rate: 50MiB/s, blocks: 10 }
      timeline:
        - at: 19s
          for: 1m
          fault: bandwidth
          with: { rate: 20MB/s }
      expect:
        lost: 0
        deadlineExceeded: 0
        visibleWithin: 10m
        recoveredWithin: 11m
      ---
      name: explored-42-3
      about: "Timeline 3 of seed 42: lost-answer for 1m, server-throttled for 30s, bandwidth for 1m."
      seed: 1071925042
      compression: { time: 20, bytes: 80 }
      load: { writers: 2, rate: 50MiB/s, blocks: 24 }
      set: { storage.trace.s3.part_size: 5242880 }
      timeline:
        - at: 16s
          for: 1m
          fault: lost-answer
          with: { operations: [ CompleteMultipartUpload ], first: 1 }
        - at: 1m45s
          for: 30s
          fault: server-throttled
          with: { requests: 1 }
        - at: 2m35s
          for: 1m
          fault: bandwidth
          with: { rate: 20MB/s }
      expect:
        lost: 0
        visibleWithin: 10m
        recoveredWithin: 11m
      "
    `);
  });

  it('gives other timelines than the next one', () => {
    expect(draw(43, 1).entries).not.toEqual(draw(42, 1).entries);
    expect(draw(42, 1).seed).not.toBe(draw(42, 2).seed);
  });

  it('gives the same timelines without a fault, but for those that it was part of', () => {
    const without = faults.filter(({ name }) => name !== 's3-error');
    let others = 0;
    for (let number = 1; number <= 200; number++) {
      const drawn = draw(5, number);
      if (drawn.entries.some(({ fault }) => fault === 's3-error')) continue;
      others++;
      expect(draw(5, number, { faults: without })).toEqual(drawn);
    }
    expect(others).toBeGreaterThan(100);
  });
});

it('picks up a new fault by what it declares', () => {
  const [latency] = faults;
  const fresh = defineFault({
    ...(latency as FaultDefinition),
    name: 'fresh',
    parameters: z.strictObject({ late: positiveDuration() }),
    example: { late: '1s' },
    demonstrations: [
      {
        about: 'It is late.',
        load: { rate: '1MB/s', blocks: 2 },
        timeline: [{ at: '0s', for: '30s', with: { late: '40s' } }],
        expect: { lost: 0 },
      },
    ],
    compress: ({ late }, compression) => ({ late: compression.duration(late, 'late') }),
  });
  const drawn = Array.from({ length: 100 }, (_, index) => draw(1, index + 1, { faults: [fresh], intensity: 'mild' }));
  const entries = drawn.flatMap((one) => one.entries);
  expect(new Set(entries.map(({ fault }) => fault))).toEqual(new Set(['fresh']));
  expect(new Set(entries.map((entry) => entry.with.late))).toEqual(new Set(['40s', '20s']));
  expect(new Set(entries.map((entry) => entry.for))).toEqual(new Set([20_000, 23_000, 30_000]));
});
