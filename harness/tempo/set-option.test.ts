import { describe, expect, it } from 'vitest';
import type { ConfigProblem } from './config-error.ts';
import { ConfigError, formatProblem } from './config-error.ts';
import { tempoDefaults } from './defaults.ts';
import { applySetOptions, optionsFor, withSetOptions } from './set-option.ts';

function refusal(option: string): string {
  const problems: ConfigProblem[] = [];
  applySetOptions([option], tempoDefaults(), problems);
  return problems.map(formatProblem).join('\n');
}

function warningsOf(options: string[], settings = tempoDefaults()): string[] {
  const problems: ConfigProblem[] = [];
  const warnings = applySetOptions(options, settings, problems);
  expect(problems).toEqual([]);
  return warnings;
}

describe('--set', () => {
  it('sets keys of Tempo, of the policy and of the deployment', () => {
    const settings = withSetOptions(tempoDefaults(), [
      'ingester.flush_op_timeout=1m',
      'storage.trace.s3.part_size=8388608',
      'overrides.ingestion_rate_limit_bytes=600000000',
      'overrides.defaults.ingestion.burst_size_bytes=800000000',
      'policy.attempts=1',
      'policy.backoff_unit=100ms',
      'policy.flush-retries=unlimited',
      'policy.flushRetryDelays=1s,2s',
      'policy.maxConnections=4',
      'policy.keepAlive=false',
      'policy.resolver=node',
      'policy.dns_ndots=5',
      'policy.dnsSearch=tempo.svc.cluster.local., svc.cluster.local',
      'policy.dnsCache=true',
      'policy.nodeDnsTimeout=3s',
      'policy.nodeDnsAttempts=3',
      'deployment.ingesters=30',
      'deployment.disk=30GB',
      'deployment.memory_per_ingester=5GB',
      'deployment.region=us-west-2',
      'deployment.replicationFactor=3',
      'policy.flushOpTimeout=0s',
      'ingester.flush_op_timeout=1m',
      'policy.completeAttempts=5',
      'policy.completeRetryDelays=1s',
      'policy.completeConcurrency=2',
      'client.policy=sdk',
      'sdk.max_attempts=5',
      'sdk.retryMode=adaptive',
      'sdk.connectionTimeout=2s',
      'sdk.requestTimeout=30s',
      'sdk.maxSockets=8',
    ]);
    const expected = tempoDefaults();
    expected.policy.flushOpTimeout = 60_000;
    expected.s3.partSize = 8_388_608;
    expected.s3.region = 'us-west-2';
    expected.other.rateLimitBytes = 600_000_000;
    expected.other.burstSizeBytes = 800_000_000;
    expected.policy.attempts = 1;
    expected.policy.backoffUnit = 100;
    expected.policy.flushRetryDelays = [1000, 2000];
    expected.policy.maxConnections = 4;
    expected.policy.keepAlive = false;
    expected.policy.resolver = 'node';
    expected.policy.dnsNdots = 5;
    expected.policy.dnsSearch = ['tempo.svc.cluster.local', 'svc.cluster.local'];
    expected.policy.dnsCache = true;
    expected.policy.nodeDnsTimeout = 3000;
    expected.policy.nodeDnsAttempts = 3;
    expected.deployment.ingesters = 30;
    expected.deployment.diskPerIngester = 30e9;
    expected.deployment.memoryPerIngester = 5e9;
    expected.deployment.replicationFactor = 3;
    expected.policy.completeAttempts = 5;
    expected.policy.completeRetryDelays = [1000];
    expected.policy.completeConcurrency = 2;
    expected.client = 'sdk';
    expected.sdk = {
      maxAttempts: 5,
      retryMode: 'adaptive',
      connectionTimeout: 2000,
      requestTimeout: 30_000,
      maxSockets: 8,
    };
    expect(settings).toEqual(expected);
  });

  it('leaves the settings that it was given alone, and lets the last one win', () => {
    const before = tempoDefaults();
    expect(withSetOptions(before, ['policy.flushRetries=3', 'policy.flushRetries=0']).policy.flushRetries).toBe(0);
    expect(before).toEqual(tempoDefaults());
  });

  it.each([
    [
      'ingester.flush_op_timout=1m',
      '--set ingester.flush_op_timout=1m: there is no such key. Did you mean ingester.flush_op_timeout?',
    ],
    ['policy.atempts=1', '--set policy.atempts=1: there is no such key. Did you mean policy.attempts?'],
    [
      'deployment.cpu=1',
      expect.stringContaining('--set deployment.cpu=1: there is no such key. Write deployment. and one of ingesters, '),
    ],
    ['ingester=5', '--set ingester=5: this is a block of keys. Set one of them, such as ingester.concurrent_flushes.'],
    ['ingester.foo=1', expect.stringContaining('--set ingester.foo=1: there is no such key. Write the path')],
    [
      'storage.trace.s3.flush_op_timeout=1m',
      '--set storage.trace.s3.flush_op_timeout=1m: there is no such key. Did you mean ingester.flush_op_timeout?',
    ],
    [
      'frobnicate=1',
      '--set frobnicate=1: there is no such key. Write the path of a key of the config (storage.trace.s3.part_size), policy.<name>, sdk.<name>, deployment.<name>, tempo.version or client.policy.',
    ],
    [
      'ingester.flush_op_timeout',
      '--set ingester.flush_op_timeout: it has no "=". Write --set ingester.flush_op_timeout=1m.',
    ],
    [
      'ingester.flush_op_timeout=',
      '--set ingester.flush_op_timeout=...: ingester.flush_op_timeout: it has no value. Write one such as 5m.',
    ],
    [
      'ingester.flush_op_timeout=-5m',
      '--set ingester.flush_op_timeout=-5m: ingester.flush_op_timeout: "-5m" is negative. Write a duration above 0s, such as 5m.',
    ],
    [
      'storage.trace.s3.part_size=1KB',
      '--set storage.trace.s3.part_size=1KB: storage.trace.s3.part_size: "1KB" is not a whole number of bytes. Tempo wants a plain integer of bytes: write 5242880 (5MiB) to 5368709120 (5GiB), or 0 for the default of 16MiB.',
    ],
    ['', '--set (an option that starts with no key): it has no "=". Write --set ingester.flush_op_timeout=1m.'],
    [
      'AKIAIOSFODNN7EXAMPLE',
      '--set (an option that starts with no key): it has no "=". Write --set ingester.flush_op_timeout=1m.',
    ],
    [
      'ingester.concurrent_flushes=hunter2',
      '--set ingester.concurrent_flushes=...: ingester.concurrent_flushes: this text of 7 characters is not a whole number. Write a plain whole number of 1 or more, such as the default of 4.',
    ],
    [
      '__proto__.x=1',
      '--set (an option that starts with no key): there is no such key. Write the path of a key of the config (storage.trace.s3.part_size), policy.<name>, sdk.<name>, deployment.<name>, tempo.version or client.policy.',
    ],
    [
      'policy.maxConnections=-1',
      '--set policy.maxConnections=-1: policy.maxConnections: "-1" is not a number of 0 or more. Write a plain whole number of 0 or more, such as the default of 0.',
    ],
    [
      'policy.resolver=musl',
      '--set policy.resolver=...: policy.resolver: this text of 4 characters is no resolver. Write go or node.',
    ],
    [
      'policy.keepAlive=2',
      '--set policy.keepAlive=2: policy.keepAlive: "2" is not a boolean. Write true or false, without quotes.',
    ],
    [
      'policy.dnsNdots=16',
      '--set policy.dnsNdots=16: policy.dnsNdots: "16" is not a number from 0 to 15. Write a plain whole number from 0 to 15, such as the default of 1.',
    ],
    [
      'tempo.version=2.8',
      '--set tempo.version=2.8: tempo.version: "2.8" is no version of Tempo that is modelled. Write 2.7 or 2.9 or 3.0.',
    ],
    [
      'client.policy=minio',
      '--set client.policy=...: client.policy: this text of 5 characters is no policy. Write tempo or sdk.',
    ],
    ['client.polcy=sdk', '--set client.polcy=...: there is no such key. Did you mean client.policy?'],
    ['sdk.maxAttempt=5', '--set sdk.maxAttempt=5: there is no such key. Did you mean sdk.maxAttempts?'],
    [
      'sdk.maxAttempts=0',
      '--set sdk.maxAttempts=0: sdk.maxAttempts: "0" is not a number of 1 or more. Write a plain whole number of 1 or more, such as the default of 3.',
    ],
    [
      'sdk.retryMode=legacy',
      '--set sdk.retryMode=...: sdk.retryMode: this text of 6 characters is no retry mode. Write standard or adaptive.',
    ],
    [
      'sdk.requestTimeout=30',
      '--set sdk.requestTimeout=30: sdk.requestTimeout: "30" has no unit, and Tempo would take it for nanoseconds. Write a duration above 0s, such as 30s.',
    ],
    [
      'deployment.replicationFator=3',
      '--set deployment.replicationFator=3: there is no such key. Did you mean deployment.replication_factor?',
    ],
    [
      'storage.trace.s3.retry_max_attempts=3',
      '--set storage.trace.s3.retry_max_attempts=3: Tempo 2.9 has no such key, and refuses to start with it (3.0 has it). Set tempo.version to 3.0, or try what it would do with --set policy.attempts.',
    ],
    ['ingester.flush_op_timeout.x=1', expect.stringContaining('there is no such key')],
    ['policy.constructor=1', expect.stringContaining('--set policy.constructor=1: there is no such key. ')],
  ])('refuses %s', (option, message) => {
    expect([refusal(option)]).toEqual([message]);
  });

  it.each([
    [
      'storage.trace.s3.secret_key=hunter22',
      '--set storage.trace.s3.secret_key=...: it changes nothing that is modelled here',
    ],
    ['storage.trace.wal.path=/var/tempo', '--set storage.trace.wal.path=...: it changes nothing that is modelled here'],
    ['server.http_listen_port=3200', '--set server.http_listen_port=3200: it changes nothing that is modelled here'],
    [
      'overrides.metrics_generator_ring_size=3',
      '--set overrides.metrics_generator_ring_size=3: it changes nothing that is modelled here',
    ],
  ])('takes %s with a warning', (option, warning) => {
    const problems: ConfigProblem[] = [];
    const settings = tempoDefaults();
    expect(applySetOptions([option], settings, problems)).toEqual([warning]);
    expect(problems).toEqual([]);
    expect(settings).toEqual(tempoDefaults());
  });

  it('knows the keys of the version that the settings are for, or that an option makes them', () => {
    const set = ['live_store.max_block_bytes=104857600', 'tempo.version=3'];
    const settings = withSetOptions(tempoDefaults(), set);
    expect(settings).toMatchObject({ version: '3.0', blocks: { maxBlockBytes: 104_857_600 } });
    expect(withSetOptions(tempoDefaults('3.0'), set.slice(0, 1)).blocks).toEqual(settings.blocks);
    expect(() => withSetOptions(tempoDefaults(), [...set, 'ingester.flush_op_timeout=1m'])).toThrow(
      '--set ingester.flush_op_timeout=1m: Tempo 3.0 has no such key, and refuses to start with it (2.7 and 2.9 have it). Set tempo.version to 2.9, or move what it sets to live_store.',
    );
    const [warning] = warningsOf(['live_store.wal.path=/x'], tempoDefaults('3.0'));
    expect(warning).toBe('--set live_store.wal.path=...: it changes nothing that is modelled here');
  });

  it('sets both kinds of workers of Tempo 3, and both of what its complete_block_timeout does', () => {
    const set = ['live_store.complete_block_concurrency=6', 'live_store.complete_block_timeout=1h'];
    expect(withSetOptions(tempoDefaults('3.0'), set)).toMatchObject({
      policy: { concurrentFlushes: 6, completeConcurrency: 6 },
      blocks: { completeBlockTimeout: 3_600_000, walDeletedAfter: 3_600_000 },
    });
  });

  it('says of options for the other policy that they change nothing', () => {
    expect(warningsOf(['sdk.maxAttempts=5'])).toEqual([
      '--set sdk.maxAttempts: it changes nothing without --policy sdk',
    ]);
    expect(warningsOf(['sdk.maxAttempts=5', 'client.policy=sdk'])).toEqual([]);
    expect(
      warningsOf(['policy.attempts=5', 'policy.backoff_cap=1s', 'policy.keepAlive=true', 'client.policy=sdk']),
    ).toEqual(
      ['policy.attempts', 'policy.backoff_cap'].map(
        (key) =>
          `--set ${key}: it changes nothing with the policy sdk, whose retries are the SDK's own (sdk.maxAttempts)`,
      ),
    );
  });

  it('tells the options that say something to a version', () => {
    const set = ['policy.attempts=3', 'ingester.flush_op_timeout=1m', 'live_store.max_trace_idle=1s', 'nonsense=1'];
    expect(optionsFor('3.0', set)).toEqual([set[0], set[2], set[3]]);
    expect(optionsFor('2.9', set)).toEqual([set[0], set[1], set[3]]);
  });

  it('reports all options that are wrong at once', () => {
    expect(() => withSetOptions(tempoDefaults(), ['policy.attempts=0', 'policy.partsInFlight=0'])).toThrow(ConfigError);
    try {
      withSetOptions(tempoDefaults(), ['policy.attempts=0', 'policy.attempts=2', 'policy.partsInFlight=0']);
    } catch (error) {
      expect((error as ConfigError).problems.map(({ key }) => key)).toEqual([
        'policy.attempts',
        'policy.partsInFlight',
      ]);
    }
  });
});
