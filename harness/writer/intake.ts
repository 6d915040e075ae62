/**
 * How data comes in: pushed into memory, cut to the WAL by sweeps, and from there into blocks, as in Tempo's ingester.
 *
 * 1. Ten times each `flushCheckPeriod` the load is pushed (live-traces.ts). A push is acknowledged once it is in memory.
 * 2. Each `flushCheckPeriod` comes a sweep. It writes the live traces that are due into one page of the head block; cuts the head block,
 *    when it holds something and is large or old enough; and has what is due on the disk deleted. A page that cannot be written is
 *    lost, nothing pushes back, and the sweep ends there (in Tempo 3, but for the deleting). A sweep that takes longer than the period is followed by one more at once.
 * 3. Nothing is pushed while the last block would be full with what is there. With the last block go all live traces that are left, and
 *    then the load is over. The sweeps go on until the writer is stopped.
 *
 * What a push brings and what a sweep cuts follows from their places on the grid, which begins with the load, not from when a timer
 * fired: the same seed gives the same bytes, on a late machine and in virtual time too, as long as no sweep takes longer than the period.
 * On a machine that is late what follows a sweep is as late as the sweep, until that has ended.
 */
import type { Clock } from '../clock.ts';
import { messageOf } from '../error-message.ts';
import type { Recorder } from '../history/events.ts';
import type { Random } from '../random.ts';
import type { BlockSettings } from '../tempo/settings.ts';
import { blockId } from './block-id.ts';
import { HeadBlock } from './head-block.ts';
import { type CutTraces, LiveTraces, type PushLoad, SAME_MOMENT_MS, type Traces } from './live-traces.ts';
import type { LocalDisk } from './local-disk.ts';

export const PUSHES_PER_SWEEP = 10;

export interface IntakePlan {
  writer: string;
  tenant: string;
  blocks: BlockSettings;
  flushCheckPeriod: number;
  load: PushLoad & {
    /** How many blocks are cut in all, and how many of them were begun before. */
    blocks: number;
    begun: number;
  };
}

export interface IntakePorts {
  disk: LocalDisk;
  clock: Clock;
  random: Random;
  record: Recorder;
}

/** What the rest of the writer does. */
export interface Downstream {
  /** A block was cut. `forced`: by a shutdown. */
  cut(head: HeadBlock, forced: boolean): void;
  /** Deletes what is due. Does not reject. */
  clear(): Promise<void>;
}

interface Sweep {
  push: number;
  /** On the clock. */
  begun: number;
  ended: Promise<void>;
}

const nothing: Traces = { bytes: 0, traces: 0 };

export class Intake {
  /** Resolves when the last block of the load is cut. Rejects with the signal's reason when that comes first. */
  readonly over: Promise<void>;
  readonly #plan: IntakePlan;
  readonly #ports: IntakePorts;
  readonly #downstream: Downstream;
  readonly #signal: AbortSignal;
  readonly #live: LiveTraces;
  /** Milliseconds between two pushes. */
  readonly #interval: number;
  /** On the clock, and on the wall's. */
  readonly #begin: number;
  readonly #beginDate: number;
  readonly #ended: Promise<void>;
  #isOver: () => void = () => {};
  #fails: (error: unknown) => void = () => {};
  /** Absent: the load is over. */
  #head: HeadBlock | undefined;
  #number: number;
  /** Since the load began, milliseconds. */
  #lastCut = 0;
  /** What is in a page that is being written: in memory, until that is closed. */
  #writing: Traces = nothing;
  #lastPush = 0;
  #sweep: Sweep | undefined;
  #sweepMissed = false;

  /** Begins at once, and ends with `signal`. */
  constructor(plan: IntakePlan, ports: IntakePorts, downstream: Downstream, signal: AbortSignal) {
    this.#plan = plan;
    this.#ports = ports;
    this.#downstream = downstream;
    this.#signal = signal;
    this.#interval = plan.flushCheckPeriod / PUSHES_PER_SWEEP;
    this.#live = new LiveTraces(plan.load, this.#interval);
    this.#begin = ports.clock.now();
    this.#beginDate = ports.clock.date().getTime();
    this.#number = plan.load.begun;
    this.over = new Promise((resolve, reject) => {
      this.#isOver = resolve;
      this.#fails = reject;
    });
    this.over.catch(() => {});
    this.#nextHead();
    this.#ended = this.#run().catch((error) => this.#fails(error));
  }

