/** minio-go's wait between attempts: exponential, capped, with full jitter. */

/**
 * Milliseconds to wait after a failed attempt: `min(cap, unit * 2^(attempt - 1))`, less the share `jitter` of it.
 * @param attempt the one that failed, 1 for the first
 * @param jitter drawn uniformly from 0 (included) to 1 (excluded)
 */
export function backoff(attempt: number, policy: { backoffUnit: number; backoffCap: number }, jitter: number): number {
  return Math.min(policy.backoffCap, policy.backoffUnit * 2 ** (attempt - 1)) * (1 - jitter);
}
