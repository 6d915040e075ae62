import { expect, test } from 'vitest';
import type { Blame, BlamedCause } from './blame.ts';
import { sayBlame } from './blame-words.ts';

function blame(...causes: [BlamedCause['side'], BlamedCause['cause'], number][]): Blame {
  return {
    lostMs: 1_000,
    flushes: 1,
    causes: causes.map(([side, cause, share]) => ({ side, cause, share, ms: share * 1_000 })),
  };
}

test('the sides in the order of their shares, with what it was of each', () => {
  const mixed = blame(
    ['s3', 'slow', 0.4],
    ['network', 'latency', 0.35],
    ['s3', 'error', 0.2],
    ['machine', 'cpu', 0.05],
  );
  expect(sayBlame(mixed)).toBe(
    "S3 is to blame for 60 % of the lost time (slow answers, errors), the network for 35 % (latency), the writer's machine for 5 % (its CPU)",
  );
});

test('a side of small causes is told by its greatest, and what is less than a twentieth is left out', () => {
  const small = blame(
    ['client', 'pool', 0.9],
    ['network', 'dns', 0.03],
    ['network', 'tls', 0.03],
    ['s3', 'slow', 0.04],
  );
  expect(sayBlame(small)).toBe(
    "the client's own settings are to blame for 90 % of the lost time (too few connections), the network for 6 % (looking up the name)",
  );
});

test('nobody, when nothing was lost', () => {
  expect(sayBlame(blame())).toBe('');
});
