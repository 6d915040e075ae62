import { describe, expect, it } from 'vitest';
import { chosen, readAttributionOptions } from './options.ts';
import { type PlannedScenario, planScenarios } from './planned.ts';

describe('the options of the attribution bench', () => {
  it('are seed 42 and three at once unless given', () => {
    expect(readAttributionOptions([])).toEqual({ seed: 42, atOnce: 3 });
    expect(
      readAttributionOptions(['--seed', '7', '--runs', '10', '--only', 'dns', '--at-once', '1', '--out', 'x']),
    ).toEqual({
      seed: 7,
      runs: 10,
      only: /dns/,
      atOnce: 1,
      out: 'x',
    });
  });

  it.each([
    [['--seed', 'x'], /--seed "x" is no whole number/],
    [['--runs', '0'], /--runs "0" is no whole number from 1/],
    [['--only', '('], /--only "\(" is no regular expression/],
    [['--sed', '1'], /there are --seed, --runs/],
  ])('refuse %j', (argv, message) => {
    expect(() => readAttributionOptions(argv)).toThrow(message);
  });
});

describe('what is run', () => {
  const { scenarios } = planScenarios(42);

  it('is, of a mixed scenario, each of its causes alone as well, and the surroundings of a setting', () => {
    const ofClient = scenarios.filter(({ sort, sides }) => sort === 'mixed' && sides[0] === 'client');
    const neededFor = ({ name }: PlannedScenario) => {
      const { scored, needed } = chosen(scenarios, { only: new RegExp(`^${name}$`) });
      expect(scored.map((one) => one.name)).toEqual([name]);
      return new Set(needed.map((one) => one.name));
    };
    const apart = ofClient.find(({ alone }) => alone.length > 0) as PlannedScenario;
    const [main, beside] = apart.alone as [string, string];
    expect(neededFor(apart)).toEqual(new Set([apart.name, main, `${main}-around`, beside]));
    const together = ofClient.find(({ alone }) => alone.length === 0) as PlannedScenario;
    expect(neededFor(together)).toEqual(new Set([together.name, `${together.name}-around`]));
  });

  it('is so many as are asked for, of all sides among the first', () => {
    const { scored } = chosen(scenarios, { runs: 12 });
    expect(scored).toHaveLength(12);
    expect(new Set(scored.map(({ sides }) => sides[0])).size).toBe(4);
    expect(scored.some(({ sort }) => sort === 'mixed')).toBe(true);
  });
});
