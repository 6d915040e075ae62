/**
 * A reader that polls the bucket during the run, as a querier's blocklist does, straight from the S3 server and past all faults: a second
 * witness of what readers could see, beside the S3 edge. Each poll:
 *
 * 1. Lists the folders below the tenant's.
 * 2. Asks for the meta.json of each that was not known to be a block. One that has none yet is asked again at the next poll.
 * 3. Once those have been read, lists the new blocks' objects: whatever is there only by then counts, so that no listing's own race is
 *    taken for a block that is not whole. What meta.json promises and the listing does not have is asked for once more by name.
 * 4. Records what it found. A poll that failed says nothing: what it had found is found again by the next.
 *
 * Tempo's own poll lists every object of the tenant. This one costs S3 one request, however much there is, and two for each new block.
 */
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  type S3Client,
  type S3ServiceException,
} from '@aws-sdk/client-s3';
import type { Clock } from '../clock.ts';
import { parseStoredBlock } from '../compactor/stored-block.ts';
import type { PollEvent, Recorder } from '../history/events.ts';
import { type DirectBucket, directClient } from '../object-store/bucket.ts';
import { pooled } from '../pooled.ts';

/** However much time is compressed. A poll that finds nothing new takes 5 ms of CPU, MinIO's and ours, and 4 ms more for each new block. */
const LEAST_BETWEEN_MS = 2000;
/** Where listing is slow, a poll is followed by a pause of so many times what it took: it takes 5 % of the time at most. */
const REST_FOR_EACH_POLL = 19;
/** Milliseconds for one request: a server without faults takes a few, a busy machine some hundreds, and a paused one for ever. */
const PATIENCE_MS = 5000;
const READ_AT_ONCE = 8;
/** More new blocks than this are listed together, with all that there is: a page of that has a thousand objects. */
const FEW = 4;
/** Of a block, in Tempo. */
const MOST_BLOOMS = 1000;

const META = 'meta.json';
const MARK = 'meta.compacted.json';

export interface BlocklistReaderOptions {
  s3: DirectBucket;
  /** Where the tenant's blocks are, with a slash at its end. */
  folder: string;
  /** Milliseconds from the start of one poll to the next, as they pass; and until the first. */
  every: number;
  first: number;
  clock: Clock;
  record: Recorder;
}

export interface BlocklistReader {
  /**
   * Ends it: a poll under way is given up, and `last` has it poll once more, with the same patience. Never rejects. Once more is nothing
   * more.
   */
  stop(last: boolean): Promise<void>;
}

export function startBlocklistReader(options: BlocklistReaderOptions): BlocklistReader {
  return new Reader(options);
}

type Found = PollEvent['found'][number];

class Reader implements BlocklistReader {
  readonly #options: BlocklistReaderOptions;
  readonly #client: S3Client;
  readonly #stop = new AbortController();
  readonly #polling: Promise<void>;
  #stopped: Promise<void> | undefined;
  /** Blocks that need not be looked at again. */
  readonly #known = new Set<string>();

  constructor(options: BlocklistReaderOptions) {
    this.#options = options;
    this.#client = directClient(options.s3);
    this.#polling = this.#pollOnAndOn();
  }

  stop(last: boolean): Promise<void> {
    this.#stopped ??= this.#end(last);
    return this.#stopped;
  }

