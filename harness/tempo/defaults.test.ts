import { expect, it } from 'vitest';
import { tempoDefaults } from './defaults.ts';
import { tempoVersions } from './settings.ts';

const minute = 60_000;

/** What differs from 2.9, by path. */
function differences(version: '2.7' | '3.0'): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const [usual, other] = [tempoDefaults(), tempoDefaults(version)] as unknown as Record<
    string,
    Record<string, unknown>
  >[];
  for (const [part, values] of Object.entries(other ?? {})) {
    if (typeof values !== 'object') continue;
    for (const [name, value] of Object.entries(values)) {
      if (JSON.stringify(value) !== JSON.stringify(usual?.[part]?.[name])) found[`${part}.${name}`] = value;
    }
  }
  return found;
}

it('clears a block after its flush, and cuts every live trace at each sweep, in 2.7', () => {
  expect(differences('2.7')).toEqual({
    'blocks.clearedAfter': 'flush',
    'blocks.traceIdlePeriod': 0,
    'blocks.traceLivePeriod': 0,
  });
});

it('flushes as the live-store does in 3.0', () => {
  expect(differences('3.0')).toEqual({
    'policy.concurrentFlushes': 2,
    'policy.completeConcurrency': 2,
    'policy.flushOpTimeout': 0,
    'policy.flushCheckPeriod': 5000,
    'policy.firstFlushJitter': 0,
    'policy.flushRetryDelays': [30_000],
    'policy.completeAttempts': 10,
    'policy.completeRetryDelays': [60_000, 120_000],
    'blocks.maxBlockBytes': 50 * 2 ** 20,
    'blocks.maxBlockDuration': 30_000,
    'blocks.completeBlockTimeout': 20 * minute,
    'blocks.walDeletedAfter': 20 * minute,
    'other.rateLimitBytes': 30_000_000,
    'other.burstSizeBytes': 30_000_000,
  });
});

it.each(tempoVersions)('are a fresh copy each time, and say that they are of %s', (version) => {
  const settings = tempoDefaults(version);
  expect(settings.version).toBe(version);
  settings.policy.flushRetryDelays.push(1);
  settings.sdk.maxAttempts = 7;
  expect(tempoDefaults(version).policy.flushRetryDelays).not.toContain(1);
  expect(tempoDefaults(version).sdk).toEqual({});
});
