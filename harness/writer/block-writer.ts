/**
 * A block writer, as Tempo's ingester is one: it takes data in, cuts blocks, completes them on the local disk, and flushes
 * them from there to S3.
 *
 * 1. Ask S3 once whether the bucket is there. A writer that cannot start does not run.
 * 2. Take data in at the load's rate, in pages: one for each `flushCheckPeriod`, written to the WAL of the head block.
 * 3. Cut the head block once it holds `maxBlockBytes`, or `maxBlockDuration` after its first byte.
 * 4. Complete it: from then on (`block.cut`) its data must not be lost. Blocks are completed one after another, while data is
 *    taken into the next.
 * 5. Put it into the flush queues. A flush is done when every object is acknowledged, and the local block is marked flushed.
 * 6. Clear the local block `completeBlockTimeout` after its last byte was taken in, but never before it is flushed.
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
import { completeBlock } from './complete-block.ts';
import { FlushQueues, WriterStopped } from './flush-queues.ts';
import { HeadBlock } from './head-block.ts';
import type { LocalBlock } from './local-block.ts';
import type { LocalDisk } from './local-disk.ts';

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

/**
 * Starts a writer.
 * @throws Error when the plan cannot be carried out: a rate, a block size or a number of queues that is not positive.
 */
export function startBlockWriter(plan: WriterPlan, ports: WriterPorts): StartedBlockWriter {
  return new BlockWriter(plan, ports);
}

export interface StartedBlockWriter {
  /** Resolves when data is taken in. Rejects as `done` does. */
  readonly started: Promise<void>;
  /**
   * Resolves when all blocks are cut, and each is flushed or dropped. Rejects with `WriterStopped` when it was stopped before;
   * with an Error when it could not go on (S3 not reached at the start, the disk not written): the history then has a
   * `writer.error`, and the blocks that were cut before are still being flushed, until the writer is stopped.
   */
  readonly done: Promise<void>;
  /**
   * Takes no more data in, and aborts the flushes under way. Leaves what is on the disk. Resolves once nothing is under way.
   */
  stop(): Promise<void>;
}

class BlockWriter implements StartedBlockWriter {
  readonly started: Promise<void>;
  readonly done: Promise<void>;
  readonly #plan: WriterPlan;
  readonly #ports: WriterPorts;
  readonly #queues: FlushQueues;
  readonly #folder: string;
  readonly #stop = new AbortController();
  /** Ends the intake: with `WriterStopped`, or with the error for which no more data can be taken in. */
  readonly #intake = new AbortController();
  /** For each block cut, that it has left the flush queues. */
  readonly #flushes: Promise<void>[] = [];
  /** For each block flushed, that it is cleared. */
  readonly #clearings: Promise<void>[] = [];
  /** The end of the last completion begun. */
  #completed = Promise.resolve();

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
    this.started = this.#begin();
    this.done = this.started.then(() => this.#work()).catch((error) => this.#fail(error));
    // Who does not ask how it ended must not be struck by it.
    this.started.catch(() => {});
    this.done.catch(() => {});
  }

  async stop(): Promise<void> {
    const stopped = new WriterStopped();
    this.#stop.abort(stopped);
    this.#intake.abort(stopped);
    await this.#queues.stop();
    await Promise.allSettled([this.done, this.#completed]);
    await Promise.allSettled([...this.#flushes, ...this.#clearings]);
  }

  async #begin(): Promise<void> {
    try {
      await this.#ports.store.checkAccess(this.#stop.signal);
    } catch (error) {
      // Tempo asks once, and ends when the answer is not good.
      throw new Error(`block writer: cannot start: ${(error as Error).message}`, { cause: error });
    }
    await this.#ports.clock.sleep(this.#plan.load.startAfter, this.#stop.signal);
  }

  async #work(): Promise<void> {
    await this.#takeDataIn();
    await this.#completed;
    await Promise.all(this.#flushes);
    this.#stop.signal.throwIfAborted();
  }

  #fail(error: unknown): never {
    if (this.#stop.signal.aborted) throw this.#stop.signal.reason;
    this.#recordError(error);
    throw error;
  }

  #recordError(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#ports.record({ t: this.#ports.clock.now(), type: 'writer.error', writer: this.#plan.writer, message });
  }

  async #takeDataIn(): Promise<void> {
    const { clock, disk, random } = this.#ports;
    const { load, tenant, writer } = this.#plan;
    const { maxBlockBytes, maxBlockDuration } = this.#plan.blocks;
    const bytesPerMs = load.bytesPerSecond / 1000;
    const pageBytes = Math.max(1, Math.round(bytesPerMs * this.#plan.flush.flushCheckPeriod));
    const begin = clock.now();
    let taken = 0;
    for (let number = 1; number <= load.blocks; number++) {
      const head = new HeadBlock(random.uuid('block', writer, number), tenant, clock.date(), disk, random);
      const cutAt = begin + (taken + 1) / bytesPerMs + maxBlockDuration;
      while (head.bytes < maxBlockBytes) {
        const page = Math.min(pageBytes, maxBlockBytes - head.bytes);
        const pageAt = begin + (taken + page) / bytesPerMs;
        const due = pageAt > cutAt;
        await clock.sleep(Math.max(0, (due ? cutAt : pageAt) - clock.now()), this.#intake.signal);
        const arrived = due
          ? Math.max(head.bytes === 0 ? 1 : 0, Math.floor((cutAt - begin) * bytesPerMs) - taken)
          : page;
        if (arrived > 0) await head.append(arrived);
        taken += arrived;
        if (due) break;
      }
      this.#cut(head);
    }
  }

  #cut(head: HeadBlock): void {
    const cutAt = this.#ports.clock.now();
    const endTime = this.#ports.clock.date();
    this.#completed = this.#completed.then(() => this.#complete(head, cutAt, endTime));
    this.#completed.catch((error) => this.#intake.abort(error));
  }

  async #complete(head: HeadBlock, cutAt: number, endTime: Date): Promise<void> {
    const { clock, disk, random, record } = this.#ports;
    const block = await completeBlock(head, endTime, disk, random);
    const keyPrefix = `${this.#folder}/${block.id}/`;
    record({
      t: clock.now(),
      type: 'block.cut',
      writer: this.#plan.writer,
      block: block.id,
      keyPrefix,
      bytes: block.bytes,
      objects: [...block.objects],
    });
    const flush = this.#flush(block, keyPrefix, cutAt);
    flush.catch((error) => this.#intake.abort(error));
    this.#flushes.push(flush);
  }

  async #flush(block: LocalBlock, keyPrefix: string, cutAt: number): Promise<void> {
    const { clock, store } = this.#ports;
    const result = await this.#queues.flush({
      block: block.id,
      attempt: async (signal) => {
        await block.copyTo(store, keyPrefix, signal);
        await block.markFlushed(clock.date());
      },
    });
    if (result === 'dropped') await block.clear();
    if (result === 'flushed') {
      this.#clearings.push(this.#clear(block, cutAt + this.#plan.blocks.completeBlockTimeout));
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

function requirePositive(name: string, value: number): void {
  if (!(value > 0)) throw new Error(`block writer: ${name} is ${value}: it must be more than 0`);
}
