/** What clients are compared by: batches of puts of one file's bytes under many keys. */
import { realClock } from '../clock.ts';
import { pooled } from '../pooled.ts';

export interface Batch {
  file: string;
  keys: readonly string[];
  /** At a time. */
  parallel: number;
}

/** Milliseconds. */
export interface Timed {
  total: number;
  /** Of each put, reading the file among it. */
  each: number[];
}

/** A client, on one path. */
export interface Puts {
  readonly name: string;
  put(batch: Batch): Promise<Timed>;
}

/** Sends one for each key, so many at a time. */
export async function timed({ keys, parallel }: Batch, put: (key: string) => Promise<unknown>): Promise<Timed> {
  const began = realClock.now();
  const each = await pooled(keys, parallel, async (key) => {
    const since = realClock.now();
    await put(key);
    return realClock.now() - since;
  });
  return { total: realClock.now() - began, each };
}
