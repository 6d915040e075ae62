import { describe, expect, it } from 'vitest';
import type { Cost } from './cost.ts';
import { type PlannedScenario, planScenarios } from './planned.ts';
import { LEAST_LOST_MS, truthOf } from './truth.ts';

const { scenarios, healthy } = planScenarios(42);
const plan = [...healthy, ...scenarios];
const find = (wanted: (one: PlannedScenario) => boolean) => plan.find(wanted) as PlannedScenario;

/** Five blocks that took so long together beyond one second each. */
const cost = (lostMs: number, changed: Partial<Cost> = {}): Cost => ({
  blockMs: Array.from({ length: 5 }, () => 1000 + lostMs / 5),
  failedFlushes: 0,
  deadlineExceeded: 0,
  reachedTimeline: true,
  ...changed,
});

const withHealthy = (...costs: [string, Cost][]) =>
  new Map([...healthy.map(({ name }): [string, Cost] => [name, cost(0)]), ...costs]);

describe('whose doing it really is', () => {
  const single = find(({ name, sides }) => /^single-\d+$/.test(name) && sides[0] === 'network');

  it('of a single cause: that of its side', () => {
    expect(truthOf(single, plan, withHealthy([single.name, cost(60_000)]))).toEqual({
      main: 'network',
      lostMs: { network: 60_000 },
    });
  });

  it('is not counted when next to nothing was lost', () => {
    const costing = (ms: number) => truthOf(single, plan, withHealthy([single.name, cost(ms)]));
    expect(costing(LEAST_LOST_MS - 1_000)).toHaveProperty('notCounted', 'next to nothing was lost');
    expect(costing(LEAST_LOST_MS)).toHaveProperty('main');
  });

  it('is not counted when its causes cost nothing alone, whatever it cost itself', () => {
    const mixed = find(({ sort, alone }) => sort === 'mixed' && alone.length > 0);
    const [main, beside] = mixed.alone as [string, string];
    const { around } = find(({ name }) => name === main);
    const nothing = [main, beside, around as string].map((name): [string, Cost] => [name, cost(0)]);
    expect(truthOf(mixed, plan, withHealthy([mixed.name, cost(90_000)], ...nothing))).toHaveProperty('notCounted');
  });

  it('is not counted when the run never came to its timeline', () => {
    const costs = withHealthy([single.name, cost(60_000, { reachedTimeline: false })]);
    expect(truthOf(single, plan, costs)).toHaveProperty('notCounted', 'the steady state was not reached');
  });

  it('of a setting of the client: only what comes on top of its surroundings', () => {
    const short = find(({ planted }) => planted.startsWith('short-deadline'));
    const costs = (around: number) => withHealthy([short.name, cost(100_000)], [short.around as string, cost(around)]);
    expect(truthOf(short, plan, costs(10_000))).toEqual({
      main: 'client',
      lostMs: { network: 10_000, client: 90_000 },
    });
    expect(truthOf(short, plan, costs(90_000))).toMatchObject({ main: 'network' });
    expect(truthOf(short, plan, costs(50_000))).toHaveProperty('notCounted', 'no side is clearly the main one');
  });

  it('of a setting of the client, with a cause of the side of its surroundings beside: what comes on top of both together', () => {
    const mixed = find(({ sort, around }) => sort === 'mixed' && around !== undefined);
    const { sides } = mixed;
    const costs = (together: number) =>
      withHealthy([mixed.name, cost(100_000)], [mixed.around as string, cost(together)]);
    expect(truthOf(mixed, plan, costs(20_000))).toEqual({
      main: 'client',
      lostMs: { [sides[1] as string]: 20_000, client: 80_000 },
    });
    expect(truthOf(mixed, plan, costs(120_000))).toEqual({
      main: sides[1],
      lostMs: { [sides[1] as string]: 100_000, client: 0 },
    });
  });

  it('of mixed causes: by what each cost alone, not by which was planted as the main one', () => {
    const mixed = find(({ sort, sides }) => sort === 'mixed' && !sides.includes('client'));
    const [main, beside] = mixed.alone as [string, string];
    const costs = (one: number, other: number) =>
      withHealthy([mixed.name, cost(one + other)], [main, cost(one)], [beside, cost(other)]);
    expect(truthOf(mixed, plan, costs(80_000, 10_000))).toHaveProperty('main', mixed.sides[0]);
    expect(truthOf(mixed, plan, costs(10_000, 80_000))).toHaveProperty('main', mixed.sides[1]);
    expect(truthOf(mixed, plan, costs(80_000, 70_000))).toHaveProperty('notCounted');
    expect(truthOf(mixed, plan, withHealthy([mixed.name, cost(80_000)]))).toHaveProperty('notCounted');
  });
});
