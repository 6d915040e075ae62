import { expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import { Compression } from '../scenario/compression.ts';
import { clockSkew } from './clock-skew.ts';
import { effectOf } from './example-effect.ts';
import { injected } from './example-injection.ts';
import { objections } from './refused-parameters.ts';

const rule = '1-clock-skew';
const parsed = clockSkew.parameters.parse({});
const answered = { status: 403, code: 'RequestTimeTooSkewed' };

it('is seen by clients that were refused for their date', () => {
  const refused = request('a', 'x', [1000, 1010], { upstream: 'unseen', answered, edge: { rule } });
  expect(effectOf('clock-skew', parsed, [refused], { end: { fired: 1 } })).toEqual({
    seen: true,
    message: '1 of 1 attempts were answered RequestTimeTooSkewed',
  });
});

it("is not seen in S3's own refusal, nor when it counts and does nothing", () => {
  const own = request('a', 'x', [1000, 1010], { upstream: 403, answered });
  expect(effectOf('clock-skew', parsed, [own], { end: { fired: 1 } }).seen).toBe(false);
  expect(effectOf('clock-skew', parsed, [request('a', 'x', [1000, 1010])], { end: { fired: 7 } }).seen).toBe(false);
});

it.each([
  ['behind', 1_200_000],
  ['ahead', -1_200_000],
])("a writer that is %s sees a server's clock that is %i ms ahead", async (writer, clockAheadMs) => {
  const { rules } = await injected('clock-skew', { writer });
  expect(rules).toMatchObject([
    {
      kind: 'answer-error',
      rule,
      status: 403,
      code: 'RequestTimeTooSkewed',
      clockAheadMs,
      elements: { MaxAllowedSkewMilliseconds: '900000' },
    },
  ]);
});

it.each(['15m', '10s'])('a skew of %s is refused, with the reason', (skew) => {
  expect(objections('clock-skew', { skew })).toEqual([
    `skew: a skew of ${skew} is none that S3 would mind: it allows 15m, so expected more, like 20m`,
  ]);
  expect(objections('clock-skew', { skew: '15m1s' })).toEqual([]);
});

it('is not compressed: what S3 allows is not either', () => {
  expect(clockSkew.compress(parsed, new Compression(50, 100)).skew).toBe(1_200_000);
});
