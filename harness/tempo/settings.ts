/**
 * What the harness knows of a Tempo deployment: everything that reaches the write path, with Tempo's defaults filled in.
 * All durations are in milliseconds, all sizes in bytes, all rates in bytes per second. Plain data: it goes over process
 * boundaries as JSON.
 */

export interface S3Settings {
  bucket: string;
  prefix: string;
  /** As the config has it; a run goes to MinIO instead. */
  endpoint: string;
  region: string;
  /** Plain HTTP. */
  insecure: boolean;
  forcePathStyle: boolean;
  bucketLookupType: 0 | 1 | 2;
  /** Bytes; never 0: Tempo's 0 is read as minio-go's 16 MiB. */
  partSize: number;
  hedgeRequestsAt: number;
  hedgeRequestsUpTo: number;
}

/**
 * Whose way of writing: `2.9` is the ingester of Tempo 2.8 and 2.9, `2.7` the one before (a flushed block is cleared locally after its
 * flush, not after its end), `3.0` the live-store of a single binary of Tempo 3.
 */
export const tempoVersions = ['2.7', '2.9', '3.0'] as const;
export type TempoVersion = (typeof tempoVersions)[number];

export const policyNames = ['tempo', 'sdk'] as const;
/** Whose retries, timeouts and pool: minio-go's as Tempo sets it up, or those of the SDK itself. */
export type PolicyName = (typeof policyNames)[number];

export const resolverNames = ['go', 'node'] as const;
export type ResolverName = (typeof resolverNames)[number];

/** minio-go's retries and the transport that Tempo gives it. */
export interface ClientPolicySettings {
  attempts: number;
  backoffUnit: number;
  backoffCap: number;
  dialTimeout: number;
  tlsHandshakeTimeout: number;
  responseHeaderTimeout: number;
  idleConnectionTimeout: number;
  maxIdleConnections: number;
  /** Open ones, idle ones among them, at most; 0: any number. A request beyond waits for one. */
  maxConnections: number;
  /** Connections serve more than one request. */
  keepAlive: boolean;
  partsInFlight: number;
  /** Which resolver's behaviour: Go's own, as Tempo has it, or that of Node's `dns.resolve`. */
  resolver: ResolverName;
  /** Go's resolver: for each try, and how many tries for each server. */
  dnsTimeout: number;
  dnsAttempts: number;
  /** Go's resolver: a name with fewer dots is tried below each domain of the search list first. */
  dnsNdots: number;
  /** Go's resolver: domains, without dots around them. */
  dnsSearch: string[];
  /** A cache in front of the client, as NodeLocal DNSCache and systemd-resolved are: answers are kept for their time to live. */
  dnsCache: boolean;
  /** Node's resolver: for the first try (later ones wait longer), and how many tries for each server. */
  nodeDnsTimeout: number;
  nodeDnsAttempts: number;
}

/** The SDK's own behaviour, which counts with the policy `sdk` alone. Absent: what the SDK does by itself. */
export interface SdkSettings {
  /** All attempts, the first among them: `maxAttempts` of the AWS SDK, `retryOptions.maximumRetryCount` + 1 of minio. */
  maxAttempts?: number;
  /** AWS SDK only. */
  retryMode?: 'standard' | 'adaptive';
  /** AWS SDK only: its `requestHandler`'s. Milliseconds. */
  connectionTimeout?: number;
  requestTimeout?: number;
  /** Of the HTTP agent. */
  maxSockets?: number;
}

export interface FlushSettings {
  /** Queues with one worker each. */
  concurrentFlushes: number;
  /** Over the whole copy of one block. 0: there is none, as in Tempo 3. */
  flushOpTimeout: number;
  flushCheckPeriod: number;
  /**
   * A block cut in the normal way waits a random time up to this before it is completed; its flush follows without another wait.
   * A block found again at a start waits so before it is completed or flushed.
   */
  firstFlushJitter: number;
  /** The waits after the first, second, ... failed flush; the last one goes on. */
  flushRetryDelays: number[];
  /** How many times a failed flush is tried again. Tempo: `unlimited`. */
  flushRetries: number | 'unlimited';
  /** Tempo 2: a block that cannot be completed so many times is deleted. */
  completeAttempts: number;
  /** The waits after the first, second, ... failed completion; the last one goes on. */
  completeRetryDelays: number[];
  /** Workers that complete blocks; 0: the queues of the flushes do it, as in Tempo 2. */
  completeConcurrency: number;
}

export interface BlockSettings {
  maxBlockBytes: number;
  maxBlockDuration: number;
  completeBlockTimeout: number;
  traceIdlePeriod: number;
  traceLivePeriod: number;
  flushAllOnShutdown: boolean;
  /** What `completeBlockTimeout` is counted from until a flushed block is cleared locally: the block's end (Tempo 2.8 on), or its flush. */
  clearedAfter: 'end' | 'flush';
  /** Tempo 3: a WAL block older than this is deleted, completed or not. 0: never. */
  walDeletedAfter: number;
}

/**
 * Limits of what is taken in (which count where a scenario's load says so), and what has no effect on a write, as the docs explain.
 */
export interface OtherSettings {
  poolQueueDepth: number;
  poolMaxWorkers: number;
  rateLimitBytes: number;
  burstSizeBytes: number;
  /** Live traces in one ingester; a push that would begin another is refused. */
  maxTracesPerUser: number;
  maxTimePerTenant: number;
  blocklistPoll: number;
}

/** Of the compactor, which is no ingester: see `OtherSettings` for `maxTimePerTenant` and `blocklistPoll`. */
export interface CompactionSettings {
  /** Blocks whose ends are in one window are compacted together. */
  window: number;
  /** Windows of the last so long are compacted level by level. No key sets it. */
  activeFor: number;
  /** From the start of one cycle to the next at least. */
  cycle: number;
  /** Traces in a compacted block at most. */
  maxObjects: number;
  /** Bytes of a compacted block's data at most. */
  maxBlockBytes: number;
  /** Of data.parquet: the compactor sends each row group as one part. */
  rowGroupBytes: number;
}

/** What a YAML file of Tempo cannot say. */
export interface Deployment {
  /** How many ingesters take each trace in. */
  replicationFactor: number;
  ingesters: number;
  compactors: number;
  queriers: number;
  coresPerIngester: number;
  memoryPerIngester: number;
  diskPerIngester: number;
}

export interface TempoSettings {
  version: TempoVersion;
  client: PolicyName;
  sdk: SdkSettings;
  s3: S3Settings;
  policy: ClientPolicySettings & FlushSettings;
  blocks: BlockSettings;
  other: OtherSettings;
  compaction: CompactionSettings;
  deployment: Deployment;
}
