import { describe, expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import { effectOf } from './example-effect.ts';
import { injected } from './example-injection.ts';
import { objections } from './refused-parameters.ts';
import { truncatedAnswer } from './truncated-answer.ts';

const rule = '1-truncated-answer';
const parsed = truncatedAnswer.parameters.parse({});
const cutShort = (name: string, client: object, edge: object = {}) =>
  request('a', name, [1000, 1010], {
    edge: { rule, cut: 'rule', upstream: { start: 1001, answer: 1005, end: 1006, status: 200 }, ...edge },
    client: { outcome: 'info', failure: 'reset', ...client } as never,
  });

describe('the effect', () => {
  it('is seen by clients whose answer ended in its body, or in its head', () => {
    const events = [cutShort('body', { status: 200 }), cutShort('head', { status: undefined })];
    expect(effectOf('truncated-answer', parsed, events, { end: { fired: 2 } })).toEqual({
      seen: true,
      message: '2 of 2 attempts got an answer that ended in the middle',
    });
  });

  it('is not seen when it counts and does nothing', () => {
    expect(effectOf('truncated-answer', parsed, [request('a', 'x', [1000, 1010])], { end: { fired: 7 } }).seen).toBe(
      false,
    );
  });

  it('is not seen when the client got all of it', () => {
    const whole = request('a', 'x', [1000, 1010], { edge: { rule } });
    expect(effectOf('truncated-answer', parsed, [whole, cutShort('y', {})], { end: { fired: 2 } }).seen).toBe(false);
  });

  it('is not seen where somebody else ended the connection, or S3 never answered', () => {
    const byClient = cutShort('x', {}, { cut: 'client' });
    const unanswered = cutShort('y', {}, { upstream: { start: 1001, end: 1006 } });
    expect(effectOf('truncated-answer', parsed, [byClient, unanswered], { end: { fired: 2 } }).seen).toBe(false);
  });
});

it('lets so many bytes pass', async () => {
  const { rules } = await injected('truncated-answer', { bytes: 100, first: 1 });
  expect(rules).toEqual([{ kind: 'truncate', rule, seed: 7, match: { first: 1 }, bytes: 100 }]);
  expect(objections('truncated-answer', { bytes: 0 })).toHaveLength(1);
});
