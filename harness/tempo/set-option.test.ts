import { describe, expect, it } from 'vitest';
import type { ConfigProblem } from './config-error.ts';
import { ConfigError, formatProblem } from './config-error.ts';
import { tempoDefaults } from './defaults.ts';
import { applySetOptions, withSetOptions } from './set-option.ts';

function refusal(option: string): string {
  const problems: ConfigProblem[] = [];
  applySetOptions([option], tempoDefaults(), problems);
  return problems.map(formatProblem).join('\n');
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
      '--set frobnicate=1: there is no such key. Write the path of a key of the config (ingester.flush_op_timeout), policy.<name> or deployment.<name>.',
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
      '--set (an option that starts with no key): there is no such key. Write the path of a key of the config (ingester.flush_op_timeout), policy.<name> or deployment.<name>.',
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
