import { expect, test } from 'vitest';
import { check, cut, dropped, finalReadOf, flushEnd, inOrder, phase } from './example-history.ts';
import { visibleWithin } from './visible-within.ts';

const budget = (ms: number) => ({ expect: { visibleWithin: ms }, compression: { time: 10, bytes: 1 } });

test('counts from the cut to the acknowledged flush, in the time of the config', () => {
  const events = inOrder(
    cut('a', 100),
    flushEnd('a', 400, { outcome: 'fail' }),
    flushEnd('a', 700),
    cut('b', 200),
    flushEnd('b', 300),
  );
  expect(check(visibleWithin, events, budget(6_000))).toEqual([
    {
      checker: 'visible-within',
      verdict: 'pass',
      message: '2 blocks visible within 6s of the cut at most (budget 6s)',
    },
  ]);
  expect(check(visibleWithin, events, budget(5_999))[0]).toEqual({
    checker: 'visible-within',
    verdict: 'fail',
    message: '1 block not visible within 5.999s of the cut: block a took 6s',
    blocks: ['a'],
    missedByMs: 1,
  });
});

test('a block that never was visible is missed when the budget was over, by the time the final read began', () => {
  const events = inOrder(cut('a', 0), phase('final-read', 700), finalReadOf(5_000, 0));
  expect(check(visibleWithin, events, budget(6_999))[0]).toMatchObject({
    verdict: 'fail',
    message: '1 block not visible within 6.999s of the cut: block a was not in S3 after 7s',
    blocks: ['a'],
  });
  expect(check(visibleWithin, events, budget(7_001))[0]).toMatchObject({ verdict: 'inconclusive', blocks: ['a'] });
});

test('a block that was given up will never be visible, however long the budget', () => {
  const events = inOrder(cut('a', 0), dropped('a', 10), phase('final-read', 20));
  expect(check(visibleWithin, events, budget(60_000))[0]).toMatchObject({ verdict: 'fail', blocks: ['a'] });
});

test('a miss and an open block are two findings', () => {
  const events = inOrder(cut('a', 0), flushEnd('a', 600), cut('b', 590), phase('final-read', 620));
  expect(check(visibleWithin, events, budget(5_000)).map(({ verdict, blocks }) => [verdict, blocks])).toEqual([
    ['fail', ['a']],
    ['inconclusive', ['b']],
  ]);
});

test('is not judged without a budget, and proves nothing without a block', () => {
  expect(check(visibleWithin, inOrder(cut('a', 0), phase('final-read', 9_000)))[0]?.verdict).toBe('pass');
  expect(check(visibleWithin, [phase('final-read', 1)], budget(1))[0]?.verdict).toBe('inconclusive');
});

test('a block cut again before it was visible has been waiting since its first cut', () => {
  const events = inOrder(cut('a', 0), cut('a', 500), flushEnd('a', 600));
  expect(check(visibleWithin, events, budget(5_999))[0]?.message).toContain('block a took 6s');
});
