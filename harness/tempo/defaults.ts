/**
 * What Tempo does where its config says nothing. Unless a line says otherwise, the values are those of Tempo v2.9.5 and of the
 * minio-go v7.0.94 that it vendors.
 */
import type { TempoSettings } from './settings.ts';

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

/** A fresh copy: the settings of a Tempo with an empty config. */
export function tempoDefaults(): TempoSettings {
  return {
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
    },
    // modules/ingester/config.go
    blocks: {
      maxBlockBytes: 500 * MiB,
      maxBlockDuration: 30 * minute,
      completeBlockTimeout: 15 * minute,
      traceIdlePeriod: 5 * second,
      traceLivePeriod: 30 * second,
      flushAllOnShutdown: false,
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
    // Not Tempo's: a small machine. The disk is what the Helm chart tempo-distributed gives an ingester.
    deployment: {
      ingesters: 1,
      compactors: 1,
      queriers: 1,
      coresPerIngester: 1,
      memoryPerIngester: 4 * GiB,
      diskPerIngester: 10 * GiB,
    },
  };
}
