/**
 * Compression: Tempo waits minutes and blocks are 500 MiB, so a scenario may run with every duration divided by `time` and every
 * block size divided by `bytes`. Rates are sizes over durations. Part sizes stay (S3 refuses parts under 5 MiB), and so do counts.
 */
import { SMALLEST_PART } from '../tempo/defaults.ts';
import { formatDuration } from '../tempo/go-duration.ts';
import type { TempoSettings } from '../tempo/settings.ts';

/** Timers and the kernel are late by about a millisecond: what would be shorter than this is refused, not rounded. */
export const SHORTEST_MS = 2;

const trustedTimer = { shortest: SHORTEST_MS, why: 'that a timer can be trusted with' };
/** c-ares waits for its first answer at least so long, whatever it is told (its MIN_TIMEOUT_MS). */
const trustedCares = { shortest: 250, why: "that Node's resolver waits at least" };

/** A duration would become too short to be true. */
export class CompressionError extends Error {
  override readonly name = 'CompressionError';
  readonly remedy: string;
  constructor(what: string, ms: number, time: number, { shortest, why } = trustedTimer) {
    super(
      `${what}: ${formatDuration(ms)} divided by compression.time ${time} is ${formatDuration(ms / time)}, under the ${shortest}ms ${why}`,
    );
    this.remedy = `a compression.time of ${Math.max(1, Math.floor(ms / shortest))} or less, or a longer ${what}`;
  }
}

export class Compression {
  /** Both 1 or more: 1 is real time, and blocks of full size. */
  constructor(
    readonly time: number,
    readonly bytes: number,
  ) {}

  /** @throws CompressionError when the result is not 0 and under 2 ms. */
  duration(ms: number, what: string): number {
    const compressed = ms / this.time;
    if (this.time !== 1 && compressed > 0 && compressed < SHORTEST_MS) throw new CompressionError(what, ms, this.time);
    return compressed;
  }

  #nodeResolver(timeout: number): void {
    if (this.time !== 1 && timeout / this.time < trustedCares.shortest) {
      throw new CompressionError('policy.nodeDnsTimeout', timeout, this.time, trustedCares);
    }
  }

  size(bytes: number): number {
    return Math.max(1, Math.round(bytes / this.bytes));
  }

  /** Bytes per second. */
  rate(bytesPerSecond: number): number {
    return (bytesPerSecond * this.time) / this.bytes;
  }

  /** A duration that passed, as the config would have it. */
  stretch(ms: number): number {
    return ms * this.time;
  }

  /** Every duration and block size of a deployment's settings. @throws CompressionError for one that gets too short. */
  settings(settings: TempoSettings): TempoSettings {
    const { policy, blocks, s3, other, compaction, deployment } = settings;
    const time = <Name extends string>(from: Record<Name, number>, room: string, ...names: Name[]) =>
      Object.fromEntries(names.map((name) => [name, this.duration(from[name], `${room}.${name}`)])) as Record<
        Name,
        number
      >;
    if (policy.resolver === 'node') this.#nodeResolver(policy.nodeDnsTimeout);
    return {
      ...settings,
      s3: { ...s3, ...time(s3, 's3', 'hedgeRequestsAt') },
      policy: {
        ...policy,
        ...time(
          policy,
          'policy',
          'backoffUnit',
          'backoffCap',
          'dialTimeout',
          'tlsHandshakeTimeout',
          'responseHeaderTimeout',
          'idleConnectionTimeout',
          'dnsTimeout',
          'nodeDnsTimeout',
          'flushOpTimeout',
          'flushCheckPeriod',
          'firstFlushJitter',
        ),
        flushRetryDelays: policy.flushRetryDelays.map((ms) => this.duration(ms, 'policy.flushRetryDelays')),
        completeRetryDelays: policy.completeRetryDelays.map((ms) => this.duration(ms, 'policy.completeRetryDelays')),
      },
      blocks: {
        ...blocks,
        ...time(
          blocks,
          'ingester',
          'maxBlockDuration',
          'completeBlockTimeout',
          'traceIdlePeriod',
          'traceLivePeriod',
          'walDeletedAfter',
        ),
        maxBlockBytes: this.size(blocks.maxBlockBytes),
      },
      other: {
        ...other,
        ...time(other, 'other', 'maxTimePerTenant', 'blocklistPoll'),
        rateLimitBytes: this.rate(other.rateLimitBytes),
        burstSizeBytes: this.size(other.burstSizeBytes),
        // A trace keeps its size: there are fewer of them. 0 is no limit.
        maxTracesPerUser:
          other.maxTracesPerUser === 0 ? 0 : Math.max(1, Math.round(other.maxTracesPerUser / this.bytes)),
      },
      compaction: {
        ...compaction,
        ...time(compaction, 'compaction', 'window', 'activeFor', 'cycle'),
        maxObjects: Math.max(1, Math.round(compaction.maxObjects / this.bytes)),
        maxBlockBytes: this.size(compaction.maxBlockBytes),
        // Each is a part of a multipart upload.
        rowGroupBytes: Math.min(compaction.rowGroupBytes, Math.max(SMALLEST_PART, this.size(compaction.rowGroupBytes))),
      },
      deployment: { ...deployment, diskPerIngester: this.size(deployment.diskPerIngester) },
    };
  }
}
