/** What a scenario expects: the verdict, and the budgets. Durations in milliseconds of the config's time (uncompressed). */
export interface Expectations {
  /** `fail` for a scenario that demonstrates a limit: it is as expected when it fails, and by `cause`. */
  verdict: 'pass' | 'fail';
  /** With `verdict: fail`: the checker that must fail. */
  cause?: string;
  /** Blocks lost at most. */
  lost: number;
  /** Flushes that ran into `flush_op_timeout` at most. Absent: not judged. */
  deadlineExceeded?: number;
  /** From a block's cut to its `meta.json` in S3. Absent: not judged. */
  visibleWithin?: number;
  /** From the last heal until every block cut before it is in S3. Absent: not judged. */
  recoveredWithin?: number;
  /** Requests sent for each request needed, at most. Absent: not judged. */
  amplification?: number;
  /** Acknowledged and in no page of the WAL yet when a process ended, at most: bytes of the config (uncompressed). Absent: not judged. */
  liveTracesLost?: number;
  /** From the local clearing of a block until a reader surely knows it from S3, at most. Absent: not judged. */
  visibilityGap?: number;
  /** Parts of multipart uploads that were never completed, at most; and their bytes, of the config (uncompressed). Absent: not judged. */
  orphanedParts?: number;
  orphanedBytes?: number;
  /**
   * On a writer's local disk and not in S3 at any time, at most: bytes of the config (uncompressed), or a share of the disk, over 0 to 1.
   * Absent: not judged.
   */
  backlog?: { bytes: number } | { share: number };
  /** Of the write requests, acknowledged at the first attempt, and in the end, at least: over 0 to 1. Absent: not judged. */
  firstAttemptSuccess?: number;
  finalSuccess?: number;
  /** Write attempts in the busiest minute, for each of the busiest minute without faults, at most; no writers in step. Absent: not judged. */
  retryStorm?: number;
  /** How many times longer a PUT and a flush take after the last heal than before the first fault, at most. Absent: not judged. */
  regained?: number;
}
