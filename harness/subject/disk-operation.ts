/**
 * One read or write on a local disk, on its way past the faults that are in force.
 *
 * 1. A fault is met when the operation begins, or when it comes into force while the operation goes on; it counts the operation then, and
 *    once more when it first acts on it: an operation may outlast the fault.
 * 2. Before any byte passes, the operation waits as long as the slowest latency says.
 * 3. Each chunk then waits until the slowest rate lets it through, fails if an error was drawn for the bytes that have passed, and
 *    passes as far as the disk has room.
 * 4. At its end, for each fault that acted on it, there is a `disk` event. One that failed for a reason of its own has one too: the
 *    machine's disk is not a fault of ours.
 */
import type { Clock } from '../clock.ts';
import { messageOf } from '../error-message.ts';
import type { Recorder } from '../history/events.ts';
import type { DiskFaultInForce, DiskFaults } from './disk-faults.ts';
import type { DiskUsage } from './disk-usage.ts';
import type { DiskOperation } from './writer-machine.ts';

/** A disk's own error, as Node would throw it. */
export class DiskError extends Error {
  constructor(
    readonly code: 'ENOSPC' | 'EIO',
    operation: DiskOperation,
    readonly rule: string,
  ) {
    super(`${code}: ${code === 'ENOSPC' ? 'no space left on device' : 'i/o error'}, ${operation}`);
  }
}

/** What an operation needs to know of its disk. */
export interface DiskContext {
  writer: string;
  clock: Clock;
  record: Recorder;
  faults: DiskFaults;
  usage: DiskUsage;
}

export class RunningDiskOperation {
  readonly #context: DiskContext;
  readonly #start: number;
  readonly #met = new Set<DiskFaultInForce>();
  readonly #acted = new Set<DiskFaultInForce>();
  readonly #abort = new AbortController();
  /** Bytes after which it fails, and for which fault. */
  #failure: { after: number; met: DiskFaultInForce } | undefined;
  #passed = 0;
  #ended = false;

  /** `size`: of all that is to be read or written. */
  constructor(
    context: DiskContext,
    readonly operation: DiskOperation,
    readonly path: string,
    readonly size: number,
  ) {
    this.#context = context;
    this.#start = context.clock.now();
  }

  /**
   * Resolves with how many of the next `bytes` may pass now: one at least. To be called once with 0, before all else.
   * @throws DiskError
   */
  async pass(bytes: number): Promise<number> {
    const faults = this.#meet();
    await this.#wait(faults, bytes);
    const room = Math.min(bytes, this.#room(faults, bytes), this.#untilFailure());
    this.#passed += room;
    if (this.operation === 'write') this.#context.usage.grow(this.path, room);
    return room;
  }

  /** Whether a fault concerns it now. None has met it by that. */
  get meetsFaults(): boolean {
    const { faults, writer } = this.#context;
    return faults.inForce.some((one) => one.concerns(this.operation, this.path, writer));
  }

  /** Nobody waits for it any more: what it waits for itself is over at once. */
  abandon(): void {
    this.#abort.abort(new Error('the operation was abandoned'));
    this.ended();
  }

  /** It is over. `error`: what the disk, or a fault, ended it with. */
  ended(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    const { writer, clock, record } = this.#context;
    const { operation, path } = this;
    const about = {
      t: clock.now(),
      type: 'disk',
      writer,
      operation,
      path,
      start: this.#start,
      bytes: this.#passed,
    } as const;
    for (const { fault } of this.#acted) {
      const failedForIt = error instanceof DiskError && error.rule === fault.rule;
      record({ ...about, ...(failedForIt && { error: error.message }), rule: fault.rule });
    }
    if (error === undefined || error instanceof DiskError) return;
    // A file that is not there is the writer's business, not the disk's.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    record({ ...about, error: messageOf(error) });
  }

  /** The faults that concern it, now. */
  #meet(): DiskFaultInForce[] {
    const { operation, path } = this;
    const { faults, writer } = this.#context;
    const concerned = faults.inForce.filter((one) => one.concerns(operation, path, writer));
    for (const met of concerned) {
      if (this.#met.has(met)) continue;
      this.#met.add(met);
      met.evidence.considered++;
      const share = met.failsAfter(operation, path);
      if (share === undefined) continue;
      const after = this.#passed + Math.floor((this.size - this.#passed) * share);
      if (!this.#failure || after < this.#failure.after) this.#failure = { after, met };
    }
    return concerned;
  }

  async #wait(faults: readonly DiskFaultInForce[], bytes: number): Promise<void> {
    const { clock, writer } = this.#context;
    const now = clock.now();
    let until = now;
    for (const met of faults) {
      const { fault, evidence } = met;
      if (fault.mode !== 'slow') continue;
      const due = bytes === 0 ? now + (fault.latencyMs ?? 0) : met.through(writer, bytes, now);
      if (due <= now) continue;
      this.#acts(met);
      evidence.waitedMs += due - now;
      until = Math.max(until, due);
    }
    // A timer may be early by as long as the event loop was busy when it was set.
    for (let left = until - now; left > 0; left = until - clock.now()) await clock.sleep(left, this.#abort.signal);
  }

  #room(faults: readonly DiskFaultInForce[], bytes: number): number {
    let room = Number.POSITIVE_INFINITY;
    for (const met of faults) {
      const { fault } = met;
      if (fault.mode !== 'full') continue;
      room = Math.min(room, Math.max(0, fault.capacity - this.#context.usage.total));
      if (room === 0 && bytes > 0) throw this.#fail(met, 'ENOSPC');
    }
    return room;
  }

  #untilFailure(): number {
    if (!this.#failure) return Number.POSITIVE_INFINITY;
    const left = this.#failure.after - this.#passed;
    if (left <= 0) throw this.#fail(this.#failure.met, 'EIO');
    return left;
  }

  #acts(met: DiskFaultInForce): void {
    if (this.#acted.has(met)) return;
    this.#acted.add(met);
    met.evidence.fired++;
  }

  #fail(met: DiskFaultInForce, code: DiskError['code']): DiskError {
    this.#acts(met);
    return new DiskError(code, this.operation, met.fault.rule);
  }
}
