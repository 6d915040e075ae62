/** Polls of the bucket made by hand, for tests and examples. */
import type { PollEvent } from '../history/events.ts';
import { folderOf, objectNames, objectOf } from './example-history.ts';

/** A poll that finds these blocks for the first time, each with these of its objects: all, unless told otherwise. */
export function polled(
  [start, t]: readonly [start: number, end: number],
  blocks: Readonly<Record<string, readonly string[]>> | readonly string[],
  how: Partial<PollEvent> = {},
): PollEvent {
  const each = Array.isArray(blocks)
    ? blocks.map((block: string) => [block, objectNames] as const)
    : Object.entries(blocks as Readonly<Record<string, readonly string[]>>);
  const found = each.map(([block, names]) => ({
    keyPrefix: folderOf(block),
    block,
    objects: names.map((name) => ({ name, size: objectOf(block, name).size })),
  }));
  return { t, type: 'poll', start, found, ...how };
}

/** A poll that failed. */
export function pollFailed([start, t]: readonly [start: number, end: number]): PollEvent {
  return { t, type: 'poll', start, found: [], error: 'bucket blocks: cannot list chaos/: no answer within 5000 ms' };
}
