/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: references in configs */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../process/child.ts';
import { parseTempoConfig, type ReadOptions, readTempoConfig } from './config.ts';
import { type ConfigError, formatProblem } from './config-error.ts';
import { tempoDefaults } from './defaults.ts';

const S3 = 'storage: {trace: {backend: s3, s3: {bucket: tempo}}}\n';

function read(text: string, options: ReadOptions = {}) {
  return parseTempoConfig(text, 'tempo.yaml', { env: {}, ...options });
}

function problemsOf(text: string, options: ReadOptions = {}): string[] {
  try {
    read(text, options);
  } catch (error) {
    return (error as ConfigError).problems.map(formatProblem);
  }
  return [];
}

describe('parseTempoConfig', () => {
  it('fills what is not there with the defaults of Tempo', () => {
    const { settings, warnings } = read(S3);
    const expected = tempoDefaults();
    expected.s3.bucket = 'tempo';
    expect(settings).toEqual(expected);
    expect(warnings).toEqual([]);
  });

  it('reads every key that reaches the write path', () => {
    const { settings, warnings } = read(`
storage:
  trace:
    backend: s3
    blocklist_poll: 1m
    pool: {max_workers: 100, queue_depth: 50000}
    block: {version: vParquet4, parquet_row_group_size_bytes: 50000000}
    s3:
      bucket: tempo
      prefix: prod/traces
      endpoint: minio:9000
      region: us-west-2
      access_key: AKIAIOSFODNN7EXAMPLE
      insecure: yes
      forcepathstyle: true
      bucket_lookup_type: 2
      part_size: 8_388_608
      hedge_requests_at: 500ms
      hedge_requests_up_to: 3
ingester:
  lifecycler: {ring: {replication_factor: 3}}
  concurrent_flushes: 8
  flush_check_period: 5s
  flush_op_timeout: 1h30m
  trace_idle_period: 1.5s
  trace_live_period: 1m
  max_block_duration: 15m
  max_block_bytes: 104857600
  complete_block_timeout: 20m
  flush_all_on_shutdown: true
compactor:
  compaction: {max_time_per_tenant: 15m, compaction_window: 30m, compaction_cycle: 1m, max_compaction_objects: 1000, max_block_bytes: 1073741824}
overrides:
  defaults:
    ingestion: {rate_limit_bytes: 600000000, burst_size_bytes: 800000000, max_traces_per_user: 3000000}
`);
    const { deployment, policy, compaction } = tempoDefaults();
    expect(settings).toEqual({
      version: '2.9',
      client: 'tempo',
      sdk: {},
      s3: {
        bucket: 'tempo',
        prefix: 'prod/traces',
        endpoint: 'minio:9000',
        region: 'us-west-2',
        insecure: true,
        forcePathStyle: true,
        bucketLookupType: 2,
        partSize: 8_388_608,
        hedgeRequestsAt: 500,
        hedgeRequestsUpTo: 3,
      },
      policy: {
        ...policy,
        concurrentFlushes: 8,
        flushCheckPeriod: 5000,
        flushOpTimeout: 5_400_000,
      },
      blocks: {
        maxBlockBytes: 104_857_600,
        maxBlockDuration: 900_000,
        completeBlockTimeout: 1_200_000,
        traceIdlePeriod: 1500,
        traceLivePeriod: 60_000,
        flushAllOnShutdown: true,
        clearedAfter: 'end',
        walDeletedAfter: 0,
      },
      other: {
        poolQueueDepth: 50_000,
        poolMaxWorkers: 100,
        rateLimitBytes: 600_000_000,
        burstSizeBytes: 800_000_000,
        maxTracesPerUser: 3_000_000,
        maxTimePerTenant: 900_000,
        blocklistPoll: 60_000,
      },
      compaction: {
        ...compaction,
        window: 1_800_000,
        cycle: 60_000,
        maxObjects: 1000,
        maxBlockBytes: 2 ** 30,
        rowGroupBytes: 50_000_000,
      },
      deployment: { ...deployment, replicationFactor: 3 },
    });
    expect(warnings).toEqual([]);
  });

  it('reads every key of Tempo 3 that reaches the write path', () => {
    const { settings, warnings } = read(
      `
storage:
  trace:
    backend: s3
    s3: {bucket: tempo, retry_max_attempts: 5, retry_backoff_initial: 100ms, retry_backoff_max: 2s}
live_store:
  complete_block_concurrency: 6
  flush_check_period: 10s
  max_trace_idle: 2s
  max_trace_live: 20s
  max_block_duration: 1m
  max_block_bytes: 104857600
  complete_block_timeout: 1h
  max_live_traces_bytes: 100000000
  wal: {path: /var/tempo}
backend_worker: {compaction: {compaction_window: 30m, block_retention: 48h}}
`,
      { version: '3.0' },
    );
    const expected = tempoDefaults('3.0');
    expected.s3.bucket = 'tempo';
    Object.assign(expected.policy, {
      attempts: 5,
      backoffUnit: 100,
      backoffCap: 2000,
      concurrentFlushes: 6,
      completeConcurrency: 6,
      flushCheckPeriod: 10_000,
    });
    Object.assign(expected.blocks, {
      traceIdlePeriod: 2000,
      traceLivePeriod: 20_000,
      maxBlockDuration: 60_000,
      maxBlockBytes: 104_857_600,
      completeBlockTimeout: 3_600_000,
      walDeletedAfter: 3_600_000,
    });
    expected.compaction.window = 1_800_000;
    expect(settings).toEqual(expected);
    expect(warnings).toEqual([]);
  });

  it.each([
    [
      '2.9',
      'storage: {trace: {s3: {bucket: abc, retry_max_attempts: 5}}}',
      'tempo.yaml:1:37: storage.trace.s3.retry_max_attempts: Tempo 2.9 has no such key, and refuses to start with it (3.0 has it). Say --tempo-version 3.0, or try what it would do with --set policy.attempts.',
    ],
    [
      '3.0',
      `${S3}ingester: {flush_op_timeout: 5m}`,
      'tempo.yaml:2:1: ingester: Tempo 3.0 has no such key, and refuses to start with it (2.7 and 2.9 have it). Say --tempo-version 2.9, or move what it sets to live_store.',
    ],
    [
      '3.0',
      `${S3}compactor: {}`,
      'tempo.yaml:2:1: compactor: Tempo 3.0 has no such key, and refuses to start with it (2.7 and 2.9 have it). Say --tempo-version 2.9, or move its compaction to backend_worker.',
    ],
    [
      '2.7',
      `${S3}ingester:\n  trace_live_period: 30s`,
      'tempo.yaml:3:3: ingester.trace_live_period: Tempo 2.7 has no such key, and refuses to start with it (2.9 has it). Say --tempo-version 2.9, or remove it.',
    ],
    [
      '3.0',
      `${S3}live_store:\n  max_block_byte: 5`,
      'tempo.yaml:3:3: live_store.max_block_byte: live_store has no such key. Did you mean max_block_bytes?',
    ],
    [
      '3.0',
      `${S3}live_store: {max_trace_idle: 1m}`,
      'tempo.yaml:2:14: live_store.max_trace_idle: max_trace_idle (1m) is longer than max_trace_live (30s): Tempo refuses to start. Make max_trace_live as long, or longer.',
    ],
    [
      '3.0',
      `${S3}overrides: {max_traces_per_user: 3}`,
      'tempo.yaml:2:13: overrides.max_traces_per_user: this is the legacy form of overrides, and Tempo 3 refuses to start with it. Move it to overrides.defaults, or add overrides.enable_legacy_overrides: true.',
    ],
    [
      '2.9',
      `${S3}ingester: {lifecycler: {ring: {replication_facto: 3}}}`,
      'tempo.yaml:2:32: ingester.lifecycler.ring.replication_facto: ingester.lifecycler.ring has no such key. Did you mean replication_factor?',
    ],
    [
      '2.9',
      `${S3}ingester: {lifecycler: {ring: {replication_factor: 0}}}`,
      'tempo.yaml:2:52: ingester.lifecycler.ring.replication_factor: "0" is not a number of 1 or more. Write a plain whole number of 1 or more, such as the default of 1.',
    ],
  ] as const)('refuses as Tempo %s does: %j', (version, text, problem) => {
    expect(problemsOf(text, { version })).toEqual([problem]);
  });

  it.each([
    [
      '3.0',
      `${S3}live_store: {flush_op_timeout: 1m}`,
      'tempo.yaml:2:14: in Tempo 3 this is how often old blocks are cleared, and no deadline: a flush takes as long as it takes',
    ],
    [
      '3.0',
      `${S3}block_builder: {}`,
      'tempo.yaml:2:1: the block-builder of microservices is not modelled: blocks are flushed as the live-store of a single binary (target: all) does',
    ],
    [
      '3.0',
      `${S3}target: block-builder`,
      'tempo.yaml:2:1: the block-builder of microservices is not modelled: blocks are flushed as the live-store of a single binary (target: all) does',
    ],
    [
      '2.7',
      `${S3}ingester: {trace_idle_period: 10s}`,
      'tempo.yaml:2:12: trace_idle_period has no effect before Tempo 2.9: every flush_check_period all live traces are cut',
    ],
  ] as const)('warns of what Tempo %s does with %j', (version, text, warning) => {
    expect(read(text, { version }).warnings).toEqual([warning]);
  });

  it('leaves a Tempo 3 that says nothing else without a warning', () => {
    const text = `${S3}target: all\nlive_store: {max_trace_idle: 30s}\noverrides: {max_traces_per_user: 3, enable_legacy_overrides: true}`;
    expect(read(text, { version: '3.0' }).warnings).toEqual([]);
  });

  it('takes a block of Tempo 3 beside the ingester that is modelled without a warning', () => {
    expect(read(`${S3}ingester: {}\nlive_store: {}`).warnings).toEqual([]);
  });

  it('knows a config of Tempo 3 by the keys of Tempo 3', () => {
    expect(problemsOf('span_profiling: {}', { version: '3.0' })).toEqual([]);
  });

  it('leaves the keys of a ring alone that it does not read', () => {
    const text = `${S3}ingester: {lifecycler: {num_tokens: 128, ring: {kvstore: {store: memberlist}, heartbeat_timeout: 1m}}}`;
    expect(read(text).warnings).toEqual([]);
  });

  it('reads the legacy form of overrides', () => {
    const { settings, warnings } = read(
      `${S3}overrides:\n  ingestion_rate_limit_bytes: 1\n  ingestion_burst_size_bytes: 2\n  max_traces_per_user: 3\n  metrics_generator_processors: [span-metrics]\n`,
    );
    expect(settings.other).toMatchObject({ rateLimitBytes: 1, burstSizeBytes: 2, maxTracesPerUser: 3 });
    expect(warnings).toEqual([
      'tempo.yaml:3:3: Tempo 3 takes the legacy form of overrides only with overrides.enable_legacy_overrides: true',
    ]);
    expect(read(`${S3}overrides:\n  max_traces_per_user: 3\n  enable_legacy_overrides: true\n`).warnings).toEqual([]);
  });

  it('expands the environment, and lets keys that are none of our business pass', () => {
    const { settings, warnings } = read(
      'storage: {trace: {s3: {bucket: "${BUCKET}", region: "${REGION:-eu-1}", secret_key: "${NOBODY}"}}} # ${COMMENT}\nserver: {anything: [goes]}\nx: "${GONE}"',
      { env: { BUCKET: 'from-env' } },
    );
    expect(settings.s3).toMatchObject({ bucket: 'from-env', region: 'eu-1' });
    expect(warnings).toEqual([
      'tempo.yaml:3:5: ${GONE} is not set in the environment: it stands for nothing, as in Tempo',
    ]);
  });

  it('takes every key of the manifest of Tempo 2.9 in the blocks that it reads', () => {
    expect(
      problemsOf(`
storage:
  trace:
    wal: {path: /var/tempo/wal}
    block: {version: vParquet4}
    search: {chunk_size_bytes: 1000000}
    blocklist_poll_concurrency: 50
    cache_min_compaction_level: 0
    s3: {tls_cert_path: "", tls_min_version: VersionTLS12, bucket: abc, signature_v2: false, enable_dual_stack: false, tags: {}, storage_class: "", metadata: {}, native_aws_auth_enabled: false, list_blocks_concurrency: 3, sse: {type: ""}}
ingester: {lifecycler: {ring: {replication_factor: 3}}, partition_ring: {}, override_ring_key: ring, flush_object_storage: true}
compactor: {ring: {}, compaction: {block_retention: 336h, v2_in_buffer_bytes: 5}}
overrides:
  defaults:
    ingestion: {rate_strategy: local, retry_info_enabled: true, tenant_shard_size: 3}
    read: {max_bytes_per_tag_values_query: 1}
    metrics_generator: {processors: [], anything: 1}
    compaction: {block_retention: 48h}
    global: {max_bytes_per_trace: 5000000}
    storage: {parquet_dedicated_columns: []}
    forwarders: []
  per_tenant_override_config: /overrides.yaml
  user_configurable_overrides: {enabled: false}
`),
    ).toEqual([]);
  });

  it('reports everything that is wrong at once, in the order of the file, with where, what and the remedy', () => {
    expect(
      problemsOf(
        `storage:
  trace:
    s3:
      part_size: 1KB
      endpoint: http://minio:9000
      bucket: a/b
      secret_kye: wJalrXUtnFEMI
      insecure: "true"
ingester:
  flush_op_timout: 5m
  flush_op_timeout: -5m
  flush_check_period: 10
  concurrent_flushes: 0
  max_block_bytes: 500MiB
  part_size: 8388608
overrides:
  defaults:
    ingestion: {rate_limit_bytes: 600MB, burst_size_bytes: [1]}
    global:
      - 1
compactor:
  compactoin: {}
ingestr: {}
`,
        { set: ['policy.atempts=1'] },
      ),
    ).toEqual([
      'tempo.yaml:4:18: storage.trace.s3.part_size: "1KB" is not a whole number of bytes. Tempo wants a plain integer of bytes: write 5242880 (5MiB) to 5368709120 (5GiB), or 0 for the default of 16MiB.',
      'tempo.yaml:5:17: storage.trace.s3.endpoint: this text of 17 characters is no endpoint. Write host or host:port, without http:// (insecure chooses between HTTP and HTTPS) and without a path.',
      'tempo.yaml:6:15: storage.trace.s3.bucket: this text of 3 characters is no bucket name. Write 3 to 63 letters, digits, dots and hyphens.',
      'tempo.yaml:7:7: storage.trace.s3.secret_kye: storage.trace.s3 has no such key. Did you mean secret_key?',
      'tempo.yaml:8:17: storage.trace.s3.insecure: "true" is not a boolean, because it is in quotes. Write true or false, without quotes.',
      'tempo.yaml:10:3: ingester.flush_op_timout: ingester has no such key. Did you mean flush_op_timeout?',
      'tempo.yaml:11:21: ingester.flush_op_timeout: "-5m" is negative. Write a duration above 0s, such as 5m.',
      'tempo.yaml:12:23: ingester.flush_check_period: "10" has no unit, and Tempo would take it for nanoseconds. Write a duration above 0s, such as 10s.',
      'tempo.yaml:13:23: ingester.concurrent_flushes: "0" is not a number of 1 or more. Write a plain whole number of 1 or more, such as the default of 4.',
      'tempo.yaml:14:20: ingester.max_block_bytes: "500MiB" is not a whole number of bytes. Tempo wants a plain integer of bytes: write 524288000.',
      'tempo.yaml:15:3: ingester.part_size: ingester has no such key. It belongs under storage.trace.s3.',
      'tempo.yaml:18:35: overrides.defaults.ingestion.rate_limit_bytes: "600MB" is not a whole number of bytes. Tempo wants a plain integer of bytes: write 600000000.',
      'tempo.yaml:18:60: overrides.defaults.ingestion.burst_size_bytes: a list is not a value. Write one value, such as 20000000.',
      'tempo.yaml:20:7: overrides.defaults.global: a list stands where a block of keys belongs. Write its keys below it, indented, such as max_bytes_per_trace.',
      'tempo.yaml:22:3: compactor.compactoin: compactor has no such key. Did you mean compaction?',
      'tempo.yaml:23:1: ingestr: the config has no such key. Did you mean ingester?',
      '--set policy.atempts=1: there is no such key. Did you mean policy.attempts?',
    ]);
  });

  it('refuses both forms of overrides together', () => {
    expect(problemsOf('overrides:\n  max_traces_per_user: 3\n  defaults: {globl: {}}\n')).toEqual([
      'tempo.yaml:2:3: overrides.max_traces_per_user: this is the legacy form of overrides, and overrides.defaults is the other one: Tempo refuses to start with both. Move it to overrides.defaults.',
      'tempo.yaml:3:14: overrides.defaults.globl: overrides.defaults has no such key. Did you mean global?',
    ]);
  });

  it.each([
    [
      '',
      'tempo.yaml: the file is empty. Give a config of Tempo; the shortest is "storage: {trace: {backend: s3, s3: {bucket: NAME}}}".',
    ],
    [
      '- a\n',
      'tempo.yaml:1:1: this is no block of keys. Give a config of Tempo; the shortest is "storage: {trace: {backend: s3, s3: {bucket: NAME}}}".',
    ],
    [
      'ingester: 5\n',
      'tempo.yaml:1:11: ingester: a single value stands where a block of keys belongs. Write its keys below it, indented, such as concurrent_flushes.',
    ],
    [
      'a: "x',
      'tempo.yaml:1:6: something that was opened here or above (a quote, a bracket) is not closed, or something stands after its end. Close it, or put a value with special characters in quotes.',
    ],
    [
      'a: 1\n---\nb: 2\n',
      'tempo.yaml:2:1: a second document starts here, and Tempo reads only the first. Give a file with one document.',
    ],
    // A Helm chart's values, and a scenario: a verdict would be one on Tempo's defaults.
    [
      'tempo: {storage: {}}\nreplicas: 3\n',
      'tempo.yaml: this is no config of Tempo: of its keys, Tempo knows none (tempo, replicas). Give the file that Tempo itself is started with: it has keys such as storage and ingester.',
    ],
    [
      'name: a\nabout: b\nload: {}\ntimeline: []\n',
      'tempo.yaml: this is no config of Tempo: of its keys, Tempo knows none (name, about, load, ...). Give the file that Tempo itself is started with: it has keys such as storage and ingester.',
    ],
  ])('refuses %j', (text, message) => {
    expect(problemsOf(text)).toEqual([message]);
  });

  it('refuses a mapping as a key, and knows no key by the names that every object has', () => {
    expect(problemsOf('? storage: {trace: {}}\n')).toEqual([
      'tempo.yaml:1:3: a mapping stands where a key of the config belongs. Write a key, a colon, a space, and its value; put a value that starts with a bracket in quotes.',
    ]);
    expect(problemsOf('ingester: {constructor: 1}\nconstructor: 1\n__proto__: {a: 1}\n')).toEqual([
      expect.stringContaining(
        'tempo.yaml:1:12: ingester.constructor: ingester has no such key. Its keys are concurrent_flushes, ',
      ),
    ]);
    expect(problemsOf('target: ${constructor}')).toEqual([]);
  });

  it('says under which block a key belongs, further in if it is there', () => {
    expect(problemsOf('overrides: {defaults: {max_traces_per_user: 3}}')).toEqual([
      'tempo.yaml:1:24: overrides.defaults.max_traces_per_user: overrides.defaults has no such key. It belongs under overrides.defaults.ingestion.',
    ]);
  });

  it('does not show a key that looks like a secret', () => {
    expect(problemsOf('compactor: {compaction: {AKIA5LQVZ3YBN8W2TRDF: 1}}\n')).toEqual([
      expect.stringContaining(
        'tempo.yaml:1:26: compactor.compaction.?: compactor.compaction has no such key. Its keys are max_time',
      ),
    ]);
  });

  it('goes on reading after a key that is there twice', () => {
    expect(problemsOf('ingester:\n  flush_op_timeout: 1m\n  flush_op_timeout: 2m\n  concurrent_flushes: 0\n')).toEqual([
      'tempo.yaml:3:3: this key is in the same block twice, and Tempo refuses that. Keep one of the two.',
      'tempo.yaml:4:23: ingester.concurrent_flushes: "0" is not a number of 1 or more. Write a plain whole number of 1 or more, such as the default of 4.',
    ]);
  });

  it('takes an empty block for its defaults', () => {
    expect(read(`${S3}ingester:\ncompactor: ~\noverrides: {defaults: }\n`).settings.policy).toEqual(
      tempoDefaults().policy,
    );
  });

  it.each([
    [
      'storage: {trace: {backend: gcs}}',
      'tempo.yaml:1:19: the backend is not s3: what is tested is what this config would do with S3',
    ],
    [
      'server: {}',
      'tempo.yaml: storage.trace.s3.bucket is not set: Tempo would not start; a run has a bucket of its own',
    ],
    [
      `${S3}ingester: {flush_object_storage: false}`,
      'tempo.yaml:2:12: with this the ingesters write no block to S3; what is tested is what they would do',
    ],
    [
      `${S3}live_store: {}`,
      'tempo.yaml:2:1: live_store is not modelled with Tempo 2.9: blocks are flushed as its ingester does. For the live-store of a single binary of Tempo 3 say --tempo-version 3.0; the block-builder of microservices is not modelled',
    ],
    [
      'storage: {trace: {s3: {bucket: abc, disable_multipart_upload: true}}}',
      'tempo.yaml:1:37: disable_multipart_upload is not modelled: blocks are uploaded in parts',
    ],
  ])('warns of %j', (text, warning) => {
    expect(read(text).warnings).toEqual([warning]);
  });

  it('applies --set over the file', () => {
    const { settings } = read(`${S3}ingester: {flush_op_timeout: 1m}`, {
      set: ['ingester.flush_op_timeout=2m', 'policy.flushRetries=0'],
    });
    expect(settings.policy).toMatchObject({ flushOpTimeout: 120_000, flushRetries: 0 });
  });
});

