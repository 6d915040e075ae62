/** meta.json of a block, as Tempo 2.9 writes it: a block is there for readers once this object is. */

/** What a meta.json says: the names, their order and the constants are those of Tempo 2.9 (see grafana/tempo#6547). */
export interface BlockMeta {
  blockID: string;
  tenantID: string;
  startTime: Date;
  endTime: Date;
  totalObjects: number;
  /** Bytes of data.parquet. */
  size: number;
  /** Row groups of data.parquet. */
  totalRecords: number;
  bloomShards: number;
  /** How many times it was compacted. Absent: 0, as an ingester writes it. */
  compactionLevel?: number;
}

/** The version of the block format, also part of the name of a WAL block. */
export const blockFormat = 'vParquet4';

/** Bytes of the footer of data.parquet: that of a vParquet4 block in grafana/tempo#6547. */
const FOOTER_BYTES = 39129;

/**
 * The text of meta.json. Times are cut to seconds, as Tempo takes them from spans in whole seconds. `replicationFactor` and
 * `dedicatedColumns` are absent: Tempo leaves out a 0 (which an ingester's block has) and an empty list.
 */
export function metaJson(meta: BlockMeta): string {
  return JSON.stringify({
    format: blockFormat,
    blockID: meta.blockID,
    tenantID: meta.tenantID,
    startTime: rfc3339Seconds(meta.startTime),
    endTime: rfc3339Seconds(meta.endTime),
    totalObjects: meta.totalObjects,
    size: meta.size,
    compactionLevel: meta.compactionLevel ?? 0,
    encoding: 'none',
    indexPageSize: 0,
    totalRecords: meta.totalRecords,
    dataEncoding: '',
    bloomShards: meta.bloomShards,
    footerSize: Math.min(FOOTER_BYTES, meta.size),
  });
}

/** What a start needs to know of a local block. */
export type LocalMeta = Pick<BlockMeta, 'size' | 'bloomShards' | 'endTime'>;

/** @throws Error when the text is not that of a meta.json. */
export function parseMetaJson(json: string): LocalMeta {
  const { size, bloomShards, endTime } = JSON.parse(json) as Record<string, unknown>;
  const end = new Date(String(endTime));
  if (typeof size !== 'number' || typeof bloomShards !== 'number' || Number.isNaN(end.getTime())) {
    throw new Error('meta.json has no size, no bloomShards or no endTime');
  }
  return { size, bloomShards, endTime: end };
}

function rfc3339Seconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}
