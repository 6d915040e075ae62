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

export interface FlushSettings {
  concurrentFlushes: number;
  flushOpTimeout: number;
  flushCheckPeriod: number;
  /** A block cut in the normal way waits a random time up to this before its first flush. */
  firstFlushJitter: number;
  /** The waits after the first, second, ... failed flush; the last one goes on. */
  flushRetryDelays: number[];
  /** How many times a failed flush is tried again. Tempo: `unlimited`. */
  flushRetries: number | 'unlimited';
}

export interface BlockSettings {
  maxBlockBytes: number;
  maxBlockDuration: number;
  completeBlockTimeout: number;
  traceIdlePeriod: number;
  traceLivePeriod: number;
  flushAllOnShutdown: boolean;
}

/** Read, reported by `check`, and without effect on a write, as the docs explain. */
export interface OtherSettings {
  poolQueueDepth: number;
  poolMaxWorkers: number;
  rateLimitBytes: number;
  burstSizeBytes: number;
  maxTracesPerUser: number;
  maxTimePerTenant: number;
  blocklistPoll: number;
}

/** What a YAML file of Tempo cannot say. */
export interface Deployment {
  ingesters: number;
  compactors: number;
  queriers: number;
  coresPerIngester: number;
  memoryPerIngester: number;
  diskPerIngester: number;
}

export interface TempoSettings {
  s3: S3Settings;
  policy: ClientPolicySettings & FlushSettings;
  blocks: BlockSettings;
  other: OtherSettings;
  deployment: Deployment;
}
