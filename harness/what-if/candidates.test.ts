import { describe, expect, it } from 'vitest';
import { usualConfig } from '../scenario/shipped.ts';
import { readTempoConfig } from '../tempo/config.ts';
import { withSetOptions } from '../tempo/set-option.ts';
import type { Blame, BlamedCause } from '../verdict/attribution/blame.ts';
import { candidates } from './candidates.ts';

const { settings } = await readTempoConfig(usualConfig, { set: [] });
const { settings: tempo3 } = await readTempoConfig(usualConfig, { set: ['tempo.version=3.0'] });

function blame(...causes: [BlamedCause['side'], BlamedCause['cause'], number][]): Blame {
  return {
    lostMs: 1000,
    flushes: 1,
    causes: causes.map(([side, cause, share]) => ({ side, cause, share, ms: share })),
  };
}

const options = (...given: Parameters<typeof candidates>) => candidates(...given).map(({ option }) => option);
const slowUplink = { blame: blame(['network', 'bandwidth', 1]), deadlineExceeded: 2, failedFlushes: 2 };

describe('the settings that might have saved a run', () => {
  it('are, for a block that the uplink does not carry in time: a longer deadline, smaller blocks, more connections, fewer flushes', () => {
    expect(candidates(settings, slowUplink)).toMatchObject([
      { setting: 'ingester.flush_op_timeout', from: '5m', to: '10m' },
      { setting: 'ingester.max_block_bytes', from: '524288000', to: '262144000' },
      { setting: 'storage.trace.s3.part_size', from: '16777216', to: '5242880' },
      { setting: 'ingester.concurrent_flushes', from: '4', to: '2' },
    ]);
  });

  it('are, where S3 takes its time for each of many answers: a longer deadline, and larger parts', () => {
    const slow = { blame: blame(['s3', 'slow', 0.95]), deadlineExceeded: 3, failedFlushes: 3 };
    const small = withSetOptions(settings, ['storage.trace.s3.part_size=5242880']);
    expect(options(small, slow)).toEqual(['ingester.flush_op_timeout=10m', 'storage.trace.s3.part_size=20971520']);
  });

  it('are, for a pool that is too small, first of all more connections', () => {
    const capped = withSetOptions(settings, ['policy.maxConnections=1']);
    const waiting = {
      blame: blame(['client', 'pool', 0.8], ['network', 'bandwidth', 0.05]),
      deadlineExceeded: 1,
      failedFlushes: 1,
    };
    expect(options(capped, waiting)[0]).toBe('policy.maxConnections=0');
    expect(options(settings, waiting)).not.toContain('policy.maxConnections=0');
  });

  it('are, for flushes whose attempts were used up, more attempts, by the key that the version has', () => {
    const outage = { blame: blame(['s3', 'error', 1]), deadlineExceeded: 0, failedFlushes: 4 };
    expect(options(settings, outage)).toEqual(['policy.attempts=200']);
    expect(options(tempo3, outage)).toEqual(['storage.trace.s3.retry_max_attempts=200']);
    expect(options(withSetOptions(settings, ['client.policy=sdk']), outage)).toEqual(['sdk.maxAttempts=20']);
  });

  it('are no deadline where there is none', () => {
    expect(options(tempo3, slowUplink).some((option) => option.includes('imeout'))).toBe(false);
  });

  it('leave out what has next to no share, and are none when nothing points at a setting', () => {
    const nearlyNothing = {
      blame: blame(['network', 'dns', 0.95], ['s3', 'throttled', 0.05]),
      deadlineExceeded: 0,
      failedFlushes: 0,
    };
    expect(options(settings, nearlyNothing)).toEqual([]);
  });

  it('are few, each one setting, and each is one that can be set', () => {
    const all = blame(
      ...(['bandwidth', 'throttled', 'pool', 'slow', 'disk', 'concurrency', 'deadline', 'reset'] as const).map(
        (cause): [BlamedCause['side'], BlamedCause['cause'], number] => ['network', cause, 0.125],
      ),
    );
    for (const of of [settings, tempo3, withSetOptions(settings, ['policy.maxConnections=2'])]) {
      const found = candidates(of, { blame: all, deadlineExceeded: 5, failedFlushes: 9 });
      expect(found.length).toBeLessThanOrEqual(4);
      expect(new Set(found.map(({ setting }) => setting)).size).toBe(found.length);
      for (const { option } of found) expect(withSetOptions(of, [option])).not.toEqual(of);
    }
  });
});
