import { describe, expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import type { TransportFailure } from '../history/events.ts';
import { effectOf } from './example-effect.ts';
import { injected } from './example-injection.ts';
import { neverAnswer } from './never-answer.ts';

const rule = '1-never-answer';
const parsed = (given: object = {}) => neverAnswer.parameters.parse(given);
const held = (failure: TransportFailure, upstream: number | 'unseen' = 'unseen') =>
  request('a', failure, [1000, 1900], {
    upstream,
    edge: { rule, heldMs: 880, status: undefined as never },
    client: { status: undefined, outcome: 'info', failure } as never,
  });

describe('the effect', () => {
  it.each(['header-timeout', 'deadline', 'reset', 'aborted'] as const)(
    'is seen by an attempt that was held, and ended by %s',
    (failure) => {
      expect(effectOf('never-answer', parsed(), [held(failure)], { end: { fired: 1 } })).toEqual({
        seen: true,
        message: '1 of 1 attempts were held, and ended without an answer',
      });
    },
  );

  it('is not seen when it counts and does nothing', () => {
    const events = [request('a', 'x', [1000, 1010])];
    expect(effectOf('never-answer', parsed(), events, { end: { fired: 7 } })).toEqual({
      seen: false,
      message: '1 attempt was one that it is about, and no client went without an answer',
    });
  });

  it('is not seen in a header timeout that has another reason', () => {
    const slow = request('a', 'x', [1000, 1900], { client: { status: undefined, failure: 'header-timeout' } as never });
    expect(effectOf('never-answer', parsed(), [slow], { end: { fired: 1 } }).seen).toBe(false);
  });

  it('is not seen when a held one was answered', () => {
    const answered = request('a', 'x', [1000, 1010], {
      upstream: 'unseen',
      answered: { status: 200, code: '' },
      edge: { rule },
    });
    expect(effectOf('never-answer', parsed(), [answered, held('reset')], { end: { fired: 2 } }).seen).toBe(false);
  });

  it('is about what S3 did, or about what it did not', () => {
    const applied = parsed({ applied: true });
    expect(effectOf('never-answer', applied, [held('reset', 200)], { end: { fired: 1 } })).toEqual({
      seen: true,
      message: '1 of 1 attempts were held once applied, and ended without an answer',
    });
    expect(effectOf('never-answer', applied, [held('reset')], { end: { fired: 1 } }).seen).toBe(false);
    expect(effectOf('never-answer', parsed(), [held('reset', 200)], { end: { fired: 1 } }).seen).toBe(false);
  });
});

it.each([
  [false, 'before-apply'],
  [true, 'after-apply'],
])('holds for ever: applied %s is %s', async (applied, when) => {
  const { rules } = await injected('never-answer', { applied, key: 'meta' });
  expect(rules).toEqual([{ kind: 'hold', rule, seed: 7, match: { key: 'meta' }, when }]);
});
