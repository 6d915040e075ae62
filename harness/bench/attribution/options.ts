/** The options of `npm run bench -- attribution`. */
import { parseArgs } from 'node:util';
import type { PlannedScenario } from './planned.ts';

export interface AttributionOptions {
  seed: number;
  /** So many of the planned ones at most, and the runs that they need. */
  runs?: number;
  /** What the name of a scenario, or what is planted in it, has to match. */
  only?: RegExp;
  atOnce: number;
  /** The folder that the histories are left in. */
  out?: string;
}

/** More side by side make the writers of two cores late, which is a cause of its own: the machine's. */
const usualOptions = { seed: 42, atOnce: 3 };

/** @throws Error with the option, its value and the remedy. */
export function readAttributionOptions(argv: readonly string[]): AttributionOptions {
  let values: Partial<Record<'seed' | 'runs' | 'only' | 'at-once' | 'out', string>>;
  try {
    const text = { type: 'string' } as const;
    ({ values } = parseArgs({
      args: [...argv],
      options: { seed: text, runs: text, only: text, 'at-once': text, out: text },
      strict: true,
    }));
  } catch (error) {
    throw new Error(
      `bench attribution: ${(error as Error).message}: there are --seed, --runs, --only, --at-once, --out`,
    );
  }
  const { seed, runs, only, out, 'at-once': atOnce } = values;
  return {
    seed: seed === undefined ? usualOptions.seed : whole('--seed', seed, 0),
    atOnce: atOnce === undefined ? usualOptions.atOnce : whole('--at-once', atOnce, 1),
    ...(runs !== undefined && { runs: whole('--runs', runs, 1) }),
    ...(only !== undefined && { only: expression(only) }),
    ...(out !== undefined && { out }),
  };
}

function whole(option: string, value: string, least: number): number {
  const number = Number(value);
  // Seeds of scenarios are made of it.
  if (/^\d+$/.test(value) && number >= least && number <= 1_000_000) return number;
  throw new Error(
    `bench attribution: ${option} "${value}" is no whole number from ${least} to 1000000: write one such as 42`,
  );
}

function expression(value: string): RegExp {
  try {
    return new RegExp(value);
  } catch (error) {
    throw new Error(
      `bench attribution: --only "${value}" is no regular expression: write one such as single-07 or dns`,
      {
        cause: error,
      },
    );
  }
}

/** Those that are asked for. `scored`: for their own sake; `needed`: the runs that tell what their causes cost alone, in the plan's order. */
export function chosen(
  scenarios: readonly PlannedScenario[],
  { only, runs }: Pick<AttributionOptions, 'only' | 'runs'>,
): { scored: PlannedScenario[]; needed: PlannedScenario[] } {
  const scored = scenarios
    .filter(({ name, planted }) => only === undefined || only.test(name) || only.test(planted))
    .slice(0, runs);
  const needed = new Set<string>();
  const need = (name: string) => {
    needed.add(name);
    const one = scenarios.find((other) => other.name === name);
    for (const other of [...(one?.alone ?? []), ...(one?.around === undefined ? [] : [one.around])]) need(other);
  };
  for (const { name } of scored) need(name);
  return { scored, needed: scenarios.filter(({ name }) => needed.has(name)) };
}
