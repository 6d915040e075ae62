import { expect, test } from 'vitest';
import { check, cleared, cut, flushEnd, inOrder, scenario } from './example-history.ts';
import { visibilityGap } from './visibility-gap.ts';

/** 10 ms of the history are 1 s of the config; readers poll each 300 ms. */
const context = { compression: { time: 100, bytes: 1 } };
const begin = scenario({ ...context, blocklistPoll: 300 });

test('a block that readers had a whole poll to find in S3 leaves no gap', () => {
  const events = inOrder(begin, cut('a', 10), flushEnd('a', 100), cleared('a', 400));
  expect(check(visibilityGap, events, { ...context, expect: { visibilityGap: 0 } })).toEqual([
    {
      checker: 'visibility-gap',
      verdict: 'pass',
      message: '1 block cleared locally after every reader knew it from S3 (blocklist_poll 30s)',
    },
  ]);
});

test('a block cleared before the worst poll leaves a gap: told, and judged only if the scenario says so', () => {
  const events = inOrder(begin, cut('a', 10), flushEnd('a', 100), cleared('a', 150));
  const about =
    '1 of 1 block cleared locally before every reader could know it from S3 (blocklist_poll 30s): block a was cleared 5s after its flush, up to 25s too early';
  expect(check(visibilityGap, events, context)).toEqual([
    { checker: 'visibility-gap', verdict: 'pass', note: true, message: about },
  ]);
  const [judged] = check(visibilityGap, events, { ...context, expect: { visibilityGap: 20_000 } });
  expect(judged).toMatchObject({ verdict: 'fail', blocks: ['a'], missedByMs: 5_000 });
  expect(judged?.message).toContain(', by more than 20s: block a');
  expect(check(visibilityGap, events, { ...context, expect: { visibilityGap: 25_000 } })[0]?.verdict).toBe('pass');
});

test('a failed flush does not make a block visible, and one repeated after a crash does not make it less so', () => {
  const failed = flushEnd('a', 100, { outcome: 'fail' });
  const late = inOrder(begin, cut('a', 10), failed, flushEnd('a', 300), cleared('a', 450));
  expect(check(visibilityGap, late, { ...context, expect: { visibilityGap: 0 } })[0]?.verdict).toBe('fail');
  const twice = inOrder(begin, cut('a', 10), flushEnd('a', 100), flushEnd('a', 300), cleared('a', 450));
  expect(check(visibilityGap, twice, { ...context, expect: { visibilityGap: 0 } })[0]?.verdict).toBe('pass');
});

test('of many gaps the widest are described, and all blocks are named', () => {
  const blocks = ['a', 'b', 'c'];
  const each = blocks.map((block, index) => [cut(block, 1), flushEnd(block, 100), cleared(block, 110 + index * 10)]);
  const [finding] = check(visibilityGap, inOrder(begin, ...each), { ...context, expect: { visibilityGap: 0 } });
  expect(finding).toMatchObject({ blocks, missedByMs: 29_000 });
  expect(finding?.message).toMatch(/: block a was .* too early, block b was .* too early and 1 more$/);
});

test('with nothing cleared there is no gap, and nothing that a limit could be held against', () => {
  const events = inOrder(begin, cut('a', 10), flushEnd('a', 100));
  expect(check(visibilityGap, events, context)[0]?.verdict).toBe('pass');
  expect(check(visibilityGap, events, { ...context, expect: { visibilityGap: 0 } })[0]?.verdict).toBe('inconclusive');
});
