/**
 * Retries matter, visibly: S3 throttles the first three attempts of every request. Ten attempts get through; one leaves it to
 * the waits between flushes, and misses the recovery budget; without those, blocks are lost.
 */
import { describe, expect, it } from 'vitest';
import { clientNames } from '../harness/object-store/clients.ts';
import { because, realHarness } from './real-harness.ts';

const real = realHarness();

describe.concurrent.each(clientNames)('retries through %s', (client) => {
  it.concurrent('with one attempt a request, the recovery budget is missed, and nothing is lost', async () => {
    const result = await real.runNamed('retries-matter', client, { set: ['policy.attempts=1'] });
    expect(result.verdict, because(result)).toBe('fail');
    expect(result.findings.find(({ checker }) => checker === 'recovered-within')?.verdict, because(result)).toBe(
      'fail',
    );
    expect(result.findings.find(({ checker }) => checker === 'durability')?.verdict, because(result)).toBe('pass');
    expect(result.blocks.lost).toBe(0);
  });

  it.concurrent('without retries of a flush, blocks are lost, and named', async () => {
    const result = await real.runNamed('retries-matter', client, { set: ['policy.flushRetries=0'] });
    const durability = result.findings.find(({ checker }) => checker === 'durability');
    expect(result.verdict, because(result)).toBe('fail');
    expect(durability?.verdict, because(result)).toBe('fail');
    expect(result.blocks.lost).toBeGreaterThan(0);
    expect(durability?.blocks?.length).toBe(result.blocks.lost);
    for (const block of durability?.blocks ?? []) expect(durability?.message).toContain(block);
  });
});
