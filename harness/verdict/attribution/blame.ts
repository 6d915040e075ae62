/**
 * Who is to blame for time that was lost: of a flush, of a run. Told from the differences between vantage points (client, wire stage, S3
 * edge, MinIO) alone, never from which fault was injected.
 */

/**
 * `client`: its own pool, deadline, attempts, concurrency. `network`: DNS, connect, latency, bandwidth, resets. `s3`: throttled, erring,
 * slow. `machine`: disk, CPU, completing blocks.
 */
export const sides = ['client', 'network', 's3', 'machine'] as const;
export type Side = (typeof sides)[number];

/** What of a side it was. */
export const causes = {
  client: ['pool', 'deadline', 'attempts', 'concurrency'],
  network: ['dns', 'connect', 'tls', 'latency', 'bandwidth', 'reset'],
  s3: ['throttled', 'error', 'slow', 'silent'],
  machine: ['disk', 'cpu', 'completing'],
} as const satisfies Record<Side, readonly string[]>;
export type Cause = (typeof causes)[Side][number];

export interface BlamedCause {
  side: Side;
  cause: Cause;
  /** Of the time lost, 0 to 1. */
  share: number;
  /** Milliseconds of the config's time. */
  ms: number;
}

export interface Blame {
  /** Time beyond what the same work takes without trouble, summed over the failed, slow and late flushes; milliseconds of the config's time. */
  lostMs: number;
  /** Flushes that failed or were slow, or late because their block was completed late or waited. */
  flushes: number;
  /** Whom the lost time is due to, the most first; the shares sum to 1. Empty when none was lost. */
  causes: BlamedCause[];
}
