/**
 * The blocks of Tempo's config that are read, every key that is legal in them in Tempo 2.9 or 3.0 (the manifest of its
 * documentation, and the configs' own field names), and where the ones that reach the write path go in `TempoSettings`.
 */
import { DEFAULT_PART_SIZE, LARGEST_PART, SMALLEST_PART, tempoDefaults } from './defaults.ts';
import { type Kind, writeScalar } from './go-scalar.ts';
import { resolverNames, type TempoSettings } from './settings.ts';

export interface Setting {
  kind: Kind;
  /** Tempo's default, as a config writes it. */
  fallback: string;
  assign(settings: TempoSettings, value: unknown): void;
}

export interface Block {
  /** Keys that are read. */
  settings: Record<string, Setting>;
  /** Keys that are legal, and change nothing that is modelled. */
  legal: readonly string[];
  /** Every other key is an error. Otherwise, only one that is nearly the name of a block that is read. */
  strict: boolean;
  /** What a legal key may begin with. */
  legalPrefix?: string;
}

const duration: Kind = { type: 'duration', min: 'above zero' };
const durationOrZero: Kind = { type: 'duration', min: 'zero' };
const count: Kind = { type: 'integer', min: 1 };
const countOrZero: Kind = { type: 'integer', min: 0 };
const boolean: Kind = { type: 'boolean' };
const text: Kind = { type: 'text' };

/** The setting at `settings[section][name]`. */
function at<Section extends keyof TempoSettings>(
  section: Section,
  name: keyof TempoSettings[Section] & string,
  kind: Kind,
): Setting {
  return {
    kind,
    fallback: writeScalar(tempoDefaults()[section][name], kind),
    assign(settings, value) {
      settings[section][name] = value as TempoSettings[Section][typeof name];
    },
  };
}

const tls =
  'tls_cert_path tls_key_path tls_ca_path tls_server_name tls_insecure_skip_verify tls_cipher_suites tls_min_version';

const ingestion = {
  rate_limit_bytes: at('other', 'rateLimitBytes', { type: 'bytes', min: 0 }),
  burst_size_bytes: at('other', 'burstSizeBytes', { type: 'bytes', min: 0 }),
  max_traces_per_user: at('other', 'maxTracesPerUser', countOrZero),
};

/** The keys of a legacy `overrides` block. */
export const legacyOverrides: Record<string, Setting> = {
  ingestion_rate_limit_bytes: ingestion.rate_limit_bytes,
  ingestion_burst_size_bytes: ingestion.burst_size_bytes,
  max_traces_per_user: ingestion.max_traces_per_user,
};

const legacyLegal =
  'ingestion_rate_strategy ingestion_tenant_shard_size ingestion_max_attribute_bytes ingestion_artificial_delay ingestion_retry_info_enabled max_global_traces_per_user forwarders block_retention compaction_disabled compaction_window max_bytes_per_tag_values_query max_blocks_per_tag_values_query max_condition_groups_per_tag_query max_search_duration max_metrics_duration unsafe_query_hints left_pad_trace_ids metrics_spanonly_fetch max_bytes_per_trace cost_attribution parquet_dedicated_columns';

/** Keys of `overrides` that belong to both of its forms. */
const commonOverrides =
  'per_tenant_override_config per_tenant_override_period user_configurable_overrides enable_legacy_overrides';

/** Whether a key of `overrides` says that it is in the legacy form. */
export function isLegacyOverride(key: string): boolean {
  return key in legacyOverrides || words(legacyLegal).includes(key) || key.startsWith('metrics_generator_');
}

function words(list: string): string[] {
  return list.split(' ').filter((word) => word !== '');
}

function block(settings: Record<string, Setting>, legal: string, strict = true): Block {
  return { settings, legal: words(legal), strict };
}

