/**
 * The traffic of queriers and compactors, beside that of the writers: see rates.ts for what each of them sends, and how often.
 *
 * Each of them does one thing after another: a request that hangs holds up its own next ones, and no others. A request is sent once, whatever
 * comes of it, and given up after `patience`: it is load, and nobody's data hangs on it.
 */
import { setMaxListeners } from 'node:events';
import type { Clock } from '../clock.ts';
import type { BackgroundEvent, Recorder, S3Operation } from '../history/events.ts';
import { MemoryBody } from '../object-store/memory-body.ts';
import type { AttemptContext, S3Operations } from '../object-store/s3-operations.ts';
import type { Random } from '../random.ts';
import { indexBuilders, rangeBytes, spreadShare } from './rates.ts';

export interface TrafficPlan {
  queriers: number;
  compactors: number;
  /** Milliseconds from one poll of the blocklist to the next. */
  poll: number;
  /** Of each querier, a second. */
  reads: number;
  /** Of each compactor, a second. */
  deletes: number;
  /** Of the keys of all blocks: `<prefix>/<tenant>/`. */
  blocks: string;
  /** Of the keys that it writes itself. Nothing else is below it. */
  own: string;
  /** Milliseconds after which a request is given up. */
  patience: number;
}

export interface TrafficPorts {
  operations: Pick<S3Operations, 'putObject' | 'getObject' | 'listObjectsV2' | 'deleteObject'>;
  clock: Clock;
  random: Random;
  record: Recorder;
}

/** Bytes of the objects that compactors write and delete. */
const OBJECT_BYTES = 4096;
/** Bytes of a block's entry in the tenant's index: its meta, compressed. */
const INDEX_ENTRY_BYTES = 256;

/** Milliseconds. */
const SECOND = 1000;

interface StoredObject {
  key: string;
  size: number;
}

export class BackgroundTraffic {
  readonly #plan: TrafficPlan;
  readonly #ports: TrafficPorts;
  readonly #stop = new AbortController();
  readonly #actors: Promise<void>[] = [];
  /** What the last list of the tenant's blocks showed. */
  #objects: StoredObject[] = [];
  #indexed = false;
  readonly #read = new Set<string>();
  /** Keys that it wrote, and did not delete. */
  readonly #own = new Set<string>();

  /** Begins at once. */
  constructor(plan: TrafficPlan, ports: TrafficPorts) {
    this.#plan = plan;
    this.#ports = ports;
    // Each request that is under way listens.
    setMaxListeners(0, this.#stop.signal);
    const { poll, reads, deletes, queriers, compactors } = plan;
    for (let number = 0; number < queriers; number++) {
      const name = `querier-${number}`;
      this.#every(poll, `${name} poll`, () => this.#readIndex());
      if (reads > 0) this.#every(SECOND / reads, name, (time) => this.#query(name, time));
    }
    for (let number = 0; number < compactors; number++) {
      const name = `compactor-${number}`;
      this.#every(poll, `${name} poll`, () => (number < indexBuilders ? this.#buildIndex() : this.#readIndex()));
      if (deletes > 0) this.#every(SECOND / deletes, name, (time) => this.#compact(name, time));
    }
  }

  /** Sends nothing more, and deletes what it wrote, as far as that can be done within `patience`. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('the background load was stopped'));
    await Promise.all(this.#actors);
    await Promise.all([...this.#own].map((key) => this.#delete(key, new AbortController().signal)));
  }

  /** Does something again and again, the first time at a random moment of the first period. */
  #every(period: number, name: string, act: (time: number) => Promise<void>): void {
    const { clock, random } = this.#ports;
    const { signal } = this.#stop;
    const run = async () => {
      for (let time = 0; !signal.aborted; time++) {
        const draw = random.uniform('background', name, time);
        const wait = time === 0 ? draw * period : period * (1 + (2 * draw - 1) * spreadShare);
        await clock.sleep(wait, signal).catch(() => {});
        if (!signal.aborted) await act(time);
      }
    };
    this.#actors.push(run());
  }

