/**
 * The blocks of Tempo's config that are read, every key that is legal in them in a version of Tempo (the manifest of its
 * documentation, and the configs' own field names), and where the ones that reach the write path go in `TempoSettings`.
 */
import { DEFAULT_PART_SIZE, LARGEST_PART, SMALLEST_PART } from './defaults.ts';
import { deploymentSettings, type PolicySettings, policySettings, sdkSettings } from './own-settings.ts';
import {
  boolean,
  bytes,
  bytesOrZero,
  count,
  countOrZero,
  duration,
  durationOrZero,
  type Setting,
  type SettingAt,
  settingsOf,
  text,
} from './setting.ts';
import { type TempoVersion, tempoVersions } from './settings.ts';

export interface Block {
  /** Keys that are read. */
  settings: Record<string, Setting>;
  /** Keys that are legal, and change nothing that is modelled. */
  legal: readonly string[];
  /** Every other key is an error. Otherwise, only one that is nearly the name of a key that is read, or that another version has. */
  strict: boolean;
  /** What a legal key may begin with. */
  legalPrefix?: string;
}

export interface KnownKeys {
  /** By path; '' is the whole config. */
  blocks: Record<string, Block>;
  /** The keys of a legacy `overrides` block. */
  legacyOverrides: Record<string, Setting>;
  /** What no key of Tempo sets, by the first word of its `--set` option. */
  own: { policy: Record<string, Setting>; sdk: Record<string, Setting>; deployment: Record<string, Setting> };
}

