import { expect, it } from 'vitest';
import { atVersion } from './at-version.ts';
import { tempoDefaults } from './defaults.ts';
import { withSetOptions } from './set-option.ts';
import { tempoVersions } from './settings.ts';

it('makes the defaults of one version those of the other', () => {
  for (const from of tempoVersions) {
    for (const to of tempoVersions)
      expect(atVersion(tempoDefaults(from), to), `${from} to ${to}`).toEqual(tempoDefaults(to));
  }
});

const set = [
  'storage.trace.s3.part_size=8388608',
  'overrides.defaults.ingestion.rate_limit_bytes=600000000',
  'policy.attempts=3',
  'policy.keepAlive=false',
  'ingester.flush_op_timeout=1m',
  'ingester.max_block_bytes=104857600',
  'ingester.complete_block_timeout=20m',
  'deployment.ingesters=30',
  'ingester.concurrent_flushes=8',
  'ingester.flush_check_period=20s',
  'policy.firstFlushJitter=1s',
  'policy.flushRetryDelays=7s',
  'policy.flushRetries=7',
  'policy.completeAttempts=7',
  'policy.completeRetryDelays=7s',
  'policy.completeConcurrency=7',
];

it('drops what was set of the ingester on the way to the live-store, as its own migration does, and keeps all else', () => {
  const migrated = atVersion(withSetOptions(tempoDefaults(), set), '3.0');
  const expected = tempoDefaults('3.0');
  expected.s3.partSize = 8_388_608;
  expected.other.rateLimitBytes = 600_000_000;
  expected.policy.attempts = 3;
  expected.policy.keepAlive = false;
  expected.deployment.ingesters = 30;
  expect(migrated).toEqual(expected);
});

it('keeps what was set of the ingester between versions that have one', () => {
  const before = withSetOptions(tempoDefaults(), set);
  const migrated = atVersion(before, '2.7');
  expect(migrated.policy).toEqual(before.policy);
  expect(migrated.blocks).toMatchObject({
    maxBlockBytes: 104_857_600,
    completeBlockTimeout: 1_200_000,
    clearedAfter: 'flush',
  });
  expect(before.version).toBe('2.9');
});