  /** Lists the blocks, reads the meta.json of each that is new, and writes the index. */
  async #buildIndex(): Promise<void> {
    await this.#list();
    const metas = this.#objects.filter(({ key }) => key.endsWith('/meta.json'));
    for (const { key } of metas) {
      if (this.#read.has(key)) continue;
      this.#read.add(key);
      await this.#get(key);
    }
    const size = Math.max(1, metas.length * INDEX_ENTRY_BYTES);
    if (await this.#put(this.#index, size)) this.#indexed = true;
  }

  async #readIndex(): Promise<void> {
    if (this.#indexed) await this.#get(this.#index);
    else await this.#list();
  }

  get #index(): string {
    return `${this.#plan.own}index.json.gz`;
  }

  /** One read of a query: a bloom filter, an index, and two ranges of the data, in turn. Nothing while there is no block. */
  async #query(name: string, time: number): Promise<void> {
    const { random } = this.#ports;
    const kind = ['/bloom-', '/index', '/data.parquet', '/data.parquet'][time % 4] as string;
    const readable = this.#objects.filter(({ key }) => key.includes(kind));
    const object = readable[Math.floor(random.uniform('block', name, time) * readable.length)];
    if (!object) return;
    if (kind !== '/data.parquet' || object.size <= rangeBytes) return this.#get(object.key);
    const start = Math.floor(random.uniform('range', name, time) * (object.size - rangeBytes));
    await this.#get(object.key, { start, end: start + rangeBytes });
  }

  /** Writes an object, and deletes the one before. */
  async #compact(name: string, time: number): Promise<void> {
    const key = (number: number) => `${this.#plan.own}${name}/${number}`;
    await this.#put(key(time), OBJECT_BYTES);
    if (this.#own.has(key(time - 1))) await this.#delete(key(time - 1), this.#stop.signal);
  }

  async #list(): Promise<void> {
    const { operations } = this.#ports;
    const found: StoredObject[] = [];
    let token: string | undefined;
    do {
      const page = await this.#send('ListObjectsV2', this.#stop.signal, async (context) => {
        const { objects, next } = await operations.listObjectsV2(this.#plan.blocks, token, context);
        found.push(...objects.map(({ key, size }) => ({ key, size })));
        token = next;
        return 0;
      });
      if (!page) return;
    } while (token !== undefined);
    this.#objects = found;
  }

  async #get(key: string, range?: { start: number; end: number }): Promise<void> {
    const { operations } = this.#ports;
    await this.#send('GetObject', this.#stop.signal, async (context) => {
      const { body } = await operations.getObject(key, context, range);
      let bytes = 0;
      for await (const chunk of body as AsyncIterable<Buffer>) bytes += chunk.length;
      return bytes;
    });
  }

  async #put(key: string, size: number): Promise<boolean> {
    const { operations } = this.#ports;
    // It may be there, whatever becomes of the answer.
    this.#own.add(key);
    return this.#send('PutObject', this.#stop.signal, async (context) => {
      await operations.putObject(key, new MemoryBody(Buffer.alloc(size)), context);
      return size;
    });
  }

  async #delete(key: string, signal: AbortSignal): Promise<void> {
    const { operations } = this.#ports;
    const deleted = await this.#send('DeleteObject', signal, async (context) => {
      await operations.deleteObject(key, context);
      return 0;
    });
    if (deleted) this.#own.delete(key);
  }

  /** Sends one request, and records what became of it. False when it failed. `send`: gives the bytes of its body. */
  async #send(
    operation: S3Operation,
    stop: AbortSignal,
    send: (context: AttemptContext) => Promise<number>,
  ): Promise<boolean> {
    const { clock, record } = this.#ports;
    const patience = new AbortController();
    const giveUp = clock.after(this.#plan.patience, () =>
      patience.abort(new Error(`no answer within ${this.#plan.patience} ms`)),
    );
    const signal = AbortSignal.any([stop, patience.signal]);
    const start = clock.now();
    const ended = (how: Pick<BackgroundEvent, 'outcome' | 'bytes' | 'error'>) => {
      const t = clock.now();
      record({ t, type: 'background', operation, ms: t - start, ...how });
    };
    try {
      // Without an id: the gateway is not to take it for an attempt of a writer.
      ended({ outcome: 'ok', bytes: await send({ id: '', request: '', attempt: 1, signal, report: () => {} }) });
      return true;
    } catch (error) {
      const { message } = (patience.signal.aborted ? patience.signal.reason : error) as Error;
      // What is cut off by the stop is nobody's failure.
      if (!stop.aborted) ended({ outcome: 'fail', bytes: 0, error: message });
      return false;
    } finally {
      giveUp();
    }
  }
}
