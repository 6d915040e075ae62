/**
 * Draws a timeline. Every draw is keyed by the exploration's seed, the timeline's number and what it decides (harness/random.ts), so that
 * timeline 7 of a seed is the same whether 10 or 1000 are drawn. Which fault it is, is decided by a race in which each runs by itself: a
 * fault that is left out, or new in the catalogue, changes only the timelines that it wins, and leaves all others as they were.
 *
 * 1. How many faults, how many writers.
 * 2. For each: the fault, one of its ways, how long it lasts, its parameters.
 * 3. When: after the one before, or, of one in three, in the second half of it. So that each has a time to itself in which its effect can
 *    be seen. One that must not meet another, or would come to nothing beside it, waits for its end.
 */
import type { FaultDefinition } from '../faults/fault.ts';
import { writersProcess } from '../faults/writers-machine.ts';
import { Random } from '../random.ts';
import type { Compression } from '../scenario/compression.ts';
import type { Drawn, DrawnEntry } from './drawn.ts';
import { type Intensity, intensity } from './intensity.ts';
import { agree, type Drawable, type Way } from './repertoire.ts';
import { type Draw, pick, varied } from './vary.ts';
import { weightOf } from './weights.ts';

const SECOND = 1000;
/** Two blocks are cut in this time at least, so that there are requests for a fault to act on. */
const SHORTEST_MS = 20 * SECOND;
/** With several of them, a timeline is not to last for a quarter of an hour. */
const LONGEST_MS = 4 * 60 * SECOND;
/** The first fault begins within so long after the steady state was reached; the next ones so long after the one before. */
const FIRST_WITHIN_MS = 20 * SECOND;
const GAP_MS = { least: 5 * SECOND, most: 30 * SECOND };
const OVERLAPS = 1 / 3;
/** One timeline in six has two writers, whatever its faults ask for. */
const TWO_WRITERS = 1 / 6;

export interface Drawing {
  seed: number;
  drawable: readonly Drawable[];
  intensity: Intensity;
  compression: Compression;
}

/** The timeline of that number, from 1. */
export function drawTimeline(number: number, { seed, drawable, intensity: name, compression }: Drawing): Drawn {
  const random = new Random(seed);
  const draw: Draw = (...words) => random.uniform('explore', number, ...words);
  const { faults, lasts, factors } = intensity[name];
  const entries: DrawnEntry[] = [];
  const count = weighted(faults, draw('faults')) + 1;
  for (let place = 0; place < count; place++) {
    const within: Draw = (...words) => draw(place, ...words);
    const fit = fitting(drawable, entries);
    // Of a few faults that were asked for, none may go with those that are there.
    if (fit.length === 0) break;
    const { fault, ways, delicate } = winner(fit, within);
    const way = pick(ways, within('way'));
    const length = clamped(way.for * pick(lasts, within('lasts')), SHORTEST_MS, LONGEST_MS);
    const parameters = varied(fault, way, {
      factors,
      delicate,
      compression,
      draw: (...words) => within(fault.name, ...words),
    });
    const faultOf = ({ fault: other }: DrawnEntry) => drawable.find((one) => one.fault.name === other)?.fault;
    const mayBegin = (at: number) => {
      const own = { fault, at, for: length };
      return entries.every((entry) => mayMeet(own, { ...entry, fault: faultOf(entry) }));
    };
    const at = free(begins(entries.at(-1), within), entries, mayBegin);
    entries.push({ at, for: length, fault: fault.name, with: parameters, asks: way.asks });
  }
  entries.sort((a, b) => a.at - b.at);
  return {
    explored: { seed, number },
    seed: Math.floor(draw('scenario') * 2 ** 32),
    writers: draw('writers') < TWO_WRITERS ? 2 : 1,
    entries,
  };
}

/** The faults, each with those of its ways that can be of one load with the entries. */
function fitting(drawable: readonly Drawable[], entries: readonly DrawnEntry[]): Drawable[] {
  const fits = ({ asks }: Way) => entries.every((entry) => agree(entry.asks, asks));
  return drawable.map((one) => ({ ...one, ways: one.ways.filter(fits) })).filter(({ ways }) => ways.length > 0);
}

/**
 * Each fault's time is drawn by itself, exponentially, the sooner the greater its weight; the first wins. So each wins as often as its weight
 * is of all (Efraimidis and Spirakis, Weighted random sampling with a reservoir, 2006).
 */
function winner(drawable: readonly Drawable[], draw: Draw): Drawable {
  const time = ({ fault: { name } }: Drawable) => -Math.log(1 - draw('fault', name)) / weightOf(name);
  return drawable.reduce((first, one) => (time(one) < time(first) ? one : first));
}

/** Of weights side by side, the index of the one at that place. */
function weighted(weights: readonly number[], place: number): number {
  let left = place * weights.reduce((sum, weight) => sum + weight, 0);
  const found = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return found < 0 ? weights.length - 1 : found;
}

function begins(before: DrawnEntry | undefined, draw: Draw): number {
  if (!before) return seconds(draw('at') * FIRST_WITHIN_MS);
  if (draw('overlaps') < OVERLAPS) return seconds(before.at + before.for * (0.5 + draw('at') / 2));
  return seconds(before.at + before.for + GAP_MS.least + draw('at') * (GAP_MS.most - GAP_MS.least));
}

interface Placed {
  fault: FaultDefinition | undefined;
  at: number;
  for: number;
}

/**
 * Not two that touch the same thing. And of one that ends or pauses the writers and another one, only if that one has time enough beside
 * it: while the writers are away they send nothing for it to act on.
 */
function mayMeet(one: Placed, other: Placed): boolean {
  const common = Math.min(one.at + one.for, other.at + other.for) - Math.max(one.at, other.at);
  if (common <= 0) return true;
  if (one.fault?.touches !== undefined && one.fault.touches === other.fault?.touches) return false;
  const beside = (away: Placed, { for: length }: Placed) =>
    away.fault?.touches !== writersProcess || length - common >= SHORTEST_MS;
  return beside(one, other) && beside(other, one);
}

/** `at`, or the end of one of the others: the first at which it may begin. */
function free(at: number, others: readonly DrawnEntry[], mayBegin: (at: number) => boolean): number {
  const ends = others.map((other) => other.at + other.for).filter((end) => end > at);
  return [at, ...ends.sort((a, b) => a - b)].find(mayBegin) ?? at;
}

function clamped(value: number, least: number, most: number): number {
  return seconds(Math.min(most, Math.max(least, value)));
}

function seconds(ms: number): number {
  return Math.round(ms / SECOND) * SECOND;
}