describe('readTempoConfig', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tempo-config-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function problemsIn(file: string): Promise<string[]> {
    try {
      await readTempoConfig(file, { env: {} });
    } catch (error) {
      return (error as ConfigError).problems.map(formatProblem);
    }
    return [];
  }

  it('reads the deployment beside the config, which decides on the region only where the config does not', async () => {
    const file = join(folder, 'mine.yaml');
    writeFileSync(file, `\ufeff${S3}`);
    writeFileSync(
      join(folder, 'mine.deployment.yaml'),
      'ingesters: 3\ncores: 0.5\nmemory: 2GiB\ndisk: 20GB\nregion: eu-1\n',
    );
    const { settings, raw } = await readTempoConfig(file, { env: {} });
    expect(settings.deployment).toEqual({
      replicationFactor: 1,
      ingesters: 3,
      compactors: 1,
      queriers: 1,
      coresPerIngester: 0.5,
      memoryPerIngester: 2 ** 31,
      diskPerIngester: 20e9,
    });
    expect(settings.s3.region).toBe('eu-1');
    expect(raw).toBe(S3);
    writeFileSync(file, 'storage: {trace: {s3: {bucket: abc, region: us-1}}}');
    expect((await readTempoConfig(file, { env: {} })).settings.s3.region).toBe('us-1');
  });

  it('reports what is wrong in both files together', async () => {
    const file = join(folder, 'mine.yml');
    writeFileSync(file, 'ingester: {flush_op_timeout: 0s}');
    writeFileSync(join(folder, 'mine.deployment.yaml'), 'ingesters: 0\ndsk: 30GB\nmemory: 5\n');
    expect(await problemsIn(file)).toEqual([
      `${file}:1:30: ingester.flush_op_timeout: "0s" leaves no time at all. Write a duration above 0s, such as 5m.`,
      `${join(folder, 'mine.deployment.yaml')}:1:12: ingesters: "0" is not a number of 1 or more. Write a plain whole number of 1 or more, such as the default of 1.`,
      `${join(folder, 'mine.deployment.yaml')}:2:1: dsk: the config has no such key. Did you mean disk?`,
      `${join(folder, 'mine.deployment.yaml')}:3:9: memory: "5" is not valid here. Write a size with its unit, such as 4GiB.`,
    ]);
  });

  it('refuses what is no text file', async () => {
    const missing = join(folder, 'missing.yaml');
    expect(await problemsIn(missing)).toEqual([
      `${missing}: there is no such file. Give the path of a YAML file of Tempo.`,
    ]);
    expect(await problemsIn(folder)).toEqual([`${folder}: this is a folder. Give the YAML file in it.`]);
    const binary = join(folder, 'binary.yaml');
    writeFileSync(binary, Buffer.from([0x61, 0x3a, 0x20, 0xff, 0xfe]));
    expect(await problemsIn(binary)).toEqual([
      `${binary}:1:4: this is no text, but binary data. Give Tempo's YAML file, in UTF-8.`,
    ]);
    const pipe = join(folder, 'pipe.yaml');
    execFileSync('mkfifo', [pipe]);
    expect(await problemsIn(pipe)).toEqual([`${pipe}: this is no regular file. Write the config to a file first.`]);
    const below = join(binary, 'tempo.yaml');
    expect(await problemsIn(below)).toEqual([
      `${below}: there is no such file. Give the path of a YAML file of Tempo.`,
    ]);
  });

  it('reads the deployment of grafana/tempo#4361', async () => {
    const { settings, warnings, raw } = await readTempoConfig(join(packageRoot, 'suites/configs/tempo-4361.yaml'), {
      env: { S3_ACCESS_KEY: 'AKIAIOSFODNN7EXAMPLE', S3_SECRET_KEY: 'wJalrXUtnFEMI' },
    });
    const expected = tempoDefaults();
    Object.assign(expected.s3, {
      bucket: 'tempo',
      endpoint: 's3.us-west-2.amazonaws.com',
      region: 'us-west-2',
      insecure: true,
    });
    Object.assign(expected.other, {
      poolQueueDepth: 50_000,
      rateLimitBytes: 600_000_000,
      burstSizeBytes: 800_000_000,
      maxTracesPerUser: 3_000_000,
      maxTimePerTenant: 900_000,
    });
    expected.deployment = {
      replicationFactor: 1,
      ingesters: 30,
      compactors: 12,
      queriers: 40,
      coresPerIngester: 1,
      memoryPerIngester: 5e9,
      diskPerIngester: 30e9,
    };
    expect(settings).toEqual(expected);
    expect(warnings).toEqual([]);
    expect(raw).toContain('secret_key: <redacted>');
    expect(raw).toContain('"600MB"');
  });

  it('takes the replication factor of the deployment, unless the config has one', async () => {
    const file = join(folder, 'mine.yaml');
    const beside = join(folder, 'mine.deployment.yaml');
    const replicas = async (config: string) => {
      writeFileSync(file, S3 + config);
      const { settings, warnings } = await readTempoConfig(file, { env: {} });
      return [settings.deployment.replicationFactor, warnings];
    };
    writeFileSync(beside, 'ingesters: 5\nreplication_factor: 3\n');
    expect(await replicas('')).toEqual([3, []]);
    expect(await replicas('ingester: {lifecycler: {ring: {replication_factor: 3}}}')).toEqual([3, []]);
    expect(await replicas('ingester: {lifecycler: {ring: {replication_factor: 1}}}')).toEqual([
      1,
      [
        `${beside}: replication_factor: ingester.lifecycler.ring.replication_factor of the config is 1, and that is what counts`,
      ],
    ]);
  });

  it('reads the deployment of grafana/tempo#4361 as it would be with Tempo 3', async () => {
    const file = join(packageRoot, 'suites/configs/tempo-4361.yaml');
    const { settings } = await readTempoConfig(file, {
      env: {},
      set: ['storage.trace.s3.retry_max_attempts=20', 'tempo.version=3'],
    });
    expect(settings).toMatchObject({
      version: '3.0',
      policy: { attempts: 20, flushOpTimeout: 0, concurrentFlushes: 2 },
      other: { rateLimitBytes: 600_000_000, maxTracesPerUser: 3_000_000 },
      deployment: { ingesters: 30, diskPerIngester: 30e9 },
    });
  });

  it('reads the config of defaults', async () => {
    const { settings, warnings } = await readTempoConfig(join(packageRoot, 'suites/configs/tempo-defaults.yaml'), {
      env: {},
    });
    const expected = tempoDefaults();
    Object.assign(expected.s3, { bucket: 'tempo', endpoint: 'localhost:9000', insecure: true });
    expect(settings).toEqual(expected);
    expect(warnings).toEqual([]);
  });
});
