/** The faults of the local disks that are in force in one subject process, and what each of them did so far. */
import { Random } from '../random.ts';
import type { DiskFault, DiskFaultEvidence, DiskOperation } from './writer-machine.ts';

export class DiskFaultInForce {
  readonly evidence: DiskFaultEvidence = { considered: 0, fired: 0, waitedMs: 0 };
  /** Operations of each path that were judged, for the draws. */
  readonly #judged = new Map<string, number>();
  readonly #random: Random;
  readonly #path: RegExp | undefined;
  /** Of a rate: when each disk is through with what it was given so far. */
  readonly #busyUntil = new Map<string, number>();

  /** @throws SyntaxError when `path` is no regular expression. */
  constructor(readonly fault: DiskFault) {
    this.#random = new Random(fault.seed);
    this.#path = fault.mode === 'error' && fault.path !== undefined ? new RegExp(fault.path) : undefined;
  }

  /** Whether operations of this kind, on this path of this writer's disk, are its business. */
  concerns(operation: DiskOperation, path: string, writer: string): boolean {
    const { fault } = this;
    if (fault.writers && !fault.writers.includes(writer)) return false;
    if (fault.mode === 'full') return operation === 'write';
    return fault.operations.includes(operation) && (this.#path?.test(path) ?? true);
  }

  /**
   * Of an error: after which share of its bytes the operation fails, from 0 to 1; `undefined`: it does not. Drawn by the seed, the rule,
   * the operation, the path, and how many times that was judged before.
   */
  failsAfter(operation: DiskOperation, path: string): number | undefined {
    const { fault } = this;
    if (fault.mode !== 'error') return undefined;
    const key = `${operation} ${path}`;
    const time = (this.#judged.get(key) ?? 0) + 1;
    this.#judged.set(key, time);
    if (this.#random.uniform(fault.rule, operation, path, time) >= fault.probability) return undefined;
    return this.#random.uniform(fault.rule, operation, path, time, 'share');
  }

  /** Of a rate: when these bytes are through, at the rate that all operations of the disk share. */
  through(disk: string, bytes: number, now: number): number {
    const { fault } = this;
    if (fault.mode !== 'slow' || fault.bytesPerSecond === undefined) return now;
    const until = Math.max(now, this.#busyUntil.get(disk) ?? 0) + (bytes / fault.bytesPerSecond) * 1000;
    this.#busyUntil.set(disk, until);
    return until;
  }
}

export class DiskFaults {
  readonly #inForce = new Map<string, DiskFaultInForce>();

  /** @throws Error when one of this name is in force. */
  add(fault: DiskFault): void {
    if (this.#inForce.has(fault.rule)) {
      throw new Error(`disk fault ${fault.rule} is in force already: remove it first, or give another name`);
    }
    this.#inForce.set(fault.rule, new DiskFaultInForce(fault));
  }

  /** @throws Error when there is none of this name. */
  evidence(rule: string): DiskFaultEvidence {
    return { ...this.#named(rule).evidence };
  }

  /** @throws Error when there is none of this name. */
  remove(rule: string): DiskFaultEvidence {
    const { evidence } = this.#named(rule);
    this.#inForce.delete(rule);
    return { ...evidence };
  }

  get inForce(): readonly DiskFaultInForce[] {
    return [...this.#inForce.values()];
  }

  #named(rule: string): DiskFaultInForce {
    const found = this.#inForce.get(rule);
    if (!found) {
      const others = [...this.#inForce.keys()].join(', ') || 'none';
      throw new Error(`disk fault ${rule} is not in force (in force: ${others})`);
    }
    return found;
  }
}
