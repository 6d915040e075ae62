/**
 * Makes a failing timeline as small as it can be made while it still fails. Delta debugging in steps, the ones that take away most first:
 *
 * 1. Faults: the smallest set of them that fails alone, sets of one first.
 * 2. Writers: one, where there were two.
 * 3. Times: the first fault at once, and each fault as short as it still fails.
 * 4. Parameters: each left out that can be left out; durations and probabilities halved.
 *
 * The smaller timelines of a step are given all together, so that they can be run side by side. Of those that fail the first in the order is
 * taken: the order is fixed, so the same answers give the same end. When all runs are spent, what was found so far stands.
 */
import { describedParameters } from '../faults/described-parameters.ts';
import type { FaultDefinition } from '../faults/fault.ts';
import { quantityKey } from '../faults/parameters.ts';
import { formatDuration, parseDuration } from '../tempo/go-duration.ts';
import type { Drawn, DrawnEntry } from './drawn.ts';

const SECOND = 1000;
/** Fractions of a fault's time that are tried, from the shortest. */
const SHORTER = [1 / 8, 1 / 4, 1 / 2, 3 / 4];
/** A fault's time is a multiple of this. */
const STEP_MS = 5 * SECOND;
/** A block is cut in this time: with less, whether a fault meets a request is a matter of luck. */
const SHORTEST_MS = 10 * SECOND;
/** A parameter is halved so often at most. */
const MOST_HALVINGS = 3;

export interface Shrinking {
  faults: readonly FaultDefinition[];
  /** Whether a scenario can be made of it: one that cannot is not tried, and costs nothing. */
  isPossible(drawn: Drawn): boolean;
  /** Runs them all, and tells of each whether it fails as the first one did. */
  fail(candidates: readonly Drawn[]): Promise<readonly boolean[]>;
  /** Candidates that are run, at most. */
  mostRuns: number;
}

export interface Shrunk {
  /** Each smaller than the one before; the first is what was given, the last the smallest found. */
  steps: readonly [Drawn, ...Drawn[]];
  /** Candidates that were run. */
  spent: number;
  /** Whether the runs were spent before all was tried. */
  stopped: boolean;
}

export async function shrink(drawn: Drawn, shrinking: Shrinking): Promise<Shrunk> {
  const { faults, isPossible, fail, mostRuns } = shrinking;
  const steps: [Drawn, ...Drawn[]] = [drawn];
  let spent = 0;
  let stopped = false;
  /**
   * The first of them that fails becomes the one to go on with. `nested`: each is smaller than the one behind it, so that all that fail
   * are steps.
   */
  const taken = async (candidates: readonly Drawn[], nested = false): Promise<boolean> => {
    const possible = candidates.filter(isPossible);
    const affordable = possible.slice(0, mostRuns - spent);
    stopped ||= affordable.length < possible.length;
    if (affordable.length === 0) return false;
    spent += affordable.length;
    const failed = await fail(affordable);
    const failing = affordable.filter((_, index) => failed[index]);
    steps.push(...(nested ? failing.reverse() : failing.slice(0, 1)));
    return failing.length > 0;
  };
  const smallest = () => steps.at(-1) as Drawn;

  for (let size = 1; size < smallest().entries.length; size++) {
    const { entries } = smallest();
    if (await taken(subsets(entries, size).map((some) => ({ ...drawn, entries: some })))) break;
  }
  if (smallest().writers > 1) await taken([{ ...smallest(), writers: 1 }]);
  const [first] = smallest().entries;
  if (first && first.at > 0) await taken([earlier(smallest(), first.at)]);
  for (const place of smallest().entries.keys()) {
    while (await taken(shorter(smallest(), place), true));
    while (await taken(plainer(smallest(), place)));
    for (const name of amountsOf(smallest().entries[place] as DrawnEntry, faults)) {
      for (let time = 0; time < MOST_HALVINGS; time++) if (!(await taken(halved(smallest(), place, name)))) break;
    }
  }
  return { steps, spent, stopped };
}

/** All subsets of that size, those with the first items first. */
function subsets<Item>(items: readonly Item[], size: number): Item[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, index) => subsets(items.slice(index + 1), size - 1).map((rest) => [item, ...rest]));
}

function earlier(drawn: Drawn, by: number): Drawn {
  return { ...drawn, entries: drawn.entries.map((entry) => ({ ...entry, at: entry.at - by })) };
}

function shorter(drawn: Drawn, place: number): Drawn[] {
  const { for: length } = drawn.entries[place] as DrawnEntry;
  const lengths = SHORTER.map((share) => Math.max(SHORTEST_MS, Math.round((length * share) / STEP_MS) * STEP_MS));
  return [...new Set(lengths)].filter((one) => one < length).map((one) => withEntry(drawn, place, { for: one }));
}

/** Without one of its parameters. */
function plainer(drawn: Drawn, place: number): Drawn[] {
  const { with: values } = drawn.entries[place] as DrawnEntry;
  return Object.keys(values).map((name) => {
    const { [name]: _, ...others } = values;
    return withEntry(drawn, place, { with: others });
  });
}

/** The parameters of which less is milder: durations and probabilities. */
function amountsOf({ fault, with: values }: DrawnEntry, faults: readonly FaultDefinition[]): string[] {
  const definition = faults.find(({ name }) => name === fault);
  if (!definition) return [];
  return describedParameters(definition)
    .filter(({ name, schema }) => name in values && (schema[quantityKey] === 'duration' || isProbability(schema)))
    .map(({ name }) => name);
}

function isProbability({
  type,
  exclusiveMinimum,
  maximum,
}: {
  type?: unknown;
  exclusiveMinimum?: unknown;
  maximum?: unknown;
}) {
  return type === 'number' && exclusiveMinimum === 0 && maximum === 1;
}

function halved(drawn: Drawn, place: number, name: string): Drawn[] {
  const { with: values } = drawn.entries[place] as DrawnEntry;
  const value = values[name];
  const half =
    typeof value === 'number'
      ? Math.round(value * 50) / 100
      : formatDuration(Math.round(parseDuration(String(value)) / 2));
  return [withEntry(drawn, place, { with: { ...values, [name]: half } })];
}

function withEntry(drawn: Drawn, place: number, changed: Partial<DrawnEntry>): Drawn {
  const entries = drawn.entries.map((entry, index) => (index === place ? { ...entry, ...changed } : entry));
  return { ...drawn, entries };
}