/** The entry of a table by a name that a user wrote, which may be `constructor`. */
export function lookUp<Value>(table: Record<string, Value>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

const known = new Map<TempoVersion, KnownKeys>();

/** What a version of Tempo knows, with its defaults. */
export function knownKeys(version: TempoVersion): KnownKeys {
  let keys = known.get(version);
  if (!keys) {
    keys = keysOf(version);
    known.set(version, keys);
  }
  return keys;
}

/** Whether the block at `path` has the key in a version: it is read, or legal. */
export function hasKey(version: TempoVersion, path: string, name: string): boolean {
  const block = lookUp(knownKeys(version).blocks, path);
  return block !== undefined && blockHas(block, name);
}

/** Whether a key of the block is read, or legal. */
export function blockHas({ settings, legal, legalPrefix }: Block, name: string): boolean {
  return (
    lookUp(settings, name) !== undefined ||
    legal.includes(name) ||
    (legalPrefix !== undefined && name.startsWith(legalPrefix))
  );
}

/** The versions that have a key which `version` refuses to start with. */
export function versionsWith(version: TempoVersion, path: string, name: string): TempoVersion[] {
  if (hasKey(version, path, name)) return [];
  return tempoVersions.filter((other) => hasKey(other, path, name));
}

const legacyLegal =
  'ingestion_rate_strategy ingestion_tenant_shard_size ingestion_max_attribute_bytes ingestion_artificial_delay ingestion_retry_info_enabled max_global_traces_per_user forwarders block_retention compaction_disabled compaction_window max_bytes_per_tag_values_query max_blocks_per_tag_values_query max_condition_groups_per_tag_query max_search_duration max_metrics_duration unsafe_query_hints left_pad_trace_ids metrics_spanonly_fetch max_bytes_per_trace cost_attribution parquet_dedicated_columns';

/** Keys of `overrides` that belong to both of its forms. */
const commonOverrides =
  'per_tenant_override_config per_tenant_override_period user_configurable_overrides enable_legacy_overrides';

/** Whether a key of `overrides` says that it is in the legacy form. */
export function isLegacyOverride(key: string): boolean {
  return (
    key in knownKeys('2.9').legacyOverrides || words(legacyLegal).includes(key) || key.startsWith('metrics_generator_')
  );
}

function words(list: string): string[] {
  return list.split(' ').filter((word) => word !== '');
}

function block(settings: Record<string, Setting>, legal: string, strict = true): Block {
  return { settings, legal: words(legal), strict };
}

function keysOf(version: TempoVersion): KnownKeys {
  const at = settingsOf(version);
  const policy = policySettings(at);
  const ingestion = ingestionSettings(at);
  const legacyOverrides = {
    ingestion_rate_limit_bytes: ingestion.rate_limit_bytes,
    ingestion_burst_size_bytes: ingestion.burst_size_bytes,
    max_traces_per_user: ingestion.max_traces_per_user,
  };
  const blocks: Record<string, Block> = {
    '': block({}, `storage overrides ${version === '3.0' ? root30 : root2} ${rootOfAll}`, false),
    ...storageBlocks(version, at, policy),
    ...(version === '3.0' ? writerBlocks30(at, policy) : writerBlocks2(version, at, policy)),
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
  return {
    blocks,
    legacyOverrides,
    own: {
      policy,
      sdk: sdkSettings(),
      deployment: deploymentSettings(at, blocks['storage.trace.s3']?.settings.region?.kind),
    },
  };
}

const rootOfAll =
  'target http_api_prefix auth_enabled multitenancy_enabled search_enabled metrics_generator_enabled stream_over_http_enabled autocomplete_filtering_enabled enable_go_runtime_metrics shutdown_delay use_otel_tracer server internal_server distributor live_store_client querier query_frontend metrics_generator ingest block_builder live_store memberlist usage_report usage_tracker cache backend_scheduler backend_scheduler_client backend_worker';
/** Tempo 3.0 has no ingesters and no compactors. */
const root2 = 'ingester ingester_client compactor metrics_generator_client';
const root30 = 'memory span_profiling';

function ingestionSettings(at: SettingAt) {
  return {
    rate_limit_bytes: at(
      'other',
      'rateLimitBytes',
      bytesOrZero,
      'bytes per second that a tenant may send: how much there is to flush; beyond it pushes are refused',
    ),
    burst_size_bytes: at(
      'other',
      'burstSizeBytes',
      bytesOrZero,
      'bytes that may come in at once: live traces in memory',
    ),
    max_traces_per_user: at(
      'other',
      'maxTracesPerUser',
      countOrZero,
      'live traces of a tenant in one ingester; a push that would begin another is refused',
    ),
  };
}

const tls =
  'tls_cert_path tls_key_path tls_ca_path tls_server_name tls_insecure_skip_verify tls_cipher_suites tls_min_version';

function storageBlocks(version: TempoVersion, at: SettingAt, policy: PolicySettings): Record<string, Block> {
  return {
    storage: block({}, 'trace'),
    'storage.trace': block(
      {
        blocklist_poll: at('other', 'blocklistPoll', duration, 'how late readers may see a block that is in S3'),
      },
      's3 pool backend wal block search blocklist_poll_concurrency blocklist_poll_tenant_concurrency blocklist_poll_fallback blocklist_poll_tenant_index_builders blocklist_poll_stale_tenant_index blocklist_poll_jitter_ms blocklist_poll_tolerate_consecutive_errors blocklist_poll_tolerate_tenant_failures empty_tenant_deletion_enabled empty_tenant_deletion_age local gcs azure cache background_cache memcached redis cache_min_compaction_level cache_max_block_age',
    ),
    'storage.trace.block': block(
      {
        parquet_row_group_size_bytes: at(
          'compaction',
          'rowGroupBytes',
          bytes,
          "a row group of data.parquet: one part of a compactor's upload",
        ),
      },
      '',
      false,
    ),
    'storage.trace.s3': block(
      {
        // minio-go's CheckValidBucketName
        bucket: at(
          's3',
          'bucket',
          {
            type: 'text',
            what: 'bucket name',
            valid: /^[A-Za-z0-9][A-Za-z0-9._:-]{1,61}[A-Za-z0-9]$/,
            expects: '3 to 63 letters, digits, dots and hyphens',
          },
          'a run has a bucket of its own',
        ),
        prefix: at('s3', 'prefix', text, 'stands before every key'),
        endpoint: at(
          's3',
          'endpoint',
          {
            type: 'text',
            what: 'endpoint',
            valid: /^[A-Za-z0-9._-]+(:\d{1,5})?$|^\[[0-9A-Fa-f:.]+\](:\d{1,5})?$/,
            expects: 'host or host:port, without http:// (insecure chooses between HTTP and HTTPS) and without a path',
          },
          'a run goes to a MinIO of its own',
        ),
        region: at(
          's3',
          'region',
          { type: 'text', what: 'region', valid: /^[A-Za-z0-9_-]{1,64}$/, expects: 'one such as us-west-2' },
          "signed into each request; unset, the client asks for the bucket's first",
        ),
        insecure: at('s3', 'insecure', boolean, 'plain HTTP, with each chunk of a body signed; else TLS'),
        forcepathstyle: at(
          's3',
          'forcePathStyle',
          boolean,
          'the bucket stands in the path, not in the name of the host',
        ),
        bucket_lookup_type: at(
          's3',
          'bucketLookupType',
          { type: 'integer', min: 0, max: 2 },
          '0 by the endpoint, 1 in the name of the host, 2 in the path',
        ),
        part_size: at(
          's3',
          'partSize',
          { type: 'bytes', min: SMALLEST_PART, max: LARGEST_PART, zero: { means: DEFAULT_PART_SIZE } },
          'a larger object is sent in parts of so many bytes, each tried again by itself',
        ),
        hedge_requests_at: at('s3', 'hedgeRequestsAt', durationOrZero, 'nothing: only GET is hedged'),
        hedge_requests_up_to: at('s3', 'hedgeRequestsUpTo', count, 'nothing: only GET is hedged'),
        ...(version === '3.0' && {
          retry_max_attempts: policy.attempts,
          retry_backoff_initial: { ...policy.backoffUnit, kind: duration },
          retry_backoff_max: { ...policy.backoffCap, kind: duration },
        }),
      },
      `${tls} access_key secret_key session_token signature_v2 enable_dual_stack tags storage_class metadata native_aws_auth_enabled list_blocks_concurrency disable_multipart_upload sse`,
    ),
    'storage.trace.pool': block(
      {
        max_workers: at('other', 'poolMaxWorkers', count, 'nothing: look-ups by trace ID that run at the same time'),
        queue_depth: at('other', 'poolQueueDepth', countOrZero, 'nothing: look-ups by trace ID that wait'),
      },
      '',
    ),
  };
}

const idleTrace = 'a trace that has had no span for so long is cut from memory to the WAL';
const oldTrace = 'a trace that is so old is cut to the WAL too: until then a crash loses it';
const blockSize = 'a block that holds so many bytes is cut, at the next flush_check_period';
const blockAge = 'a block that is so old is cut, at the next flush_check_period';

function compactionSettings(at: SettingAt) {
  return {
    compaction_window: at(
      'compaction',
      'window',
      duration,
      'of a compactor: blocks whose ends are in one window become one',
    ),
    max_compaction_objects: at('compaction', 'maxObjects', count, 'of a compactor: traces in a block at most'),
    max_block_bytes: at('compaction', 'maxBlockBytes', bytes, 'of a compactor: bytes of a block at most'),
  };
}

/** The ingester and the compactor of Tempo 2. */
function writerBlocks2(version: TempoVersion, at: SettingAt, policy: PolicySettings): Record<string, Block> {
  return {
    ingester: block(
      {
        concurrent_flushes: at(
          'policy',
          'concurrentFlushes',
          count,
          'queues with one worker each, which complete blocks and copy them to S3: a hung copy blocks its queue',
        ),
        flush_check_period: policy.flushCheckPeriod,
        flush_op_timeout: at(
          'policy',
          'flushOpTimeout',
          duration,
          'the deadline for one copy of one block, with all its objects and their retries',
        ),
        // Up to 2.8 it has no effect, and there is no trace_live_period.
        ...(version !== '2.7' && {
          trace_idle_period: at('blocks', 'traceIdlePeriod', durationOrZero, idleTrace),
          trace_live_period: at('blocks', 'traceLivePeriod', durationOrZero, oldTrace),
        }),
        max_block_duration: at('blocks', 'maxBlockDuration', duration, blockAge),
        max_block_bytes: at('blocks', 'maxBlockBytes', bytes, blockSize),
        complete_block_timeout: at(
          'blocks',
          'completeBlockTimeout',
          durationOrZero,
          version === '2.7'
            ? 'so long after its flush a block is cleared locally'
            : 'so long after its end a flushed block is cleared locally, seen by readers or not',
        ),
        flush_all_on_shutdown: at(
          'blocks',
          'flushAllOnShutdown',
          boolean,
          'whether all is flushed before an ingester that is asked to stop does',
        ),
      },
      `${version === '2.7' ? 'trace_idle_period ' : ''}lifecycler partition_ring override_ring_key flush_object_storage`,
    ),
    'ingester.lifecycler': block({}, 'ring', false),
    'ingester.lifecycler.ring': block(
      {
        replication_factor: at(
          'deployment',
          'replicationFactor',
          count,
          'how many ingesters take each trace in: so many times the bytes are flushed',
        ),
      },
      '',
      false,
    ),
    compactor: block({}, 'compaction ring override_ring_key disabled', false),
    'compactor.compaction': block(
      {
        max_time_per_tenant: at(
          'other',
          'maxTimePerTenant',
          duration,
          "nothing to an ingester's write: how long a compactor works for one tenant before the next",
        ),
        compaction_cycle: at(
          'compaction',
          'cycle',
          duration,
          'of a compactor: from the start of one cycle to the next at least',
        ),
        ...compactionSettings(at),
      },
      'block_retention compacted_block_retention retention_concurrency v2_in_buffer_bytes v2_out_buffer_bytes v2_prefetch_traces_count',
    ),
  };
}

/** The live-store of a single binary of Tempo 3, and the worker that compacts. */
function writerBlocks30(at: SettingAt, policy: PolicySettings): Record<string, Block> {
  return {
    live_store: block(
      {
        complete_block_concurrency: {
          ...at(
            'policy',
            'concurrentFlushes',
            count,
            'so many workers complete blocks, and as many others copy them to S3: a hung copy holds its worker',
          ),
          assign({ policy }, value) {
            policy.concurrentFlushes = Number(value);
            policy.completeConcurrency = Number(value);
          },
        },
        flush_check_period: policy.flushCheckPeriod,
        max_trace_idle: at('blocks', 'traceIdlePeriod', duration, idleTrace),
        max_trace_live: at('blocks', 'traceLivePeriod', duration, oldTrace),
        max_block_duration: at('blocks', 'maxBlockDuration', duration, blockAge),
        max_block_bytes: at('blocks', 'maxBlockBytes', bytes, blockSize),
        complete_block_timeout: {
          ...at(
            'blocks',
            'completeBlockTimeout',
            duration,
            'so long after its end a flushed block is cleared locally, and a WAL block is deleted, completed or not',
          ),
          assign({ blocks }, value) {
            blocks.completeBlockTimeout = Number(value);
            blocks.walDeletedAfter = Number(value);
          },
        },
      },
      'flush_op_timeout ring partition_ring metrics commit_interval wal query_block_concurrency shutdown_marker_dir max_live_traces_bytes readiness_target_lag readiness_max_wait fail_on_high_lag remove_owner_on_shutdown',
    ),
    backend_worker: block({}, 'compaction', false),
    'backend_worker.compaction': block(compactionSettings(at), 'max_time_per_tenant compaction_cycle', false),
  };
}
