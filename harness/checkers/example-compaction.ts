/** Compactions made by hand, for tests and for the examples of the checkers' pages. */
import type { CompactionEvent, HistoryEvent } from '../history/events.ts';
import { finalObject, folderOf, objectNames, objectOf } from './example-history.ts';

/** The data of the block that `inputs` are compacted into: as long as they are together. */
function compactedData(output: string, inputs: number) {
  return { ...objectOf(output, 'data.parquet'), size: inputs * objectOf(output, 'data.parquet').size };
}

/** A job in which nothing goes wrong, unless told otherwise. Its inputs are example blocks. */
export function compacted(
  inputs: readonly string[],
  output: string,
  t: number,
  how: Partial<CompactionEvent> = {},
): CompactionEvent {
  const objects = objectNames.map((name) =>
    name === 'data.parquet' ? compactedData(output, inputs.length) : objectOf(output, name),
  );
  const read = inputs.map((block) => {
    const { size, sha256 } = objectOf(block, 'data.parquet');
    return { block, size, sha256 };
  });
  return {
    t,
    type: 'compaction',
    compactor: 'compactor-0',
    start: t - 10,
    inputs: [...inputs],
    read,
    output,
    keyPrefix: folderOf(output),
    objects,
    marked: [...inputs],
    outcome: 'ok',
    orphanedParts: 0,
    ...how,
  };
}

/** What the final read finds of a block that was compacted: meta.compacted.json in the place of meta.json. */
export function finalMarked(block: string, t: number): HistoryEvent[] {
  const names = objectNames.map((name) => (name === 'meta.json' ? 'meta.compacted.json' : name));
  return names.map((name) => finalObject(block, name, t));
}

/** What it finds of a compacted block, whole. */
export function finalOutput(inputs: readonly string[], output: string, t: number): HistoryEvent[] {
  return objectNames.map((name) =>
    name === 'data.parquet'
      ? finalObject(output, name, t, compactedData(output, inputs.length))
      : finalObject(output, name, t),
  );
}
