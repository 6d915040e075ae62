/**
 * What a block consists of, by the size of its data: how many traces, and so how large its blooms and its index are.
 *
 * 1. Traces: the data holds one for each `bytesPerTrace`.
 * 2. Blooms: as Tempo estimates them, a filter for so many traces with 1 % of false positives has `-n ln(p) / ln(2)^2` bits,
 *    in shards of 100 KiB, one at least.
 * 3. Row groups of the data: one for each `rowGroupBytes` begun; the index names the last trace of each.
 */

/**
 * Bytes of data.parquet for each trace. Real ones vary widely: at least 4.4 kB in a recorded block of Tempo 2.9.5 (442 kB), 57 kB
 * in grafana/tempo#6547 (477 MB for 8410 traces).
 */
export const bytesPerTrace = 5000;

/** Tempo's `bloom_filter_false_positive` and `bloom_filter_shard_size_bytes`. */
const FALSE_POSITIVES = 0.01;
const SHARD_BYTES = 100 * 1024;
/** A shard is written with a header of three 64-bit numbers: 102424 bytes were recorded of Tempo 2.9.5. */
export const bloomBytes = SHARD_BYTES + 24;

/** Tempo's `parquet_row_group_size_bytes`. */
const ROW_GROUP_BYTES = 100_000_000;

export interface BlockLayout {
  traces: number;
  blooms: number;
  /** Bytes of each bloom. */
  bloomSize: number;
  rowGroups: number;
}

/**
 * The layout of a block with so many bytes of data.
 *
 * A bloom has 102424 bytes, as in Tempo, unless that is more than a tenth of the data: then a tenth. A block made small by
 * compression is to be mostly data, as a real one is. `wholeBlooms`: always as in Tempo, for a block that is small in truth.
 */
export function layOutBlock(dataBytes: number, wholeBlooms = false): BlockLayout {
  const traces = Math.max(1, Math.floor(dataBytes / bytesPerTrace));
  const bits = Math.ceil((-traces * Math.log(FALSE_POSITIVES)) / Math.LN2 ** 2);
  return {
    traces,
    blooms: Math.max(1, Math.ceil(bits / (SHARD_BYTES * 8))),
    bloomSize: wholeBlooms ? bloomBytes : Math.max(1, Math.min(bloomBytes, Math.floor(dataBytes / 10))),
    rowGroups: Math.max(1, Math.ceil(dataBytes / ROW_GROUP_BYTES)),
  };
}
