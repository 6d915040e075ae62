/**
 * What a config can bear, by arithmetic alone: the first answer to "would it survive", before anything is run, and what an
 * explanation of a verdict counts with. Durations in milliseconds, sizes in bytes, rates in bytes per second.
 */
import type { TempoSettings } from './settings.ts';

/** A random wait: full jitter makes the mean half of the longest. */
export interface Wait {
  mean: number;
  max: number;
}

/**
 * The client's longest sleep after each failed attempt, in order: unit, 2 units, 4 units ... up to the cap. It sleeps after the
 * last attempt too, before it gives up.
 */
export function backoffSleeps({ policy }: TempoSettings): number[] {
  return Array.from({ length: policy.attempts }, (_, index) =>
    Math.min(policy.backoffCap, policy.backoffUnit * 2 ** index),
  );
}

/** From the end of the first attempt to the start of the last one, without what the attempts take: Tempo's default 3.7 s, 7.4 s at most. */
export function retryPatience(settings: TempoSettings): Wait {
  return jittered(backoffSleeps(settings).slice(0, -1));
}

/**
 * How long an outage a single request outlives, if each attempt in it takes `attemptTakes` to fail: 0 when S3 answers 503 at
 * once, `dialTimeout` when nothing accepts, `responseHeaderTimeout` when nothing answers. Never longer than `flush_op_timeout`.
 */
export function outageOutlivedByRequest(settings: TempoSettings, attemptTakes: number): Wait {
  const { mean, max } = retryPatience(settings);
  const failing = (settings.policy.attempts - 1) * attemptTakes;
  const limit = settings.policy.flushOpTimeout;
  return { mean: Math.min(limit, failing + mean), max: Math.min(limit, failing + max) };
}

/**
 * From the first failed flush of a block to the start of its `n`th new attempt (from 1), without what the attempts take;
 * `undefined` when it is given up before.
 */
export function flushRetryStartsAfter({ policy }: TempoSettings, n: number): number | undefined {
  if (policy.flushRetries !== 'unlimited' && n > policy.flushRetries) return undefined;
  const delays = policy.flushRetryDelays;
  let sum = 0;
  for (let index = 0; index < n; index++) sum += delays[Math.min(index, delays.length - 1)] ?? 0;
  return sum;
}

/** The longest time that a block which failed waits for its next attempt: how late it may notice that S3 is back. */
export function longestFlushRetryDelay({ policy }: TempoSettings): number {
  return Math.max(0, ...policy.flushRetryDelays);
}

/** PUT and POST requests for a block whose data has `dataBytes`, if none is repeated: its data, blooms, index and meta. */
export function requestsForBlock(settings: TempoSettings, dataBytes: number, blooms = 1): number {
  const parts = Math.ceil(dataBytes / settings.s3.partSize);
  // Create, the parts, Complete; or one PUT.
  const data = parts > 1 ? parts + 2 : 1;
  return data + blooms + 2;
}

/** The slowest upload with which a block of `dataBytes` still makes its deadline; below it, it never completes. */
export function uploadRateNeeded(
  { policy, blocks }: TempoSettings,
  dataBytes = blocks.maxBlockBytes,
): { perFlush: number; allFlushes: number } {
  const perFlush = (dataBytes * 1000) / policy.flushOpTimeout;
  return { perFlush, allFlushes: perFlush * policy.concurrentFlushes };
}

/** What each ingester takes in when one tenant sends at its rate limit, spread evenly, each span to one ingester. */
export function ingestPerIngester({ other, deployment }: TempoSettings): number {
  return other.rateLimitBytes / deployment.ingesters;
}

/** How long an ingester's empty disk holds what comes in at the rate limit while nothing can be flushed; may be Infinity. */
export function diskLasts(settings: TempoSettings): number {
  return (settings.deployment.diskPerIngester * 1000) / ingestPerIngester(settings);
}

/** How often an ingester cuts a block at the rate limit: when it is full, or old enough. */
export function blockInterval(settings: TempoSettings): number {
  return Math.min(
    settings.blocks.maxBlockDuration,
    (settings.blocks.maxBlockBytes * 1000) / ingestPerIngester(settings),
  );
}

/** Memory that flushes take at most: Tempo reads a whole object before it sends it. */
export function flushMemory({ policy, blocks }: TempoSettings): number {
  return policy.concurrentFlushes * blocks.maxBlockBytes;
}

function jittered(sleeps: number[]): Wait {
  const max = sleeps.reduce((sum, sleep) => sum + sleep, 0);
  return { mean: max / 2, max };
}