  /**
   * After the signal: cuts all live traces to the WAL, and with `block` the head block too, unless the page could not be written.
   * Resolves also when there was nothing to cut.
   */
  async cutAll(block: boolean): Promise<void> {
    await this.ended();
    const isWritten = await this.#writePage(this.#live.cutAll());
    if (block && isWritten && this.#head && this.#head.bytes > 0) this.#cutHead(this.#head, this.#lastCut, true);
  }

  /** Resolves, after the signal, once nothing is under way. */
  async ended(): Promise<void> {
    await this.#ended;
    await this.#sweep?.ended;
  }

  async #run(): Promise<void> {
    for (let number = 1; ; number++) {
      const isSweepDue = number % PUSHES_PER_SWEEP === 0;
      if (!this.#head && !isSweepDue) continue;
      await this.#until(number);
      this.#lastPush = number;
      this.#push(number);
      if (!isSweepDue) continue;
      if (this.#sweep) this.#sweepMissed = true;
      else this.#beginSweep();
    }
  }

  async #until(number: number): Promise<void> {
    const { clock } = this.#ports;
    await clock.sleep(Math.max(0, this.#begin + number * this.#interval - clock.now()), this.#signal);
    const sweep = this.#sweep;
    const late = sweep ? sweep.begun + (number - sweep.push) * this.#interval - clock.now() : 0;
    if (!sweep || late <= 0) return;
    const woken = new AbortController();
    await Promise.race([sweep.ended, clock.sleep(late, AbortSignal.any([woken.signal, this.#signal]))]).finally(() =>
      woken.abort(),
    );
    this.#signal.throwIfAborted();
  }

  #push(number: number): void {
    const head = this.#head;
    if (!head) return;
    const { load, blocks, writer } = this.#plan;
    const held = head.bytes + this.#inMemory.bytes;
    if (this.#number === load.blocks && held >= blocks.maxBlockBytes) return;
    const { bytes, traces, refused } = this.#live.push(number);
    const about = { t: this.#ports.clock.now(), type: 'push' as const, writer, live: this.#inMemory };
    const [first, ...others] = refused;
    this.#ports.record({ ...about, bytes, traces, ...(first && { refused: first }) });
    // Two limits at once: an event names one.
    for (const other of others) this.#ports.record({ ...about, bytes: 0, traces: 0, refused: other });
  }

  get #inMemory(): Traces {
    const { bytes, traces } = this.#live.live;
    return { bytes: bytes + this.#writing.bytes, traces: traces + this.#writing.traces };
  }

  #beginSweep(): void {
    const push = this.#lastPush;
    const ended = this.#sweepAt(push * this.#interval).then(
      () => {
        this.#sweep = undefined;
        if (!this.#sweepMissed || this.#signal.aborted) return;
        this.#sweepMissed = false;
        this.#beginSweep();
      },
      (error) => this.#fails(error),
    );
    this.#sweep = { push, begun: this.#ports.clock.now(), ended };
  }

  /** `at`: since the load began, milliseconds. */
  async #sweepAt(at: number): Promise<void> {
    const isCut = await this.#cut(at);
    // In Tempo 3 what clears is a loop of its own.
    const clears = isCut || this.#plan.blocks.walDeletedAfter > 0;
    if (clears && !this.#signal.aborted) await this.#downstream.clear();
  }

  /** False when a page was lost. */
  async #cut(at: number): Promise<boolean> {
    const { traceIdlePeriod, traceLivePeriod } = this.#plan.blocks;
    if (!(await this.#writePage(this.#live.cut(at, traceIdlePeriod, traceLivePeriod)))) return false;
    const head = this.#head;
    if (!head || !this.#isDue(head, at) || this.#signal.aborted) return true;
    const isLast = this.#number === this.#plan.load.blocks;
    if (isLast && !(await this.#writePage(this.#live.cutAll()))) return false;
    if (!this.#signal.aborted) this.#cutHead(head, at, false);
    return true;
  }

  #isDue(head: HeadBlock, at: number): boolean {
    const { maxBlockBytes, maxBlockDuration } = this.#plan.blocks;
    if (head.bytes === 0) return false;
    return head.bytes >= maxBlockBytes || at - this.#lastCut > maxBlockDuration + SAME_MOMENT_MS;
  }

  /** False when the page is lost. Tempo does not push back: what cannot be written is gone, though it had been acknowledged. */
  async #writePage({ bytes, traces, lastSpanAt }: CutTraces): Promise<boolean> {
    const head = this.#head;
    if (!head || bytes === 0) return true;
    const { clock, record } = this.#ports;
    const { writer } = this.#plan;
    this.#writing = { bytes, traces };
    try {
      const page = await head.append(bytes, new Date(this.#beginDate + lastSpanAt));
      record({ t: clock.now(), type: 'wal.page', writer, block: head.id, page, bytes });
      return true;
    } catch (error) {
      const reason = `failed to cut traces: ${messageOf(error)}`;
      record({ t: clock.now(), type: 'data.lost', what: 'wal', writer, block: head.id, bytes, reason });
      return false;
    } finally {
      this.#writing = nothing;
    }
  }

  #cutHead(head: HeadBlock, at: number, forced: boolean): void {
    this.#lastCut = at;
    this.#nextHead();
    this.#downstream.cut(head, forced);
  }

  #nextHead(): void {
    const { load, tenant, writer } = this.#plan;
    const { disk, random } = this.#ports;
    this.#number++;
    if (this.#number > load.blocks) {
      this.#head = undefined;
      this.#isOver();
      return;
    }
    const startTime = new Date(this.#beginDate + this.#lastCut);
    this.#head = new HeadBlock(blockId(random, writer, this.#number), tenant, startTime, disk, random);
  }
}
