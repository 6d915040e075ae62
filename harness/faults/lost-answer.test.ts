import { describe, expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import { effectOf } from './example-effect.ts';
import { injected } from './example-injection.ts';
import { objections } from './refused-parameters.ts';

const rule = '1-lost-answer';
const gone = { status: undefined, outcome: 'info', failure: 'reset' } as never;
/** S3 did it, the edge cut the connection, and the client saw a reset. */
const lost = (name: string, upstream: number | 'unseen' | 'none' = 200, edge: object = {}) =>
  request('a', name, [1000, 1010], {
    upstream,
    edge: { rule, cut: 'rule', status: undefined as never, ...edge },
    client: gone,
  });

describe('the effect', () => {
  it('is seen by attempts that S3 did, and whose client saw the connection end', () => {
    expect(effectOf('lost-answer', {}, [lost('x'), request('a', 'y', [1000, 1010])], { end: { fired: 1 } })).toEqual({
      seen: true,
      message: '1 of 2 attempts were applied, and their answers lost',
    });
  });

  it('is not seen when it counts and does nothing', () => {
    expect(effectOf('lost-answer', {}, [request('a', 'y', [1000, 1010])], { end: { fired: 7 } })).toEqual({
      seen: false,
      message: '1 attempt was one that it is about, and no client missed an answer that S3 had given',
    });
  });

  it('is not seen when the client got the answer after all', () => {
    const answered = request('a', 'x', [1000, 1010], { edge: { rule } });
    expect(effectOf('lost-answer', {}, [answered, lost('y')], { end: { fired: 2 } }).seen).toBe(false);
  });

  it.each([
    ['S3 never saw', lost('x', 'unseen')],
    ['S3 refused', lost('x', 503)],
    ['S3 did not answer', lost('x', 'none')],
    ['something else cut', lost('x', 200, { cut: 'client' })],
    ['another rule cut', lost('x', 200, { rule: '2-lost-answer' })],
  ])('is not seen in a request that %s', (_, events) => {
    expect(effectOf('lost-answer', {}, [events], { end: { fired: 1 } }).seen).toBe(false);
  });

  it('is not seen in resets of the network, which the edge knows nothing of', () => {
    const reset = request('a', 'x', [1000, 1010], { client: gone });
    expect(effectOf('lost-answer', {}, [reset], { end: { fired: 1 } }).seen).toBe(false);
  });
});

it('cuts in place of an answer that S3 has given', async () => {
  const { rules, removed, active } = await injected('lost-answer', { operations: ['PutObject'], probability: 0.3 });
  expect(rules).toEqual([
    { kind: 'cut', rule, seed: 7, match: { operations: ['PutObject'], probability: 0.3 }, when: 'after-apply' },
  ]);
  expect(await active.heal()).toEqual({ fired: 3, unit: 'requests', measured: { considered: 5 } });
  expect(removed).toEqual([rule]);
});

it('refuses what it does not know', () => {
  expect(objections('lost-answer', { probability: 2 })).toHaveLength(1);
  expect(objections('lost-answer', { when: 'before-apply' })).toHaveLength(1);
});
