/** What clients are compared by: batches of puts of one file's bytes under many keys. */

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
