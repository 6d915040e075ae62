/**
 * A block writer, as Tempo's ingester is one: it takes data in, cuts blocks, completes them on the local disk, and flushes
 * them from there to S3.
 *
 * 1. Ask S3 once whether the bucket is there. A writer that cannot start does not run.
 * 2. Replay what the disk holds of a process that ran here before (replay.ts).
 * 3. Take data in at the load's rate, in pages: one for each `flushCheckPeriod`, written to the WAL of the head block. A page that
 *    cannot be written is lost, and nothing pushes back: the next one is tried all the same.
 * 4. Cut the head block once `maxBlockBytes` of its data came in, or `maxBlockDuration` after its first byte.
 * 5. Complete it: from then on (`block.cut`) its data must not be lost. Blocks are completed one after another, while data is
 *    taken into the next. A block is tried three times, and then deleted with its data.
 * 6. Put it into the flush queues. A flush is done when every object is acknowledged, and the local block is marked flushed.
 * 7. Clear the local block `completeBlockTimeout` after its last byte was taken in, but never before it is flushed.
 *
 * What is taken in when is computed from the rate alone, not from when a timer fired: the same seed gives the same bytes, on a
 * late machine and in virtual time too.
 */
import { setMaxListeners } from 'node:events';
import type { Clock } from '../clock.ts';
import type { Recorder } from '../history/events.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import type { Random } from '../random.ts';
import type { BlockSettings, FlushSettings } from '../tempo/settings.ts';
import { type CompletedBlock, completeBlock } from './complete-block.ts';
import { FlushQueues, WriterStopped } from './flush-queues.ts';
import { HeadBlock } from './head-block.ts';
import type { LocalBlock } from './local-block.ts';
import type { LocalDisk } from './local-disk.ts';
import { type Found, type Replayed, replay } from './replay.ts';

/** Tempo's `maxCompleteAttempts`. */
const COMPLETE_ATTEMPTS = 3;

export interface WriterPlan {
  writer: string;
  tenant: string;
  /** Of all keys: `storage.trace.s3.prefix`. May be empty. */
  prefix: string;
  blocks: Pick<BlockSettings, 'maxBlockBytes' | 'maxBlockDuration' | 'completeBlockTimeout'>;
  flush: FlushSettings;
  load: {
    /** Bytes of data taken in each second. */
    bytesPerSecond: number;
    /** How many blocks are cut in all. */
    blocks: number;
    /** How many of them were begun by processes that ran on this disk before. */
    begun: number;
    /** Milliseconds before the first byte. */
    startAfter: number;
  };
}

export interface WriterPorts {
  store: ObjectStore;
  disk: LocalDisk;
  clock: Clock;
  random: Random;
  record: Recorder;
}

/** The id of a writer's block: the `number`th that it begins, from 1 on. */
export function blockId(random: Random, writer: string, number: number): string {
  return random.uuid('block', writer, number);
}

/**
 * Starts a writer.
 * @throws Error when the plan cannot be carried out: a rate, a block size or a number of queues that is not positive.
 */
export function startBlockWriter(plan: WriterPlan, ports: WriterPorts): StartedBlockWriter {
  return new BlockWriter(plan, ports);
}

export interface StartedBlockWriter {
  /** Resolves when data is taken in, with what was on the disk. Rejects as `done` does. */
  readonly started: Promise<Started>;
  /**
   * Resolves when the load is taken in, and each of its blocks is flushed or dropped. Rejects with `WriterStopped` when it was
   * stopped before; with an Error when it could not go on (S3 not reached at the start, a disk on which nothing can be deleted): the
   * history then has a `writer.error`.
   */
  readonly done: Promise<void>;
  /**
   * Takes no more data in, and aborts the flushes under way. Leaves what is on the disk. Resolves once nothing is under way.
   */
  stop(): Promise<void>;
}

export interface Started {
  found: Found;
  /** Local blocks that were on the disk already. */
  blocks: string[];
}

class BlockWriter implements StartedBlockWriter {
  readonly started: Promise<Started>;
  readonly done: Promise<void>;
  readonly #plan: WriterPlan;
  readonly #ports: WriterPorts;
  readonly #queues: FlushQueues;
  readonly #folder: string;
  readonly #stop = new AbortController();
  /** Ends the intake: with `WriterStopped`, or with the error for which the writer cannot go on. */
  readonly #intake = new AbortController();
  /** Each block's way from its cut until it has left the flush queues. */
  readonly #ways: Promise<void>[] = [];
  /** For each block flushed, that it is cleared. */
  readonly #clearings: Promise<void>[] = [];
  /** The end of the last completion begun: blocks are completed one after another. */
  #completing: Promise<unknown> = Promise.resolve();

