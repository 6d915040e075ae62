/**
 * A block writer, as Tempo's ingester is one: it takes data in, cuts blocks, completes them on the local disk, and flushes
 * them from there to S3.
 *
 * 1. Ask S3 once whether the bucket is there. A writer that S3 does not answer so does not run (`S3NotReached`).
 * 2. Replay what the disk holds of a process that ran here before (replay.ts).
 * 3. Take data in, and cut it into blocks (intake.ts).
 * 4. Complete each block, after a random wait, so that writers that cut at the same moment do not work at the same moment. From then
 *    on (`block.cut`) its data must not be lost. A block that cannot be completed is deleted with its data after so many attempts; in
 *    Tempo 3 once it is old (wal-blocks.ts).
 * 5. Flush it, from the same queues (flush-queues.ts). A flush is done when every object is acknowledged, and the local block is marked
 *    flushed.
 * 6. Clear the local block when it is due, at a sweep, but never before it is flushed (flushed-blocks.ts).
 */
import type { Clock } from '../clock.ts';
import { messageOf } from '../error-message.ts';
import type { Recorder } from '../history/events.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import type { Random } from '../random.ts';
import { keyFolder } from '../tempo/key-folder.ts';
import type { BlockSettings, FlushSettings } from '../tempo/settings.ts';
import { type CompletedBlock, completeBlock } from './complete-block.ts';
import { FlushQueues, WriterStopped } from './flush-queues.ts';
import { FlushedBlocks } from './flushed-blocks.ts';
import type { HeadBlock } from './head-block.ts';
import { Intake } from './intake.ts';
import type { PushLoad } from './live-traces.ts';
import { blockFolder, type LocalBlock } from './local-block.ts';
import type { LocalDisk } from './local-disk.ts';
import { type Found, type Replayed, replay } from './replay.ts';
import { WalBlocks } from './wal-blocks.ts';

export { blockId } from './block-id.ts';

export interface WriterPlan {
  writer: string;
  tenant: string;
  /** Of all keys: `storage.trace.s3.prefix`. May be empty. */
  prefix: string;
  blocks: BlockSettings;
  flush: FlushSettings;
  load: PushLoad & {
    /** How many blocks are cut in all. */
    blocks: number;
    /** How many of them were begun by processes that ran on this disk before. */
    begun: number;
    /** Milliseconds before the first byte. */
    startAfter: number;
    /** See `WriterAssignment.load`. */
    wholeBlooms?: boolean;
  };
}

export interface WriterPorts {
  store: Pick<ObjectStore, 'putObject' | 'checkAccess'>;
  disk: LocalDisk;
  clock: Clock;
  random: Random;
  record: Recorder;
}

/**
 * Starts a writer.
 * @throws Error when the plan cannot be carried out: a rate, a block size, a period or a number of queues that is not positive.
 */
export function startBlockWriter(plan: WriterPlan, ports: WriterPorts): StartedBlockWriter {
  return new BlockWriter(plan, ports);
}

export interface StartedBlockWriter {
  /** Resolves when data is taken in, with what was on the disk. Rejects as `done` does. */
  readonly started: Promise<Started>;
  /**
   * Resolves when the load is taken in, and each of its blocks is flushed or dropped. Rejects with `WriterStopped` when it was
   * stopped before; with `S3NotReached` when S3 did not let it start, which is for who started it to record; with an Error when it could
   * not go on (a disk on which nothing can be deleted): the history then has a `writer.error`.
   */
  readonly done: Promise<void>;
  /**
   * Takes no more data in, and aborts the flushes under way. Leaves what is on the disk; live traces are gone. Resolves once nothing
   * is under way.
   */
  stop(): Promise<void>;
  /**
   * Stops as Tempo's ingester does when it is asked to: data is taken in no more, live traces are cut to the WAL, and with
   * `flushAllOnShutdown` every block is cut, completed and flushed, for `patience` milliseconds at most. Then as `stop`.
   */
  shutDown(patience: number): Promise<void>;
}

