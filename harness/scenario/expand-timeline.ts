/**
 * From a timeline as it is written to the faults that are injected one by one: entries that follow others get their time, what is
 * repeated is there as often as it says, a ramp becomes its steps, and random faults are drawn, from the scenario's seed alone.
 */
import { faultNamed } from '../faults/catalogue.ts';
import { Random } from '../random.ts';
import type { PlannedEntry } from './timeline-entry.ts';

/** One fault of a timeline: times in milliseconds of the config, parameters as its schema gives them. */
export interface TimelineEntry {
  /** After the steady state was reached. */
  at: number;
  for: number;
  fault: string;
  with: Record<string, unknown>;
  /** What it was made of, where the file does not say it so: `entry 2, step 3 of 5`. */
  origin?: string;
}

/** What cannot be expanded, at the entry (from 0) and the key of it that are to be mended. */
export interface TimelineProblem {
  entry: number;
  key: string;
  message: string;
}

/** A random fault that would meet one that touches the same thing is drawn again, so often at most. */
const MOST_DRAWS = 100;

export function expandTimeline(
  planned: readonly PlannedEntry[],
  seed: number,
): { timeline: TimelineEntry[]; problems: TimelineProblem[] } {
  const problems: TimelineProblem[] = [];
  /** Each with the entry that it comes from. */
  const all: { entry: number; fault: TimelineEntry }[] = [];
  const ends: number[] = [];
  for (const [entry, plan] of planned.entries()) {
    const begin = beginning(plan, entry, ends);
    if (typeof begin === 'string') {
      problems.push({ entry, key: 'after', message: begin });
      ends.push(0);
      continue;
    }
    const add = (fault: TimelineEntry) => {
      const rival = rivalOf(fault, all);
      if (rival) {
        const { touches } = faultNamed(fault.fault);
        problems.push({
          entry,
          key: 'at',
          message: `${fault.fault} overlaps with entry ${rival.entry + 1} (${rival.fault.fault}), and both decide ${touches}: let one end before the other begins`,
        });
      }
      all.push({ entry, fault });
    };
    if (plan.random) {
      for (const fault of drawn(plan as PlannedEntry & { random: Drawing }, entry, begin, seed, all)) {
        if (typeof fault === 'string') problems.push({ entry, key: 'random', message: fault });
        else add(fault);
      }
      ends.push(begin + plan.for);
    } else {
      const { times, every } = plan.repeat ?? { times: 1, every: 0 };
      for (let time = 0; time < times; time++) {
        const origin = times > 1 ? [`time ${time + 1} of ${times}`] : [];
        for (const fault of steps(plan, entry, begin + time * every, origin)) add(fault);
      }
      ends.push(begin + (times - 1) * every + plan.for);
    }
  }
  return { timeline: all.map(({ fault }) => fault), problems };
}

/** When the entry begins; or why that cannot be said. */
function beginning({ at, after }: PlannedEntry, entry: number, ends: readonly number[]): number | string {
  if (after === undefined) return at;
  const other = after === 'previous' ? entry : after;
  const end = ends[other - 1];
  if (other > entry || end === undefined) {
    return after === 'previous'
      ? 'there is no entry before the first: give a time with `at`'
      : `entry ${after} does not come before this one: an entry follows one that is above it`;
  }
  return end + at;
}

function steps(plan: PlannedEntry, entry: number, begin: number, origin: readonly string[]): TimelineEntry[] {
  const { fault, ramp } = plan;
  const made = (at: number, length: number, parameters: Record<string, unknown>, words: readonly string[]) => ({
    at,
    for: length,
    fault: fault as string,
    with: parameters,
    ...(words.length > 0 && { origin: `entry ${entry + 1}, ${words.join(', ')}` }),
  });
  if (!ramp) return [made(begin, plan.for, plan.with, origin)];
  const length = plan.for / ramp.steps;
  return Array.from({ length: ramp.steps }, (_, step) => {
    const changed = Object.entries(ramp.to).map(([key, to]) => [
      key,
      between(plan.with[key] as number, to, step / (ramp.steps - 1)),
    ]);
    return made(begin + step * length, length, { ...plan.with, ...Object.fromEntries(changed) }, [
      ...origin,
      `step ${step + 1} of ${ramp.steps}`,
    ]);
  });
}

/** From 50 ms to 5 s each step multiplies by as much as the one before: evenly in ratios, where neither end is 0. */
function between(from: number, to: number, share: number): number {
  const value = from > 0 && to > 0 ? from * (to / from) ** share : from + (to - from) * share;
  return Number.isInteger(from) && Number.isInteger(to) ? Math.round(value) : value;
}

type Drawing = NonNullable<PlannedEntry['random']>;

/** Of choices laid side by side, each as wide as its weight, the one at that place. */
function weighted(of: Drawing['of'], place: number): Drawing['of'][number] {
  let end = 0;
  const found = of.find(({ weight }) => {
    end += weight;
    return place < end;
  });
  return found ?? (of[0] as Drawing['of'][number]);
}

function* drawn(
  plan: PlannedEntry & { random: Drawing },
  entry: number,
  begin: number,
  seed: number,
  others: readonly { entry: number; fault: TimelineEntry }[],
): Generator<TimelineEntry | string> {
  const { faults, shortest, longest, of } = plan.random;
  const random = new Random(seed);
  const weights = of.reduce((sum, { weight }) => sum + weight, 0);
  for (let number = 0; number < faults; number++) {
    const draw = (attempt: number): TimelineEntry => {
      const uniform = (what: string) => random.uniform('timeline', entry, number, what, attempt);
      const place = uniform('fault') * weights;
      const { fault, with: parameters } = weighted(of, place);
      const length = shortest * (longest / shortest) ** uniform('for');
      const at = begin + uniform('at') * (plan.for - length);
      const origin = `entry ${entry + 1}, random fault ${number + 1} of ${faults}`;
      return { at: Math.round(at), for: Math.max(1, Math.round(length)), fault, with: parameters, origin };
    };
    let one = draw(0);
    for (let attempt = 1; attempt < MOST_DRAWS && rivalOf(one, others); attempt++) one = draw(attempt);
    if (rivalOf(one, others)) {
      yield `${faults} random faults do not fit into their stretch without meeting others that decide the same: fewer of them, shorter ones, or a longer \`for\``;
      return;
    }
    yield one;
  }
}

/** One that is in force at the same time and touches the same thing. */
function rivalOf<Other extends { fault: TimelineEntry }>(
  { fault, at, for: length }: TimelineEntry,
  others: readonly Other[],
): Other | undefined {
  const { touches } = faultNamed(fault);
  if (touches === undefined) return undefined;
  return others.find(
    ({ fault: other }) =>
      faultNamed(other.fault).touches === touches && other.at < at + length && at < other.at + other.for,
  );
}
