import { describe, expect, it } from 'vitest';
import { clientNames } from '../../object-store/clients.ts';
import { checkTimeline } from '../../scenario/check-timeline.ts';
import { prepare } from '../../scenario/run.ts';
import { withSetOptions } from '../../tempo/set-option.ts';
import { sides } from '../../verdict/attribution/blame.ts';
import { causeKinds } from './cause-kinds.ts';
import { planScenarios, usualPlan } from './planned.ts';

const plan = planScenarios(42);
const all = [...plan.scenarios, ...plan.healthy];

describe('the scenarios of the attribution bench', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(planScenarios(42)).toEqual(plan);
    const timelines = (seed: number) => planScenarios(seed).scenarios.map(({ scenario }) => scenario.timeline);
    expect(timelines(43)).not.toEqual(timelines(42));
  });

  it('are more than a hundred, single and mixed, none without a name of its own', () => {
    const { singles, mixed } = usualPlan;
    expect(plan.scenarios.filter(({ name }) => /^single-\d+$/.test(name))).toHaveLength(singles);
    expect(plan.scenarios.filter(({ sort }) => sort === 'mixed')).toHaveLength(mixed);
    expect(singles + mixed).toBeGreaterThanOrEqual(100);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  });

  it('plant every kind, of each side about as many, through both clients', () => {
    const singles = plan.scenarios.filter(({ name }) => /^single-\d+$/.test(name));
    for (const side of sides) {
      const ofSide = singles.filter((one) => one.sides[0] === side);
      expect(ofSide).toHaveLength(usualPlan.singles / sides.length);
      expect(new Set(ofSide.map(({ client }) => client))).toEqual(new Set(clientNames));
      for (const { name } of causeKinds[side]) {
        expect(ofSide.filter(({ planted }) => planted.split(' in ')[0] === name).length, name).toBeGreaterThan(0);
      }
    }
  });

  it('mix every two sides, the one at a fifth beside the other, with the same seed, client and profile as alone', () => {
    const mixed = plan.scenarios.filter(({ sort }) => sort === 'mixed');
    expect(new Set(mixed.map((one) => one.sides.join(' '))).size).toBe(9);
    for (const one of mixed.filter(({ around }) => around === undefined)) {
      const alone = one.alone.map((name) => all.find((other) => other.name === name));
      expect(alone.map((other) => other?.sides[0])).toEqual(one.sides);
      for (const other of alone) {
        expect(other).toMatchObject({ client: one.client, profile: one.profile });
        expect(other?.scenario.seed).toBe(one.scenario.seed);
      }
      expect(one.scenario.timeline).toHaveLength(
        alone.reduce((sum, other) => sum + (other?.scenario.timeline.length ?? 0), 0),
      );
    }
  });

  it('run what is added to surroundings of its own side together with them, and all but the setting of the client', () => {
    const mixed = plan.scenarios.filter(({ sort, around }) => sort === 'mixed' && around !== undefined);
    expect(mixed.length).toBeGreaterThan(0);
    for (const one of mixed) {
      const around = plan.scenarios.find(({ name }) => name === one.around);
      expect(one).toMatchObject({ sides: ['client', around?.sides[0]], alone: [] });
      expect(around).toMatchObject({ sort: 'single', client: one.client, profile: one.profile });
      expect(around?.scenario.seed).toBe(one.scenario.seed);
      expect(around?.scenario.timeline).toEqual(one.scenario.timeline);
      expect(Object.keys(one.scenario.set).length).toBe(Object.keys(around?.scenario.set ?? {}).length + 1);
    }
    // Whoever adds a cause of another side to surroundings leaves them two runs.
    const apart = plan.scenarios.filter(
      ({ sort, sides: [main], around }) => sort === 'mixed' && main === 'client' && around === undefined,
    );
    expect(apart.length).toBeGreaterThan(0);
  });

  it('give a cause of the client the surroundings that are measured by themselves', () => {
    const ofClient = plan.scenarios.filter((one) => one.sort === 'single' && one.sides[0] === 'client');
    for (const one of ofClient) {
      const around = plan.scenarios.find(({ name }) => name === one.around);
      expect(around?.scenario.timeline).toEqual(one.scenario.timeline);
      expect(Object.keys(one.scenario.set).length).toBe(Object.keys(around?.scenario.set ?? {}).length + 1);
    }
  });

  it('can come true with the usual config', async () => {
    const { runs } = await prepare({ scenarios: ['healthy'], clients: ['minio'], set: [] });
    const { settings } = runs[0] as (typeof runs)[number];
    for (const { name, scenario } of all) {
      const own = withSetOptions(
        settings,
        Object.entries(scenario.set).map(([key, value]) => `${key}=${value}`),
      );
      expect(() => checkTimeline(name, scenario, own), name).not.toThrow();
    }
  });
});
