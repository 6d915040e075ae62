import { expect, it } from 'vitest';
import { parseTempoConfig } from '../tempo/config.ts';
import { plain } from './paint.ts';
import { configCheck, settingsReport } from './settings-report.ts';

const yaml = `
storage: { trace: { backend: s3, s3: { bucket: tempo, part_size: 8388608, secret_key: hunter2 } } }
ingester: { flush_op_timeout: 1m }
`;
const config = parseTempoConfig(yaml, 'tempo.yaml', { env: {} });
const check = configCheck('tempo.yaml', { ...config, warnings: ['tempo.yaml:3:1: not what it seems'] }, [
  { level: 'ok', setting: 'storage.trace.s3.part_size', message: 'a block takes 66 requests' },
  { level: 'warning', setting: 'ingester.flush_op_timeout', message: 'a block needs 8.33MiB/s' },
]);

it("sets each value beside Tempo's default", () => {
  const value = (name: string) => check.settings.find(({ setting }) => setting === name);
  expect(value('storage.trace.s3.part_size')).toMatchObject({ value: '8MiB', default: '16MiB' });
  expect(value('ingester.flush_op_timeout')).toMatchObject({ value: '1m', default: '5m' });
  expect(value('ingester.concurrent_flushes')).toMatchObject({ value: '4', default: '4' });
  expect(value('policy.maxConnections')).toMatchObject({ value: 'any number', default: 'any number' });
  expect(value('policy.dnsSearch')).toMatchObject({ value: 'none', default: 'none' });
});

it('has each setting of the connections and of the resolver', () => {
  const options = [
    'maxConnections=4',
    'keepAlive=false',
    'resolver=node',
    'dnsNdots=5',
    'dnsSearch=a.b,b',
    'dnsCache=true',
  ];
  const set = options.map((option) => `policy.${option}`);
  const { settings } = configCheck('tempo.yaml', parseTempoConfig(yaml, 'tempo.yaml', { env: {}, set }), []);
  const changed = settings.filter(
    ({ setting, value, default: usual }) => setting.startsWith('policy.') && value !== usual,
  );
  expect(changed.map(({ setting, value }) => `${setting}=${value}`)).toEqual([
    'policy.maxConnections=4',
    'policy.keepAlive=false',
    'policy.resolver=node',
    'policy.dnsNdots=5',
    'policy.dnsSearch=a.b, b',
    'policy.dnsCache=true',
  ]);
});

it('names the settings of Tempo 3 as it does, with its defaults', () => {
  const set = ['live_store.max_block_bytes=104857600'];
  const text = 'storage: { trace: { s3: { bucket: tempo } } }';
  const of3 = configCheck('t3.yaml', parseTempoConfig(text, 't3.yaml', { env: {}, version: '3.0', set }), []);
  const values = Object.fromEntries(
    of3.settings.map(({ setting, value, default: usual }) => [setting, [value, usual]]),
  );
  expect(values).toMatchObject({
    'live_store.max_block_bytes': ['100MiB', '50MiB'],
    'live_store.complete_block_concurrency': ['2', '2'],
    'policy.flushOpTimeout': ['none', 'none'],
    'storage.trace.s3.retry_max_attempts': ['10', '10'],
    'overrides.defaults.ingestion.rate_limit_bytes': ['30MB/s', '30MB/s'],
  });
  for (const setting of Object.keys(values)) expect(setting).not.toMatch(/^(ingester|sdk)\./);
  const report = settingsReport(of3, 80, plain);
  expect(report).toMatch(/^t3\.yaml, as Tempo 3\.0 reads it\n/);
  expect(report).toMatch(/default of 3\.0/);
});

it('says how to try it with the version that it was read as', () => {
  const old = parseTempoConfig(yaml, 't.yaml', { env: {}, version: '2.7' });
  const report = settingsReport(configCheck('t.yaml', { ...old, warnings: ['t.yaml:1:1: x'] }, []), 80, plain);
  expect(report).toContain('`tempo-s3-chaos run --config t.yaml --tempo-version 2.7`');
});

it("shows the SDK's own settings where they count", () => {
  const set = ['client.policy=sdk', 'sdk.maxAttempts=5', 'sdk.requestTimeout=1m30s'];
  const { settings, policy } = configCheck('t.yaml', parseTempoConfig(yaml, 't.yaml', { env: {}, set }), []);
  expect(policy).toBe('sdk');
  const sdk = settings
    .filter(({ setting }) => setting.startsWith('sdk.'))
    .map(({ setting, value }) => `${setting}=${value}`);
  expect(sdk).toEqual([
    'sdk.maxAttempts=5',
    'sdk.retryMode=as the SDK does',
    'sdk.connectionTimeout=as the SDK does',
    'sdk.requestTimeout=1m30s',
    'sdk.maxSockets=as the SDK does',
  ]);
});

it('prints settings, notes, and how many warnings there are', () => {
  const report = settingsReport(check, 80, plain);
  expect(report).toMatch(/^ingester\.flush_op_timeout +1m +5m$/m);
  expect(report).toMatch(/^ingester\.concurrent_flushes +4 +the same$/m);
  expect(report).toContain('warning  ingester.flush_op_timeout\n    a block needs 8.33MiB/s\n');
  expect(report).toContain('warning  tempo.yaml:3:1: not what it seems\n');
  expect(report.trimEnd().split('\n').at(-1)).toBe('2 warnings: try it with `tempo-s3-chaos run --config tempo.yaml`');
});

it('never shows a secret', () => {
  expect(JSON.stringify(check) + settingsReport(check, 80, plain)).not.toContain('hunter2');
});
