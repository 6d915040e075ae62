/** For tests: entries of timelines as they are drawn. */
import type { DrawnEntry } from './drawn.ts';

export const asks = { writers: 1, processes: 1 };

/** `at` and `length` in seconds of the config's time. */
export const entry = (fault: string, at: number, length: number, parameters: DrawnEntry['with'] = {}): DrawnEntry => ({
  at: at * 1000,
  for: length * 1000,
  fault,
  with: parameters,
  asks,
});