/** S3 refused or did not answer the listing of the bucket, with which a writer begins: nothing of it runs, and its disk was not touched. */
export class S3NotReached extends Error {
  override readonly name = 'S3NotReached';
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
  readonly #wal: WalBlocks;
  readonly #flushed: FlushedBlocks;
  readonly #folder: string;
  readonly #stop = new AbortController();
  /** Ends the intake: with `WriterStopped`, or with the error for which the writer cannot go on. */
  readonly #intakeEnd = new AbortController();
  /** Each block's way from its cut until it has left the queues. */
  readonly #ways: Promise<void>[] = [];
  #intake: Intake | undefined;

  constructor(plan: WriterPlan, ports: WriterPorts) {
    requirePositive('load.bytesPerSecond', plan.load.bytesPerSecond);
    requirePositive('maxBlockBytes', plan.blocks.maxBlockBytes);
    requirePositive('maxBlockDuration', plan.blocks.maxBlockDuration);
    requirePositive('flushCheckPeriod', plan.flush.flushCheckPeriod);
    this.#plan = plan;
    this.#ports = ports;
    this.#queues = new FlushQueues(plan.writer, plan.flush, ports.clock, ports.record);
    this.#wal = new WalBlocks(plan.writer, plan.blocks.walDeletedAfter, ports);
    this.#flushed = new FlushedBlocks(plan.writer, plan.blocks, ports);
    this.#folder = keyFolder(plan.prefix, plan.tenant);
    const replayed = this.#begin();
    this.started = replayed.then(({ found, waiting, flushed }) => ({
      found,
      blocks: [...waiting, ...flushed].map(({ block }) => block.id),
    }));
    this.done = replayed.then((found) => this.#work(found)).catch((error) => this.#fail(error));
    // Who does not ask how it ended must not be struck by it.
    this.started.catch(() => {});
    this.done.catch(() => {});
  }

  async stop(): Promise<void> {
    const stopped = new WriterStopped();
    this.#stop.abort(stopped);
    this.#intakeEnd.abort(stopped);
    this.#wal.stop(stopped);
    await this.#queues.stop();
    await Promise.allSettled([this.done]);
    await this.#intake?.ended();
    await Promise.allSettled(this.#ways);
  }

  async shutDown(patience: number): Promise<void> {
    const { clock } = this.#ports;
    const end = clock.now() + patience;
    const { flushAllOnShutdown } = this.#plan.blocks;
    this.#intakeEnd.abort(new WriterStopped());
    await this.#intake?.cutAll(flushAllOnShutdown);
    if (flushAllOnShutdown) {
      const over = new AbortController();
      const patienceEnds = clock.sleep(Math.max(0, end - clock.now()), over.signal).catch(() => {});
      await Promise.race([Promise.allSettled(this.#ways), patienceEnds]);
      over.abort();
    }
    await this.stop();
  }

  async #begin(): Promise<Replayed> {
    const { store, disk, clock, random } = this.#ports;
    const { tenant, load } = this.#plan;
    const cannotStart = (error: unknown) => `block writer: cannot start: ${(error as Error).message}`;
    await store.checkAccess(this.#stop.signal).catch((error) => {
      this.#stop.signal.throwIfAborted();
      // Tempo asks once, with all attempts that its client has, and ends when the answer is not good.
      throw new S3NotReached(cannotStart(error), { cause: error });
    });
    try {
      const replayed = await replay(disk, tenant, random);
      this.#recordGivenUp(replayed);
      await clock.sleep(load.startAfter, this.#stop.signal);
      return replayed;
    } catch (error) {
      throw new Error(cannotStart(error), { cause: error });
    }
  }

  #recordGivenUp({ givenUp }: Replayed): void {
    const { clock, record } = this.#ports;
    const { writer } = this.#plan;
    for (const { block, bytes, reason, cut } of givenUp) {
      const about = { t: clock.now(), writer, block, reason };
      record(cut ? { ...about, type: 'block.dropped' } : { ...about, type: 'data.lost', what: 'wal', bytes });
    }
  }

  async #work({ completing, waiting, flushed }: Replayed): Promise<void> {
    const { flush, ...plan } = this.#plan;
    for (const { block, endTime, flushedAt } of flushed) this.#flushed.add(block, endTime, flushedAt);
    // Found again, a block waits before its first operation here, whichever that is.
    for (const head of completing) this.#goes(this.#complete(head, this.#jitter(head.id)));
    for (const { block, endTime } of waiting) this.#goes(this.#flush(block, endTime, this.#jitter(block.id)));
    this.#intake = new Intake(
      { ...plan, flushCheckPeriod: flush.flushCheckPeriod },
      this.#ports,
      {
        cut: (head, forced) => this.#goes(this.#complete(head, forced ? 0 : this.#jitter(head.id))),
        clear: async () => {
          await this.#flushed.clear(this.#stop.signal);
          await this.#wal.clear(this.#stop.signal);
        },
      },
      this.#intakeEnd.signal,
    );
    await this.#intake.over;
    await Promise.all(this.#ways);
    this.#intakeEnd.signal.throwIfAborted();
  }

  #fail(error: unknown): never {
    if (this.#stop.signal.aborted) throw this.#stop.signal.reason;
    if (error instanceof WriterStopped || error instanceof S3NotReached) throw error;
    const { clock, record } = this.#ports;
    record({ t: clock.now(), type: 'writer.error', writer: this.#plan.writer, message: messageOf(error) });
    throw error;
  }

  #goes(way: Promise<void>): void {
    way.catch((error) => this.#intakeEnd.abort(error));
    this.#ways.push(way);
  }

  /** The wait before a block's first operation. */
  #jitter(block: string): number {
    const { writer, flush } = this.#plan;
    return this.#ports.random.uniform('first-operation', writer, block) * flush.firstFlushJitter;
  }

  async #complete(head: HeadBlock, delay: number): Promise<void> {
    const { clock, disk, random, record } = this.#ports;
    const { writer } = this.#plan;
    const { walDeletedAfter } = this.#plan.blocks;
    const inWal = this.#wal.add(head);
    let completed: CompletedBlock | undefined;
    const result = await this.#queues.complete(
      {
        block: head.id,
        isGone: () => inWal.isDeleted,
        attempt: async () => {
          completed = await completeBlock(head, disk, random, this.#plan.load.wholeBlooms);
        },
      },
      delay,
    );
    if (inWal.isDeleted) {
      // While it was being completed, or waited for that.
      if (completed) await disk.remove(blockFolder(head.id, head.tenant));
      return inWal.deleted;
    }
    if (result.outcome === 'given-up') {
      if (walDeletedAfter > 0) return inWal.deleted;
      const { attempts, error } = result;
      const words = 'Block exceeded max completion errors. Deleting. POSSIBLE DATA LOSS';
      // What the failed completions have left of the local block stays there until the next start, as in Tempo.
      return inWal.drop(`${words} (${attempts} attempts, the last: ${error})`);
    }
    if (!completed) return;
    const { block, objects } = completed;
    // Before the WAL is deleted: what is on the disk as a local block alone has been told of.
    record({
      t: clock.now(),
      type: 'block.cut',
      writer,
      block: head.id,
      keyPrefix: this.#keyPrefix(head.id),
      bytes: objects.reduce((sum, { size }) => sum + size, 0),
      objects,
    });
    inWal.leave();
    await head.remove();
    await this.#flush(block, head.endTime, 0);
  }

  #keyPrefix(block: string): string {
    return `${this.#folder}${block}/`;
  }

  async #flush(block: LocalBlock, endTime: Date, delay: number): Promise<void> {
    const { clock, store } = this.#ports;
    const result = await this.#queues.flush(
      {
        block: block.id,
        attempt: async (signal) => {
          await block.copyTo(store, this.#keyPrefix(block.id), signal);
          await block.markFlushed(clock.date());
        },
      },
      delay,
    );
    if (result === 'dropped') await block.clear();
    if (result === 'flushed') this.#flushed.add(block, endTime, clock.date());
  }
}

function requirePositive(name: string, value: number): void {
  if (!(value > 0)) throw new Error(`block writer: ${name} is ${value}: it must be more than 0`);
}