/** The entry of a table by a name that a user wrote, which may be `constructor`. */
export function lookUp<Value>(table: Record<string, Value>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** By path; '' is the whole config. */
export const knownBlocks: Record<string, Block> = {
  '': block(
    {},
    'storage ingester compactor overrides target http_api_prefix auth_enabled multitenancy_enabled search_enabled metrics_generator_enabled stream_over_http_enabled autocomplete_filtering_enabled enable_go_runtime_metrics shutdown_delay use_otel_tracer server internal_server distributor ingester_client metrics_generator_client live_store_client querier query_frontend metrics_generator ingest block_builder live_store memberlist usage_report usage_tracker cache backend_scheduler backend_scheduler_client backend_worker',
    false,
  ),
  storage: block({}, 'trace'),
  'storage.trace': block(
    { blocklist_poll: at('other', 'blocklistPoll', duration) },
    's3 pool backend wal block search blocklist_poll_concurrency blocklist_poll_tenant_concurrency blocklist_poll_fallback blocklist_poll_tenant_index_builders blocklist_poll_stale_tenant_index blocklist_poll_jitter_ms blocklist_poll_tolerate_consecutive_errors blocklist_poll_tolerate_tenant_failures empty_tenant_deletion_enabled empty_tenant_deletion_age local gcs azure cache background_cache memcached redis cache_min_compaction_level cache_max_block_age',
  ),
  'storage.trace.s3': block(
    {
      // minio-go's CheckValidBucketName
      bucket: at('s3', 'bucket', {
        type: 'text',
        what: 'bucket name',
        valid: /^[A-Za-z0-9][A-Za-z0-9._:-]{1,61}[A-Za-z0-9]$/,
        expects: '3 to 63 letters, digits, dots and hyphens',
      }),
      prefix: at('s3', 'prefix', text),
      endpoint: at('s3', 'endpoint', {
        type: 'text',
        what: 'endpoint',
        valid: /^[A-Za-z0-9._-]+(:\d{1,5})?$|^\[[0-9A-Fa-f:.]+\](:\d{1,5})?$/,
        expects: 'host or host:port, without http:// (insecure chooses between HTTP and HTTPS) and without a path',
      }),
      region: at('s3', 'region', {
        type: 'text',
        what: 'region',
        valid: /^[A-Za-z0-9_-]{1,64}$/,
        expects: 'one such as us-west-2',
      }),
      insecure: at('s3', 'insecure', boolean),
      forcepathstyle: at('s3', 'forcePathStyle', boolean),
      bucket_lookup_type: at('s3', 'bucketLookupType', { type: 'integer', min: 0, max: 2 }),
      part_size: at('s3', 'partSize', {
        type: 'bytes',
        min: SMALLEST_PART,
        max: LARGEST_PART,
        zero: { means: DEFAULT_PART_SIZE },
      }),
      hedge_requests_at: at('s3', 'hedgeRequestsAt', durationOrZero),
      hedge_requests_up_to: at('s3', 'hedgeRequestsUpTo', count),
      retry_max_attempts: at('policy', 'attempts', count),
      retry_backoff_initial: at('policy', 'backoffUnit', duration),
      retry_backoff_max: at('policy', 'backoffCap', duration),
    },
    `${tls} access_key secret_key session_token signature_v2 enable_dual_stack tags storage_class metadata native_aws_auth_enabled list_blocks_concurrency disable_multipart_upload sse`,
  ),
  'storage.trace.pool': block(
    {
      max_workers: at('other', 'poolMaxWorkers', count),
      queue_depth: at('other', 'poolQueueDepth', countOrZero),
    },
    '',
  ),
  ingester: block(
    {
      concurrent_flushes: at('policy', 'concurrentFlushes', count),
      flush_check_period: at('policy', 'flushCheckPeriod', duration),
      flush_op_timeout: at('policy', 'flushOpTimeout', duration),
      trace_idle_period: at('blocks', 'traceIdlePeriod', durationOrZero),
      trace_live_period: at('blocks', 'traceLivePeriod', durationOrZero),
      max_block_duration: at('blocks', 'maxBlockDuration', duration),
      max_block_bytes: at('blocks', 'maxBlockBytes', { type: 'bytes', min: 1 }),
      complete_block_timeout: at('blocks', 'completeBlockTimeout', durationOrZero),
      flush_all_on_shutdown: at('blocks', 'flushAllOnShutdown', boolean),
    },
    'lifecycler partition_ring override_ring_key flush_object_storage',
  ),
  compactor: block({}, 'compaction ring override_ring_key disabled', false),
  'compactor.compaction': block(
    { max_time_per_tenant: at('other', 'maxTimePerTenant', duration) },
    'compaction_window max_compaction_objects max_block_bytes block_retention compacted_block_retention retention_concurrency v2_in_buffer_bytes v2_out_buffer_bytes v2_prefetch_traces_count compaction_cycle',
  ),
  overrides: {
    ...block(legacyOverrides, `defaults ${commonOverrides} ${legacyLegal}`),
    legalPrefix: 'metrics_generator_',
  },
  'overrides.defaults': block(
    {},
    'ingestion read compaction metrics_generator forwarders global storage cost_attribution',
  ),
  'overrides.defaults.ingestion': block(
    ingestion,
    'rate_strategy max_global_traces_per_user tenant_shard_size max_attribute_bytes artificial_delay retry_info_enabled',
  ),
  'overrides.defaults.read': block(
    {},
    'max_bytes_per_tag_values_query max_blocks_per_tag_values_query max_condition_groups_per_tag_query max_search_duration max_metrics_duration unsafe_query_hints left_pad_trace_ids metrics_spanonly_fetch',
  ),
  'overrides.defaults.compaction': block({}, 'block_retention compaction_window compaction_disabled'),
  'overrides.defaults.global': block({}, 'max_bytes_per_trace'),
  'overrides.defaults.storage': block({}, 'parquet_dedicated_columns'),
};

/** What no key of Tempo sets: only `--set policy.<name>` does. */
export const policySettings: Record<string, Setting> = {
  attempts: at('policy', 'attempts', count),
  backoffUnit: at('policy', 'backoffUnit', durationOrZero),
  backoffCap: at('policy', 'backoffCap', durationOrZero),
  dialTimeout: at('policy', 'dialTimeout', duration),
  tlsHandshakeTimeout: at('policy', 'tlsHandshakeTimeout', duration),
  responseHeaderTimeout: at('policy', 'responseHeaderTimeout', duration),
  idleConnectionTimeout: at('policy', 'idleConnectionTimeout', duration),
  maxIdleConnections: at('policy', 'maxIdleConnections', count),
  maxConnections: at('policy', 'maxConnections', countOrZero),
  keepAlive: at('policy', 'keepAlive', boolean),
  partsInFlight: at('policy', 'partsInFlight', count),
  resolver: at('policy', 'resolver', {
    type: 'text',
    what: 'resolver',
    valid: new RegExp(`^(${resolverNames.join('|')})$`),
    expects: resolverNames.join(' or '),
  }),
  dnsTimeout: at('policy', 'dnsTimeout', duration),
  dnsAttempts: at('policy', 'dnsAttempts', count),
  // resolv.conf(5): more counts as 15
  dnsNdots: at('policy', 'dnsNdots', { type: 'integer', min: 0, max: 15 }),
  dnsSearch: at('policy', 'dnsSearch', { type: 'domains' }),
  dnsCache: at('policy', 'dnsCache', boolean),
  nodeDnsTimeout: at('policy', 'nodeDnsTimeout', duration),
  nodeDnsAttempts: at('policy', 'nodeDnsAttempts', count),
  concurrentFlushes: at('policy', 'concurrentFlushes', count),
  flushOpTimeout: at('policy', 'flushOpTimeout', duration),
  flushCheckPeriod: at('policy', 'flushCheckPeriod', duration),
  firstFlushJitter: at('policy', 'firstFlushJitter', durationOrZero),
  flushRetryDelays: at('policy', 'flushRetryDelays', { type: 'durations' }),
  flushRetries: at('policy', 'flushRetries', { type: 'retries' }),
};

/** The keys of a deployment file, and of `--set deployment.<name>`. */
export const deploymentSettings: Record<string, Setting> = {
  ingesters: at('deployment', 'ingesters', count),
  compactors: at('deployment', 'compactors', countOrZero),
  queriers: at('deployment', 'queriers', countOrZero),
  cores: at('deployment', 'coresPerIngester', { type: 'number', min: 'above zero' }),
  memory: at('deployment', 'memoryPerIngester', { type: 'size' }),
  disk: at('deployment', 'diskPerIngester', { type: 'size' }),
  region: {
    ...at('s3', 'region', knownBlocks['storage.trace.s3']?.settings.region?.kind ?? text),
    assign(settings, value) {
      // What the Tempo config itself says comes first.
      if (settings.s3.region === '') settings.s3.region = String(value);
    },
  },
};
