import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tempoDefaults } from '../tempo/defaults.ts';
import type { TempoSettings } from '../tempo/settings.ts';
import { Compression, CompressionError } from './compression.ts';

/** What compression does not touch: names, switches, counts, and parts, which S3 wants to be 5 MiB. A new setting has to be sorted in. */
const kept = [
  'version',
  'client',
  's3.bucket',
  's3.prefix',
  's3.endpoint',
  's3.region',
  's3.insecure',
  's3.forcePathStyle',
  's3.bucketLookupType',
  's3.partSize',
  's3.hedgeRequestsUpTo',
  'policy.attempts',
  'policy.maxIdleConnections',
  'policy.maxConnections',
  'policy.keepAlive',
  'policy.partsInFlight',
  'policy.resolver',
  'policy.dnsAttempts',
  'policy.dnsNdots',
  'policy.dnsSearch.0',
  'policy.dnsCache',
  'policy.nodeDnsAttempts',
  'policy.concurrentFlushes',
  'policy.flushRetries',
  'policy.completeAttempts',
  'policy.completeConcurrency',
  'blocks.flushAllOnShutdown',
  'blocks.clearedAfter',
  'other.poolQueueDepth',
  'other.poolMaxWorkers',
  'deployment.replicationFactor',
  'deployment.ingesters',
  'deployment.compactors',
  'deployment.queriers',
  'deployment.coresPerIngester',
  'deployment.memoryPerIngester',
];
const sizes = [
  'blocks.maxBlockBytes',
  'other.burstSizeBytes',
  'compaction.maxBlockBytes',
  'deployment.diskPerIngester',
  // Traces, which keep their size.
  'other.maxTracesPerUser',
  'compaction.maxObjects',
];
const rates = ['other.rateLimitBytes'];
/** Sizes that are those of parts too. */
const partSizes = ['compaction.rowGroupBytes'];

/** Every setting by its path; the entries of a list by theirs. */
function leaves(value: unknown, path: string[] = []): [path: string, leaf: unknown][] {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]))
    : [[path.join('.'), value]];
}

/** Tempo's defaults with the settings that are 0 there set, so that a forgotten one shows. */
function someSettings(): TempoSettings {
  const settings = tempoDefaults();
  settings.s3.hedgeRequestsAt = 4000;
  settings.policy.dnsSearch = ['cluster.local'];
  return settings;
}

