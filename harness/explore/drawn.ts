/** A timeline as it is drawn and shrunk: plain data, in the config's time. explored-scenario.ts makes a scenario of it. */
import type { Asks } from './repertoire.ts';

export interface DrawnEntry {
  /** Milliseconds, whole seconds. */
  at: number;
  for: number;
  fault: string;
  /** As people write it. */
  with: Readonly<Record<string, unknown>>;
  asks: Asks;
}

export interface Drawn {
  /** Of the exploration, and which timeline of it, from 1. */
  explored: { seed: number; number: number };
  /** Of the scenario. */
  seed: number;
  /** Writers at least, whatever the faults ask for. */
  writers: number;
  /** By their time. */
  entries: readonly DrawnEntry[];
}

/** From the beginning of the first fault to the end of the last: milliseconds. */
export function spanOf({ entries }: Pick<Drawn, 'entries'>): number {
  const begin = Math.min(...entries.map(({ at }) => at));
  return endOf({ entries }) - begin;
}

/** When the last fault ends, after the steady state: milliseconds. */
export function endOf({ entries }: Pick<Drawn, 'entries'>): number {
  return Math.max(0, ...entries.map(({ at, for: length }) => at + length));
}

/** How long something was wrong without a break, at most: milliseconds. */
export function longestOutage({ entries }: Pick<Drawn, 'entries'>): number {
  let longest = 0;
  let begin = 0;
  let end = -1;
  for (const { at, for: length } of [...entries].sort((a, b) => a.at - b.at)) {
    if (at > end) begin = at;
    end = Math.max(end, at + length);
    longest = Math.max(longest, end - begin);
  }
  return longest;
}
