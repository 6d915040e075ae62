import { describe, expect, it } from 'vitest';
import { type Drawn, type DrawnEntry, longestOutage } from './drawn.ts';
import { exampleSettings } from './example-settings.ts';
import { exploredScenario, suitedTime } from './explored-scenario.ts';
import type { Asks } from './repertoire.ts';
import { roomOf } from './room.ts';

const settings = exampleSettings();
const one: Asks = { writers: 1, processes: 1 };
const entry = (at: number, length: number, asks: Asks = one): DrawnEntry => ({
  at: at * 1000,
  for: length * 1000,
  fault: 'latency',
  with: { latency: '500ms' },
  asks,
});
const drawn = (...entries: DrawnEntry[]): Drawn => ({
  explored: { seed: 7, number: 12 },
  seed: 1234,
  writers: 1,
  entries,
});
const scenarioOf = (of: Drawn) => exploredScenario(of, settings, roomOf(of, settings));

describe('the scenario of a timeline', () => {
  it('is named and seeded by it, and cuts a block each ten seconds until its end', () => {
    expect(scenarioOf(drawn(entry(5, 60)))).toEqual({
      name: 'explored-7-12',
      about: 'Timeline 12 of seed 7: latency for 1m.',
      seed: 1234,
      compression: { time: 20, bytes: 201 },
      load: { rate: '50MiB/s', blocks: 9 },
      timeline: [{ at: '5s', for: '1m', fault: 'latency', with: { latency: '500ms' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '11m' },
    });
  });

  it('has no budget that the timeline leaves no room for', () => {
    expect(scenarioOf(drawn(entry(0, 600))).expect).toEqual({ lost: 0, recoveredWithin: '11m' });
  });

  it('has the load that its faults ask for, of which there are parts only by small ones', () => {
    const scenario = scenarioOf(drawn(entry(5, 60), entry(90, 30, { writers: 2, processes: 2, parts: true })));
    expect(scenario.load).toMatchObject({ writers: 2, processes: 2 });
    expect(scenario.set).toEqual({ 'storage.trace.s3.part_size': 5 * 1024 * 1024 });
    expect(settings.blocks.maxBlockBytes / (scenario.compression?.bytes ?? 0)).toBeGreaterThan(5 * 1024 * 1024);
  });
});

it('divides durations by as much as the shortest of the config allows', () => {
  expect(suitedTime(settings)).toBe(20);
  expect(suitedTime(exampleSettings('policy.backoffUnit=10ms'))).toBe(5);
  expect(suitedTime(exampleSettings('policy.backoffUnit=1ms'))).toBe(1);
});

describe('the longest outage', () => {
  it('goes over faults that overlap, and ends with a gap', () => {
    expect(longestOutage(drawn(entry(0, 30), entry(20, 40), entry(70, 50)))).toBe(60_000);
    expect(longestOutage(drawn(entry(0, 100), entry(20, 10)))).toBe(100_000);
  });
});
