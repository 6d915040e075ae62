import { expect, it } from 'vitest';
import { request, slowDown } from '../checkers/example-history.ts';
import { effectOf } from './example-effect.ts';

const throttled = { code: 'SlowDown', when: 'after-body' };

it('counts a request that several rules acted on for each of them', () => {
  const events = [slowDown('a', 'x', [1000, 1010], { edge: { rule: '2-slow-first-byte+1-s3-error' } })];
  expect(effectOf('s3-error', throttled, events, { end: { fired: 1 } }).seen).toBe(true);
});

it('does not take one rule for another whose name begins alike', () => {
  const events = [slowDown('a', 'x', [1000, 1010], { edge: { rule: '1-s3-error-2' } })];
  expect(effectOf('s3-error', throttled, events, { end: { fired: 1 } }).seen).toBe(false);
});

it('needs the client as well as the edge: a request that the edge alone knows shows nothing', () => {
  const [edge] = slowDown('a', 'x', [1000, 1010], { edge: { rule: '1-s3-error' } });
  expect(effectOf('s3-error', throttled, [[edge]], { end: { fired: 1 } })).toMatchObject({ seen: false });
  const [, attempt] = request('a', 'x', [1000, 1010]);
  expect(effectOf('s3-error', throttled, [[attempt]], { end: { fired: 1 } })).toMatchObject({ seen: false });
});