describe('settings', () => {
  it('have every duration divided by time, every size by bytes, every rate by both, and all else kept', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 90, noNaN: true }), fc.integer({ min: 1, max: 200 }), (time, bytes) => {
        const before = someSettings();
        const after = Object.fromEntries(leaves(new Compression(time, bytes).settings(before)));
        expect(Object.keys(after)).toEqual(leaves(before).map(([path]) => path));
        for (const [path, value] of leaves(before)) {
          if (kept.includes(path)) expect(after[path], path).toBe(value);
          else if (sizes.includes(path)) expect(after[path], path).toBe(Math.round((value as number) / bytes));
          else if (partSizes.includes(path)) {
            const size = Math.max(5 * 1024 ** 2, Math.round((value as number) / bytes));
            expect(after[path], path).toBe(size);
          } else if (rates.includes(path)) expect(after[path], path).toBe(((value as number) * time) / bytes);
          // All that is left is a duration.
          else expect(after[path], path).toBe((value as number) / time);
        }
      }),
    );
  });

  it('keep row groups that are too small for a part as small as they are', () => {
    const settings = someSettings();
    settings.compaction.rowGroupBytes = 1_000_000;
    expect(new Compression(2, 10).settings(settings).compaction.rowGroupBytes).toBe(1_000_000);
  });

  it('know no other keys than these', () => {
    const paths = leaves(someSettings()).map(([path]) => path);
    expect([...kept, ...sizes, ...rates, ...partSizes].filter((path) => !paths.includes(path))).toEqual([]);
  });

  it('stay what they are in real time and full size, and the given ones are not changed', () => {
    const settings = someSettings();
    expect(new Compression(1, 1).settings(settings)).toEqual(someSettings());
    new Compression(50, 50).settings(settings);
    expect(settings).toEqual(someSettings());
  });

  it('keep how long a block takes at its rate, as a share of its deadline', () => {
    const settings = someSettings();
    const share = ({ blocks, policy }: TempoSettings, rate: number) =>
      ((blocks.maxBlockBytes / rate) * 1000) / policy.flushOpTimeout;
    const compression = new Compression(20, 100);
    const compressed = compression.settings(settings);
    expect(share(compressed, compression.rate(20e6))).toBeCloseTo(share(settings, 20e6), 12);
  });

  it.each([
    ['policy.backoffUnit', 101, '200ms', '1.980198ms', 100],
    ['policy.backoffCap', 501, '1s', '1.996008ms', 500],
    ['s3.hedgeRequestsAt', 2001, '4s', '1.999ms', 2000],
  ])('refuse by name what gets too short: %s', (path, time, whole, divided, most) => {
    const settings = someSettings();
    // Only the one that this is about is short.
    if (path !== 'policy.backoffUnit') settings.policy.backoffUnit = 1e6;
    if (path === 's3.hedgeRequestsAt') Object.assign(settings.policy, { backoffCap: 1e6, nodeDnsTimeout: 1e6 });
    const refused = () => new Compression(time, 1).settings(settings);
    expect(refused).toThrow(CompressionError);
    expect(refused).toThrow(
      `${path}: ${whole} divided by compression.time ${time} is ${divided}, under the 2ms that a timer can be trusted with`,
    );
    try {
      refused();
    } catch (error) {
      expect((error as CompressionError).remedy).toBe(`a compression.time of ${most} or less, or a longer ${path}`);
    }
    // The remedy is one.
    expect(() => new Compression(most, 1).settings(settings)).not.toThrow();
  });

  it("refuse a timeout of Node's resolver that c-ares would not keep to, where that resolver is used", () => {
    const settings = someSettings();
    expect(() => new Compression(9, 1).settings(settings)).not.toThrow();
    settings.policy.resolver = 'node';
    expect(new Compression(8, 1).settings(settings).policy.nodeDnsTimeout).toBe(250);
    const refused = () => new Compression(9, 1).settings(settings);
    expect(refused).toThrow(
      "policy.nodeDnsTimeout: 2s divided by compression.time 9 is 222.222222ms, under the 250ms that Node's resolver waits at least",
    );
    expect(refused).toThrow(
      expect.objectContaining({ remedy: 'a compression.time of 8 or less, or a longer policy.nodeDnsTimeout' }),
    );
    // In real time Node is what it is.
    settings.policy.nodeDnsTimeout = 100;
    expect(new Compression(1, 1).settings(settings).policy.nodeDnsTimeout).toBe(100);
  });

  it('refuse a wait between flushes that gets too short', () => {
    const settings = someSettings();
    settings.policy.flushRetryDelays = [30_000, 30];
    expect(() => new Compression(20, 1).settings(settings)).toThrow('policy.flushRetryDelays: 30ms divided by');
  });
});

describe('a duration', () => {
  it('of 0 stays 0, of 2ms is enough, and in real time any is', () => {
    const compression = new Compression(20, 1);
    expect(compression.duration(0, 'at')).toBe(0);
    expect(compression.duration(40, 'at')).toBe(2);
    expect(() => compression.duration(39, 'at')).toThrow('at: 39ms divided by compression.time 20 is 1.95ms');
    expect(new Compression(1, 100).duration(0.5, 'at')).toBe(0.5);
  });

  it('is what it was when it is stretched again', () => {
    const compression = new Compression(16, 1);
    expect(compression.stretch(compression.duration(90_000, 'for'))).toBe(90_000);
  });
});

it('a size is a whole number of bytes, and never none', () => {
  const compression = new Compression(1, 100);
  expect(compression.size(1049)).toBe(10);
  expect(compression.size(1050)).toBe(11);
  expect(compression.size(3)).toBe(1);
});
