/** Faults that are for some of the writers name them: whether the scenario has those. */
import { type Load, writerNames } from './load.ts';
import type { PlannedEntry } from './timeline-entry.ts';

export interface Stranger {
  /** Within the timeline. */
  path: (string | number)[];
  message: string;
}

/** The names in `writers` of faults that are no writer's. */
export function strangersIn({ load, timeline }: { load: Load; timeline: readonly PlannedEntry[] }): Stranger[] {
  const names = writerNames(load);
  const strangers = (given: Record<string, unknown>, ...path: (string | number)[]): Stranger[] => {
    if (!Array.isArray(given.writers)) return [];
    return given.writers.flatMap((name, index) => {
      if (names.includes(name)) return [];
      return [{ path: [...path, 'writers', index], message: `there is no such writer: ${range(names)}` }];
    });
  };
  return timeline.flatMap((entry, index) => [
    ...strangers(entry.with, index, 'with'),
    ...(entry.random?.of ?? []).flatMap((one, place) => strangers(one.with, index, 'random', 'of', place, 'with')),
  ]);
}

function range(names: readonly string[]): string {
  const there = names.length === 1 ? `there is ${names[0]}` : `there are ${names[0]} to ${names.at(-1)}`;
  return `load.writers is ${names.length}, so ${there}`;
}
