import { expect, test } from 'vitest';
import { check, cut, dropped, fault, flushEnd, inOrder, phase } from './example-history.ts';
import { recoveredWithin } from './recovered-within.ts';

const budget = (ms: number) => ({ expect: { recoveredWithin: ms }, compression: { time: 20, bytes: 1 } });
const outage = inOrder(cut('a', 0), fault('1-s3-error', [10, 100]), phase('drain', 100));

test('says how long the recovery took, in the time of the config', () => {
  const events = inOrder(outage, flushEnd('a', 1_100));
  expect(check(recoveredWithin, events, budget(20_000))).toEqual([
    {
      checker: 'recovered-within',
      verdict: 'pass',
      message: '1 outstanding block in S3 20s after the last heal (budget 20s)',
    },
  ]);
  expect(check(recoveredWithin, events, budget(19_000))).toEqual([
    {
      checker: 'recovered-within',
      verdict: 'fail',
      message: '1 block not in S3 within 19s of the last heal: block a took 20s',
      blocks: ['a'],
      missedByMs: 1_000,
    },
  ]);
});

test('a block that never came is missed when the drain lasted as long as the budget, give or take a timer', () => {
  const events = (drain: number) => inOrder(outage, phase('final-read', 100 + drain));
  expect(check(recoveredWithin, events(999), budget(20_000))[0]).toMatchObject({ verdict: 'fail', blocks: ['a'] });
  expect(check(recoveredWithin, events(997), budget(20_000))[0]).toMatchObject({
    verdict: 'inconclusive',
    blocks: ['a'],
  });
});

test('a block that was given up is missed at once', () => {
  const events = inOrder(outage, dropped('a', 110), phase('final-read', 120));
  const [finding] = check(recoveredWithin, events, budget(20_000));
  expect(finding?.verdict).toBe('fail');
  expect(finding?.message).toContain('block a was given up and never will be');
});

test('blocks cut after the heal are not recovery', () => {
  const events = inOrder(outage, flushEnd('a', 200), cut('b', 150), flushEnd('b', 9_000));
  expect(check(recoveredWithin, events, budget(20_000))[0]?.verdict).toBe('pass');
});

test('is not judged without a budget or without a fault', () => {
  expect(check(recoveredWithin, outage)[0]?.verdict).toBe('pass');
  expect(check(recoveredWithin, [cut('a', 0), phase('final-read', 9_000)], budget(1))[0]?.message).toBe(
    'there was no fault to recover from',
  );
});
