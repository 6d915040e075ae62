/** The machine that the writers of a scenario run on, as faults reach it: their local disks, and the process that they run in. */

/** How operations on the local disks are treated. Several at once compose: the slowest, and the first error. */
export type DiskFault = {
  rule: string;
  seed: number;
  /** On the disks of these writers alone. Absent: of all. */
  writers?: readonly string[];
} /** Each disk holds so many bytes: a write beyond fails with ENOSPC, and what was written of it stays. */ & (
  | { mode: 'full'; capacity: number }
  /** Every read or write waits `latencyMs` first, and goes at `bytesPerSecond` at most, for each disk. Either may be absent. */
  | { mode: 'slow'; latencyMs?: number; bytesPerSecond?: number; operations: readonly DiskOperation[] }
  /** Fails with EIO, drawn by (seed, rule, operation, path, how many times that path was judged). */
  | { mode: 'error'; probability: number; operations: readonly DiskOperation[]; path?: string }
);

export const diskOperations = ['write', 'read'] as const;
export type DiskOperation = (typeof diskOperations)[number];

export interface DiskFaultEvidence {
  /** Operations of the kind that it is about. */
  considered: number;
  /** Those that it acted on: failed, or made to wait. */
  fired: number;
  /** Milliseconds that it made them wait, in all. */
  waitedMs: number;
}

/**
 * The processes that the writers of a scenario run in are numbered from 0 on; each writer runs in one of them, and one that is killed or
 * stopped takes its writers with it. `processes` absent: all of them.
 */
export interface WriterMachine {
  /** The writers of each process. */
  readonly processes: readonly (readonly string[])[];
  /** From here on every operation on every writer's disk is judged by it, or on the disks of `fault.writers` alone. */
  addDiskFault(fault: DiskFault): Promise<void>;
  diskFaultEvidence(rule: string): Promise<DiskFaultEvidence>;
  /** @throws Error when there is none of this name. */
  removeDiskFault(rule: string): Promise<DiskFaultEvidence>;
  /** Stops the process (SIGSTOP), as a machine does that gives it no CPU. @throws Error when it is paused or gone. */
  pause(rule: string, processes?: readonly number[]): Promise<void>;
  resume(rule: string, processes?: readonly number[]): Promise<void>;
  /**
   * Kills the process (SIGKILL). With `unsyncedMs`, as a power cut does: what the writers wrote in the last so many milliseconds and
   * did not fsync is gone from their disks. @throws Error when it is gone already.
   */
  kill(rule: string, options?: { unsyncedMs?: number; processes?: readonly number[] }): Promise<void>;
  /**
   * Stops them as a rollout does: data is taken in no more, live traces are cut to the WAL, all is flushed first if
   * `flushAllOnShutdown` says so (for as long as `patience` milliseconds), and the process ends.
   */
  stopGracefully(rule: string, patience: number, processes?: readonly number[]): Promise<void>;
  /**
   * Starts the writers again on what their disks hold: the WAL is replayed, and what was not flushed is queued. One that S3 does not let
   * start is started again as a kubelet does, until `patience` is over. @throws Error when one does not start.
   */
  restart(rule: string, options?: { processes?: readonly number[]; patience?: AbortSignal }): Promise<void>;
  /** Names of what is still in force: disk faults, a paused or killed process. */
  inForce(): Promise<string[]>;
}
