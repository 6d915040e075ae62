/** A block of the bucket, as its meta.json describes it. */

export interface StoredBlock {
  id: string;
  startTime: Date;
  endTime: Date;
  totalObjects: number;
  /** Bytes of data.parquet. */
  size: number;
  /** 0 as an ingester writes it, one more each time that it is compacted. */
  compactionLevel: number;
}

/**
 * @param key of the meta.json, `<prefix>/<tenant>/<block>/meta.json`
 * @throws Error that names the object, when the text is not that of a meta.json.
 */
export function parseStoredBlock(key: string, json: string): StoredBlock {
  const meta = parseObject(key, json);
  const { totalObjects, size, compactionLevel = 0 } = meta;
  const [startTime, endTime] = [new Date(String(meta.startTime)), new Date(String(meta.endTime))];
  if (
    typeof totalObjects !== 'number' ||
    typeof size !== 'number' ||
    typeof compactionLevel !== 'number' ||
    Number.isNaN(startTime.getTime()) ||
    Number.isNaN(endTime.getTime())
  ) {
    throw new Error(`${key}: it is not the meta.json of a block: ${json.slice(0, 200)}`);
  }
  return { id: key.split('/').at(-2) ?? '', startTime, endTime, totalObjects, size, compactionLevel };
}

function parseObject(key: string, json: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(json)) as Record<string, unknown>;
  } catch (error) {
    throw new Error(`${key}: it is not JSON: ${(error as Error).message}`);
  }
}