  async #end(last: boolean): Promise<void> {
    this.#stop.abort();
    await this.#polling;
    if (last) await this.#poll();
    this.#client.destroy();
  }

  async #pollOnAndOn(): Promise<void> {
    const { every, first, clock } = this.#options;
    const { signal } = this.#stop;
    let wait = first;
    for (;;) {
      await clock.sleep(wait, signal).catch(() => {});
      if (signal.aborted) return;
      const begun = clock.now();
      await this.#poll(signal);
      const took = clock.now() - begun;
      wait = Math.max(Math.max(every, LEAST_BETWEEN_MS) - took, took * REST_FOR_EACH_POLL);
    }
  }

  /** One that `signal` has ended is not told of. */
  async #poll(signal?: AbortSignal): Promise<void> {
    const { clock, record } = this.#options;
    const start = clock.now();
    let seen: Pick<PollEvent, 'found' | 'unreadable' | 'error'>;
    try {
      seen = await this.#look(signal);
    } catch (thrown) {
      seen = { found: [], error: (thrown as Error).message };
    }
    if (!signal?.aborted) record({ t: clock.now(), type: 'poll', start, ...seen });
  }

  async #look(signal?: AbortSignal): Promise<Pick<PollEvent, 'found' | 'unreadable'>> {
    const { folder } = this.#options;
    const candidates = (await this.#folders(signal)).filter((block) => !this.#known.has(block));
    const metas = await pooled(candidates, READ_AT_ONCE, async (block) => {
      const key = `${folder}${block}/${META}`;
      const json = await this.#read(key, signal);
      return json === undefined ? [] : [{ block, key, json }];
    });
    const read = metas.flat().map((meta) => ({ ...meta, problem: problemOf(meta) }));
    const unreadable = read.flatMap(({ key, problem }) => (problem === undefined ? [] : [{ key, problem }]));
    const readable = read.filter(({ problem }) => problem === undefined);
    const all = readable.length > FEW ? byFolder(await this.#objectsBelow(folder, signal)) : undefined;
    const looked = await pooled(readable, READ_AT_ONCE, async ({ block, json }): Promise<Found[]> => {
      const keyPrefix = `${folder}${block}/`;
      const objects = all ? (all.get(block) ?? new Map()) : await this.#objectsBelow(keyPrefix, signal);
      for (const name of promisedBy(json)) {
        if (objects.has(name)) continue;
        const size = await this.#sizeOf(keyPrefix + name, signal);
        if (size !== undefined) objects.set(name, size);
      }
      // Deleted since its meta.json was read: nothing can be said about it.
      if (!objects.has(META) && !objects.has(MARK)) return [];
      return [{ keyPrefix, block, objects: [...objects].map(([name, size]) => ({ name, size })) }];
    });
    const found = looked.flat();
    for (const { block } of [...found, ...read.filter(({ problem }) => problem !== undefined)]) this.#known.add(block);
    return { found, ...(unreadable.length > 0 && { unreadable }) };
  }

  async #folders(signal?: AbortSignal): Promise<string[]> {
    const { folder } = this.#options;
    const pages = await this.#list({ Prefix: folder, Delimiter: '/' }, signal);
    return pages.flatMap(({ CommonPrefixes = [] }) =>
      CommonPrefixes.map(({ Prefix = '' }) => Prefix.slice(folder.length, -1)),
    );
  }

  /** Sizes in bytes, by the name below `keyPrefix`. */
  async #objectsBelow(keyPrefix: string, signal?: AbortSignal): Promise<Map<string, number>> {
    const pages = await this.#list({ Prefix: keyPrefix }, signal);
    return new Map(
      pages.flatMap(({ Contents = [] }) =>
        Contents.map(({ Key = '', Size = 0 }) => [Key.slice(keyPrefix.length), Size] as const),
      ),
    );
  }

  async #list(of: { Prefix: string; Delimiter?: string }, signal?: AbortSignal): Promise<ListObjectsV2CommandOutput[]> {
    const pages: ListObjectsV2CommandOutput[] = [];
    let ContinuationToken: string | undefined;
    do {
      const request = new ListObjectsV2Command({ Bucket: this.#bucket, ...of, ContinuationToken });
      const page = await this.#patiently(`list ${of.Prefix}`, signal, (ended) => this.#client.send(request, ended));
      pages.push(page);
      ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (ContinuationToken !== undefined);
    return pages;
  }

  /** `undefined`: there is no such object. */
  #read(key: string, signal?: AbortSignal): Promise<string | undefined> {
    const request = new GetObjectCommand({ Bucket: this.#bucket, Key: key });
    return this.#patiently(`read ${key}`, signal, async (ended) =>
      whatIsThere(this.#client.send(request, ended).then(({ Body }) => Body?.transformToString())),
    );
  }

  /** In bytes. `undefined`: there is no such object. */
  #sizeOf(key: string, signal?: AbortSignal): Promise<number | undefined> {
    const request = new HeadObjectCommand({ Bucket: this.#bucket, Key: key });
    return this.#patiently(`look for ${key}`, signal, async (ended) =>
      whatIsThere(this.#client.send(request, ended).then(({ ContentLength }) => ContentLength)),
    );
  }

  get #bucket(): string {
    return this.#options.s3.bucket;
  }

  /** A server that is paused takes requests, and never answers them. */
  async #patiently<T>(
    what: string,
    signal: AbortSignal | undefined,
    send: (ended: { abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const { clock, s3 } = this.#options;
    const patience = new AbortController();
    const giveUp = clock.after(PATIENCE_MS, () => patience.abort());
    try {
      return await send({ abortSignal: AbortSignal.any([patience.signal, ...(signal ? [signal] : [])]) });
    } catch (error) {
      const { message, name } = error as Error;
      const why = patience.signal.aborted ? `no answer within ${PATIENCE_MS} ms` : message || name;
      throw new Error(`bucket ${s3.bucket}: cannot ${what}: ${why}`, { cause: error });
    } finally {
      giveUp();
    }
  }
}

/** Why no reader makes a block of it. `undefined`: one does. */
function problemOf({ key, json }: { key: string; json: string }): string | undefined {
  try {
    parseStoredBlock(key, json);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The objects of each block, of those below the tenant's folder. */
function byFolder(objects: ReadonlyMap<string, number>): Map<string, Map<string, number>> {
  const folders = new Map<string, Map<string, number>>();
  for (const [path, size] of objects) {
    const block = path.slice(0, path.indexOf('/'));
    const names = folders.get(block) ?? new Map<string, number>();
    folders.set(block, names.set(path.slice(block.length + 1), size));
  }
  return folders;
}

async function whatIsThere<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    const status = (error as S3ServiceException).$metadata?.httpStatusCode;
    if (status === 404) return undefined;
    throw error;
  }
}

/** The objects that a block with this meta.json has. */
function promisedBy(json: string): string[] {
  const { bloomShards } = JSON.parse(json) as { bloomShards?: unknown };
  const blooms = typeof bloomShards === 'number' ? Math.min(bloomShards, MOST_BLOOMS) : 0;
  return ['data.parquet', ...Array.from({ length: blooms }, (_, shard) => `bloom-${shard}`), 'index'];
}
