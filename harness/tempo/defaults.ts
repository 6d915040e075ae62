/**
 * What Tempo does where its config says nothing. Unless a line says otherwise, the values are those of Tempo v2.9.5 and of the
 * minio-go v7.0.94 that it vendors. What 2.7 and 3.0 do otherwise is said below, by version.
 */
import type { TempoSettings, TempoVersion } from './settings.ts';

const MiB = 1024 ** 2;
const GiB = 1024 ** 3;
const second = 1000;
const minute = 60 * second;

/** The part size that minio-go takes when `part_size` is 0 (its `minPartSize`). */
export const DEFAULT_PART_SIZE = 16 * MiB;
/** S3's own limits for a part of a multipart upload, the last one aside; minio-go refuses what is outside. */
export const SMALLEST_PART = 5 * MiB;
export const LARGEST_PART = 5 * GiB;
/** S3's limit for the parts of one upload. */
export const MOST_PARTS = 10_000;

/** The version that a config is for when nobody says another. */
export const USUAL_VERSION: TempoVersion = '2.9';

/** A fresh copy: the settings of a Tempo with an empty config. */
export function tempoDefaults(version: TempoVersion = USUAL_VERSION): TempoSettings {
  const settings = defaultsOf29();
  if (version === '2.7') ingesterBefore28(settings);
  if (version === '3.0') liveStoreOf30(settings);
  return settings;
}

/** Tempo v2.7: what the ingester of 2.9 does otherwise. */
function ingesterBefore28(settings: TempoSettings): void {
  settings.version = '2.7';
  settings.blocks.clearedAfter = 'flush';
  // Up to 2.8 trace_idle_period has no effect: every sweep cuts all live traces (grafana/tempo#5346), and trace_live_period does not exist.
  settings.blocks.traceIdlePeriod = 0;
  settings.blocks.traceLivePeriod = 0;
}

/** Tempo v3.0.3, single binary: the live-store (modules/livestore) is what flushes; minio-go is v7.1.0. */
function liveStoreOf30(settings: TempoSettings): void {
  settings.version = '3.0';
  Object.assign(settings.policy, {
    // complete_block_concurrency: as many workers complete as flush, each kind on a queue of its own
    concurrentFlushes: 2,
    completeConcurrency: 2,
    // A flush ends with the process alone; the key live_store.flush_op_timeout is the period of the clean-up
    flushOpTimeout: 0,
    flushCheckPeriod: 5 * second,
    // A block that is cut is completed at once; only one found again at a start waits
    firstFlushJitter: 0,
    flushRetryDelays: [30 * second],
    flushRetries: 'unlimited',
    // maxFlushAttempts; defaultInitialBackoff of 30 s is doubled before it is first used, defaultMaxBackoff is 120 s
    completeAttempts: 10,
    completeRetryDelays: [60 * second, 120 * second],
  } satisfies Partial<TempoSettings['policy']>);
  Object.assign(settings.blocks, {
    maxBlockBytes: 50 * MiB,
    maxBlockDuration: 30 * second,
    completeBlockTimeout: 20 * minute,
    walDeletedAfter: 20 * minute,
    clearedAfter: 'end',
  } satisfies Partial<TempoSettings['blocks']>);
  // modules/overrides/config.go of 3.0
  Object.assign(settings.other, { rateLimitBytes: 30_000_000, burstSizeBytes: 30_000_000 });
}

function defaultsOf29(): TempoSettings {
  return {
    version: '2.9',
    client: 'tempo',
    sdk: {},
    // tempodb/backend/s3/config.go
    s3: {
      bucket: '',
      prefix: '',
      endpoint: '',
      region: '',
      insecure: false,
      forcePathStyle: false,
      bucketLookupType: 0,
      partSize: DEFAULT_PART_SIZE,
      hedgeRequestsAt: 0,
      hedgeRequestsUpTo: 2,
    },
    policy: {
      // minio-go: MaxRetry, DefaultRetryUnit, DefaultRetryCap. Tempo 3 has keys for them, with the same defaults.
      attempts: 10,
      backoffUnit: 200,
      backoffCap: 1 * second,
      // minio-go's DefaultTransport, as Tempo uses it
      dialTimeout: 30 * second,
      tlsHandshakeTimeout: 10 * second,
      responseHeaderTimeout: 60 * second,
      idleConnectionTimeout: 60 * second,
      maxIdleConnections: 100,
      // Go's http.Transport: MaxConnsPerHost and DisableKeepAlives, which neither minio-go nor Tempo sets
      maxConnections: 0,
      keepAlive: true,
      // minio-go: totalWorkers
      partsInFlight: 4,
      // Go's resolver, where resolv.conf says nothing: timeout, attempts, ndots, search. It keeps no answer.
      resolver: 'go',
      dnsTimeout: 5 * second,
      dnsAttempts: 2,
      dnsNdots: 1,
      dnsSearch: [],
      dnsCache: false,
      // c-ares 1.34, as Node 20.20 uses it: ARES_DEFAULT_TIMEOUT, and Node's own default of four tries
      nodeDnsTimeout: 2 * second,
      nodeDnsAttempts: 4,
      // modules/ingester/config.go
      concurrentFlushes: 4,
      flushOpTimeout: 5 * minute,
      flushCheckPeriod: 10 * second,
      // Constants of modules/ingester/flush.go; there is no key for any of them
      firstFlushJitter: 10 * second,
      flushRetryDelays: [30 * second, 60 * second, 120 * second],
      flushRetries: 'unlimited',
      completeAttempts: 3,
      completeRetryDelays: [30 * second, 60 * second, 120 * second],
      completeConcurrency: 0,
    },
    // modules/ingester/config.go
    blocks: {
      maxBlockBytes: 500 * MiB,
      maxBlockDuration: 30 * minute,
      completeBlockTimeout: 15 * minute,
      traceIdlePeriod: 5 * second,
      traceLivePeriod: 30 * second,
      flushAllOnShutdown: false,
      clearedAfter: 'end',
      walDeletedAfter: 0,
    },
    other: {
      // modules/storage/config.go
      poolQueueDepth: 20_000,
      poolMaxWorkers: 400,
      // modules/overrides/config.go
      rateLimitBytes: 15_000_000,
      burstSizeBytes: 20_000_000,
      maxTracesPerUser: 10_000,
      // tempodb/config.go: DefaultMaxTimePerTenant, DefaultBlocklistPoll
      maxTimePerTenant: 5 * minute,
      blocklistPoll: 5 * minute,
    },
    compaction: {
      // modules/compactor/config.go
      window: 60 * minute,
      maxObjects: 6_000_000,
      maxBlockBytes: 100 * GiB,
      // tempodb/compaction_block_selector.go: activeWindowDuration
      activeFor: 24 * 60 * minute,
      // tempodb/compactor.go: DefaultCompactionCycle
      cycle: 30 * second,
      // storage.trace.block: parquet_row_group_size_bytes
      rowGroupBytes: 100_000_000,
    },
    // Not Tempo's: a small machine. The disk is what the Helm chart tempo-distributed gives an ingester.
    deployment: {
      // modules/ingester/config.go: the ring's replication_factor
      replicationFactor: 1,
      ingesters: 1,
      compactors: 1,
      queriers: 1,
      coresPerIngester: 1,
      memoryPerIngester: 4 * GiB,
      diskPerIngester: 10 * GiB,
    },
  };
}
