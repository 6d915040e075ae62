import { describe, expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import { Compression } from '../scenario/compression.ts';
import { complete200Error } from './complete-200-error.ts';
import { effectOf } from './example-effect.ts';
import { injected } from './example-injection.ts';

const rule = '1-complete-200-error';
const parsed = (given: object = {}) => complete200Error.parameters.parse(given);
const complete = (upstream: number | 'unseen', client: object = {}, status = 200) =>
  request('a', 'data.parquet', [1000, 1010], {
    operation: 'CompleteMultipartUpload',
    upstream,
    answered: { status, code: 'InternalError' },
    edge: { rule },
    client: { outcome: 'fail', ...client },
  });

describe('the effect', () => {
  it('is seen by clients that found the error in the 200', () => {
    const events = [complete('unseen'), request('a', 'y', [1000, 1010])];
    expect(effectOf('complete-200-error', parsed(), events, { end: { fired: 1 } })).toEqual({
      seen: true,
      message: '1 of 1 attempts were answered 200 with InternalError inside',
    });
  });

  it('is seen by a client whose deadline ends in the white space', () => {
    const waiting = complete('unseen', { outcome: 'info', code: undefined, failure: 'deadline' });
    expect(effectOf('complete-200-error', parsed(), [waiting], { end: { fired: 1 } }).seen).toBe(true);
    const reset = complete('unseen', { outcome: 'info', code: undefined, failure: 'reset' });
    expect(effectOf('complete-200-error', parsed(), [reset], { end: { fired: 1 } }).seen).toBe(false);
  });

  it('is not seen by a client that takes the 200 at its word', () => {
    const fooled = complete('unseen', { outcome: 'ok', code: undefined });
    expect(effectOf('complete-200-error', parsed(), [fooled], { end: { fired: 1 } }).seen).toBe(false);
  });

  it('is not seen when it counts and does nothing, nor without a multipart upload', () => {
    const whole = request('a', 'x', [1000, 1010], { operation: 'CompleteMultipartUpload' });
    expect(effectOf('complete-200-error', parsed(), [whole], { end: { fired: 7 } }).seen).toBe(false);
    expect(effectOf('complete-200-error', parsed(), [request('a', 'x', [1000, 1010])], { end: { fired: 0 } })).toEqual({
      seen: false,
      message: 'none of the 1 attempts in that time was one that it is about (CompleteMultipartUpload)',
    });
  });

  it('is not seen in a 500, which says so in its head', () => {
    expect(effectOf('complete-200-error', parsed(), [complete('unseen', {}, 500)], { end: { fired: 1 } }).seen).toBe(
      false,
    );
  });

  it('is about an upload that was completed, or about one that was not', () => {
    const applied = parsed({ applied: true });
    expect(effectOf('complete-200-error', applied, [complete(200)], { end: { fired: 1 } }).seen).toBe(true);
    expect(effectOf('complete-200-error', applied, [complete('unseen')], { end: { fired: 1 } }).seen).toBe(false);
    expect(effectOf('complete-200-error', parsed(), [complete(200)], { end: { fired: 1 } }).seen).toBe(false);
  });
});

it('is a rule for CompleteMultipartUpload alone', async () => {
  const { rules } = await injected('complete-200-error', { code: 'SlowDown', applied: true, spaces: '30s', first: 1 });
  expect(rules).toEqual([
    {
      kind: 'complete-200-error',
      rule,
      seed: 7,
      match: { operations: ['CompleteMultipartUpload'], first: 1 },
      code: 'SlowDown',
      message: 'Please reduce your request rate.',
      applied: true,
      spacesForMs: 30_000,
    },
  ]);
});

it('is compressed in time', () => {
  expect(complete200Error.compress(parsed(), new Compression(20, 100)).spaces).toBe(500);
});