  constructor(plan: WriterPlan, ports: WriterPorts) {
    requirePositive('load.bytesPerSecond', plan.load.bytesPerSecond);
    requirePositive('maxBlockBytes', plan.blocks.maxBlockBytes);
    requirePositive('maxBlockDuration', plan.blocks.maxBlockDuration);
    requirePositive('flushCheckPeriod', plan.flush.flushCheckPeriod);
    this.#plan = plan;
    this.#ports = ports;
    // Every block that waits to be cleared listens, and there may be any number of them.
    setMaxListeners(0, this.#stop.signal);
    this.#queues = new FlushQueues(plan.writer, plan.flush, ports.clock, ports.random, ports.record);
    this.#folder = [...plan.prefix.split('/'), plan.tenant].filter((part) => part !== '').join('/');
    const replayed = this.#begin();
    this.started = replayed.then(({ found, waiting, flushed }) => ({
      found,
      blocks: [...waiting, ...flushed.map(({ block }) => block)].map(({ id }) => id),
    }));
    this.done = replayed.then((found) => this.#work(found)).catch((error) => this.#fail(error));
    // Who does not ask how it ended must not be struck by it.
    this.started.catch(() => {});
    this.done.catch(() => {});
  }

  async stop(): Promise<void> {
    const stopped = new WriterStopped();
    this.#stop.abort(stopped);
    this.#intake.abort(stopped);
    await this.#queues.stop();
    await Promise.allSettled([this.done]);
    await Promise.allSettled([...this.#ways, ...this.#clearings]);
  }

  async #begin(): Promise<Replayed> {
    const { store, disk, clock, random } = this.#ports;
    const { tenant, load } = this.#plan;
    try {
      await store.checkAccess(this.#stop.signal);
      const replayed = await replay(disk, tenant, random);
      this.#recordGivenUp(replayed);
      await clock.sleep(load.startAfter, this.#stop.signal);
      return replayed;
    } catch (error) {
      // Tempo asks once, and ends when the answer is not good.
      throw new Error(`block writer: cannot start: ${(error as Error).message}`, { cause: error });
    }
  }

  #recordGivenUp({ givenUp }: Replayed): void {
    const { clock, record } = this.#ports;
    const { writer } = this.#plan;
    for (const { block, bytes, reason, cut } of givenUp) {
      const about = { t: clock.now(), writer, block, reason };
      record(cut ? { ...about, type: 'block.dropped' } : { ...about, type: 'data.lost', bytes });
    }
  }

  async #work({ completing, waiting, flushed }: Replayed): Promise<void> {
    const { clock, random } = this.#ports;
    const { writer, flush, blocks } = this.#plan;
    const sinceEnd = (endTime: Date) => clock.date().getTime() - endTime.getTime();
    for (const { block, endTime } of flushed) {
      this.#clearings.push(this.#clear(block, clock.now() - sinceEnd(endTime) + blocks.completeBlockTimeout));
    }
    for (const { head, endTime } of completing) {
      // A replayed WAL block waits before it is completed, and not again before its flush.
      const delay = random.uniform('replay', writer, head.id) * flush.firstFlushJitter;
      this.#goes(this.#complete(head, clock.now() - sinceEnd(endTime), endTime, delay));
    }
    for (const block of waiting) this.#goes(this.#flush(block, clock.now()));
    await this.#takeDataIn();
    await Promise.all(this.#ways);
    this.#stop.signal.throwIfAborted();
  }

  #fail(error: unknown): never {
    if (this.#stop.signal.aborted) throw this.#stop.signal.reason;
    this.#recordError(error);
    throw error;
  }

  #recordError(error: unknown): void {
    this.#ports.record({
      t: this.#ports.clock.now(),
      type: 'writer.error',
      writer: this.#plan.writer,
      message: messageOf(error),
    });
  }

  #goes(way: Promise<void>): void {
    way.catch((error) => this.#intake.abort(error));
    this.#ways.push(way);
  }

  async #takeDataIn(): Promise<void> {
    const { clock, disk, random } = this.#ports;
    const { load, tenant, writer } = this.#plan;
    const { maxBlockBytes, maxBlockDuration } = this.#plan.blocks;
    const bytesPerMs = load.bytesPerSecond / 1000;
    const pageBytes = Math.max(1, Math.round(bytesPerMs * this.#plan.flush.flushCheckPeriod));
    const begin = clock.now();
    let taken = 0;
    for (let number = load.begun + 1; number <= load.blocks; number++) {
      const head = new HeadBlock(blockId(random, writer, number), tenant, clock.date(), disk, random);
      const cutAt = begin + (taken + 1) / bytesPerMs + maxBlockDuration;
      let inBlock = 0;
      while (inBlock < maxBlockBytes) {
        const page = Math.min(pageBytes, maxBlockBytes - inBlock);
        const pageAt = begin + (taken + page) / bytesPerMs;
        const due = pageAt > cutAt;
        await clock.sleep(Math.max(0, (due ? cutAt : pageAt) - clock.now()), this.#intake.signal);
        const arrived = due ? Math.max(inBlock === 0 ? 1 : 0, Math.floor((cutAt - begin) * bytesPerMs) - taken) : page;
        if (arrived > 0) await this.#append(head, arrived);
        taken += arrived;
        inBlock += arrived;
        if (due) break;
      }
      this.#goes(this.#cut(head));
    }
  }

  /** Tempo does not push back: what cannot be written is lost, though it had been acknowledged. */
  async #append(head: HeadBlock, bytes: number): Promise<void> {
    const { clock, record } = this.#ports;
    try {
      await head.append(bytes, clock.date());
    } catch (error) {
      record({
        t: clock.now(),
        type: 'data.lost',
        writer: this.#plan.writer,
        block: head.id,
        bytes,
        reason: `failed to cut traces: ${messageOf(error)}`,
      });
    }
  }

  async #cut(head: HeadBlock): Promise<void> {
    if (head.bytes > 0) return this.#complete(head, this.#ports.clock.now(), this.#ports.clock.date());
    // Tempo does not cut a block that holds nothing; here the block of this number is over.
    await this.#drop(head, 'none of its pages could be written');
  }

  /** `endedAt`: when its last byte was taken in. `delay`: before it is completed, instead of before its flush. */
  async #complete(head: HeadBlock, endedAt: number, endTime: Date, delay?: number): Promise<void> {
    const { clock, disk, record } = this.#ports;
    if (delay !== undefined) await clock.sleep(delay, this.#stop.signal);
    const completed = await this.#tryToComplete(head, endTime);
    if (!completed) return;
    const { block, objects } = completed;
    // Before the WAL is deleted: what is on the disk as a local block alone has been told of.
    record({
      t: clock.now(),
      type: 'block.cut',
      writer: this.#plan.writer,
      block: head.id,
      keyPrefix: this.#keyPrefix(head.id),
      bytes: objects.reduce((sum, { size }) => sum + size, 0),
      objects,
    });
    await disk.remove(head.folder);
    await this.#flush(block, endedAt, delay === undefined ? undefined : 0);
  }

  /** `undefined`: it failed as often as Tempo tries it, and was dropped. */
  async #tryToComplete(head: HeadBlock, endTime: Date): Promise<CompletedBlock | undefined> {
    const { clock, disk, random } = this.#ports;
    const { flushRetryDelays } = this.#plan.flush;
    for (let attempt = 1; ; attempt++) {
      this.#stop.signal.throwIfAborted();
      const completed = this.#completing.then(() => completeBlock(head, endTime, disk, random));
      this.#completing = completed.catch(() => {});
      try {
        return await completed;
      } catch (error) {
        if (attempt === COMPLETE_ATTEMPTS) {
          const words = 'Block exceeded max completion errors. Deleting. POSSIBLE DATA LOSS';
          await this.#drop(head, `${words} (${attempt} attempts, the last: ${messageOf(error)})`);
          return undefined;
        }
      }
      // A failed completion is queued again after the waits of a failed flush.
      await clock.sleep(flushRetryDelays[attempt - 1] ?? flushRetryDelays.at(-1) ?? 0, this.#stop.signal);
    }
  }

  /** What a failed completion has left of the local block stays there until the next start, as in Tempo. */
  async #drop(head: HeadBlock, reason: string): Promise<void> {
    const { clock, disk, record } = this.#ports;
    record({ t: clock.now(), type: 'block.dropped', writer: this.#plan.writer, block: head.id, reason });
    await disk.remove(head.folder);
  }

  #keyPrefix(block: string): string {
    return `${this.#folder}/${block}/`;
  }

  /** `jitter`: the wait before it, milliseconds; absent: drawn. */
  async #flush(block: LocalBlock, endedAt: number, jitter?: number): Promise<void> {
    const { clock, store } = this.#ports;
    const result = await this.#queues.flush(
      {
        block: block.id,
        attempt: async (signal) => {
          await block.copyTo(store, this.#keyPrefix(block.id), signal);
          await block.markFlushed(clock.date());
        },
      },
      jitter,
    );
    if (result === 'dropped') await block.clear();
    if (result === 'flushed') {
      this.#clearings.push(this.#clear(block, endedAt + this.#plan.blocks.completeBlockTimeout));
    }
  }

  async #clear(block: LocalBlock, at: number): Promise<void> {
    const { clock } = this.#ports;
    try {
      await clock.sleep(at - clock.now(), this.#stop.signal);
      await block.clear();
    } catch (error) {
      if (!(error instanceof WriterStopped)) this.#recordError(error);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function requirePositive(name: string, value: number): void {
  if (!(value > 0)) throw new Error(`block writer: ${name} is ${value}: it must be more than 0`);
}
