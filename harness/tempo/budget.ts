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
 * once, `dialTimeout` when nothing accepts, `responseHeaderTimeout` when nothing answers. Never longer than the flush's deadline.
 */
export function outageOutlivedByRequest(settings: TempoSettings, attemptTakes: number): Wait {
  const { mean, max } = retryPatience(settings);
  const failing = (settings.policy.attempts - 1) * attemptTakes;
  const limit = flushDeadline(settings);
  return { mean: Math.min(limit, failing + mean), max: Math.min(limit, failing + max) };
}

/** What one copy of one block may take; Infinity where there is no deadline, as in Tempo 3. */
export function flushDeadline({ policy }: TempoSettings): number {
  return policy.flushOpTimeout === 0 ? Number.POSITIVE_INFINITY : policy.flushOpTimeout;
}

/**
 * From the first failed flush of a block to the start of its `n`th new attempt (from 1), without what the attempts take;
 * `undefined` when it is given up before.
 */
export function flushRetryStartsAfter({ policy }: TempoSettings, n: number): number | undefined {
  if (policy.flushRetries !== 'unlimited' && n > policy.flushRetries) return undefined;
  return waitsBefore(n, policy.flushRetryDelays);
}

/** From the first failed completion of a block to the start of the last one, without what they take. */
export function completionTriedFor({ policy }: TempoSettings): number {
  return waitsBefore(policy.completeAttempts - 1, policy.completeRetryDelays);
}

/** All waits until the `n`th new attempt; the last one of them goes on. */
function waitsBefore(n: number, delays: readonly number[]): number {
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

/** The slowest upload with which a block of `dataBytes` still makes its deadline; below it, it never completes. 0 without a deadline. */
export function uploadRateNeeded(
  settings: TempoSettings,
  dataBytes = settings.blocks.maxBlockBytes,
): { perFlush: number; allFlushes: number } {
  const perFlush = (dataBytes * 1000) / flushDeadline(settings);
  return { perFlush, allFlushes: perFlush * settings.policy.concurrentFlushes };
}

/** The share of what a tenant sends that each ingester takes in, spread evenly: each span goes to so many ingesters as there are replicas. */
function share({ deployment }: TempoSettings): number {
  return Math.min(deployment.replicationFactor, deployment.ingesters) / deployment.ingesters;
}

/**
 * Tempo's ingestion limits as one writer's share: what its part of the deployment takes in at most, beyond which pushes are refused.
 * `max_traces_per_user` is a limit of each ingester already; its 0, which means no limit, is `Number.MAX_SAFE_INTEGER` here.
 */
export function ingestLimits(settings: TempoSettings): {
  bytesPerSecond: number;
  burstBytes: number;
  liveTraces: number;
} {
  const { rateLimitBytes, burstSizeBytes, maxTracesPerUser } = settings.other;
  return {
    bytesPerSecond: rateLimitBytes * share(settings),
    burstBytes: burstSizeBytes * share(settings),
    liveTraces: maxTracesPerUser === 0 ? Number.MAX_SAFE_INTEGER : maxTracesPerUser,
  };
}

/** What each ingester takes in when one tenant sends at its rate limit. */
export function ingestPerIngester(settings: TempoSettings): number {
  return ingestLimits(settings).bytesPerSecond;
}

/** How long each copy of a block may take, with all workers busy, before more is cut than can be copied at the rate limit. */
export function flushTimeToKeepUp(settings: TempoSettings): number {
  return blockInterval(settings) * settings.policy.concurrentFlushes;
}

/** Bytes in memory alone at the rate limit, until a sweep cuts them to the WAL: what a crash loses. */
export function liveBytes(settings: TempoSettings): number {
  const { traceLivePeriod } = settings.blocks;
  return (ingestPerIngester(settings) * (traceLivePeriod + settings.policy.flushCheckPeriod)) / 1000;
}

/** Bytes of blocks that an ingester's disk holds at the rate limit, flushed or not, because they are not due to be cleared. */
export function keptOnDisk(settings: TempoSettings): number {
  return (ingestPerIngester(settings) * settings.blocks.completeBlockTimeout) / 1000;
}

/** How long after its end a block may be flushed so that readers have seen it in S3 before it is cleared locally; never negative. */
export function latestFlushSeen({ blocks, other }: TempoSettings): number {
  return Math.max(0, blocks.completeBlockTimeout - other.blocklistPoll);
}

/**
 * How long an ingester's disk holds what comes in at the rate limit while nothing can be flushed; may be Infinity. Blocks that were
 * flushed before are cleared as they are due, so they take nothing from it, unless the disk does not even hold those (`keptOnDisk`).
 */
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
