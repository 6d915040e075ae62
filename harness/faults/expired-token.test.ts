import { expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import { effectOf } from './example-effect.ts';
import { injected } from './example-injection.ts';
import { expiredToken } from './expired-token.ts';
import { objections } from './refused-parameters.ts';

const rule = '1-expired-token';
const answered = { status: 400, code: 'ExpiredToken' };
const expired = request('a', 'x', [1000, 1010], { upstream: 'unseen', answered, edge: { rule } });

it('is seen by clients that were told so', () => {
  expect(effectOf('expired-token', expiredToken.parameters.parse({}), [expired], { end: { fired: 1 } })).toEqual({
    seen: true,
    message: '1 of 1 attempts were answered ExpiredToken',
  });
});

it('is not seen with another code, nor when it counts and does nothing', () => {
  const refresh = expiredToken.parameters.parse({ code: 'TokenRefreshRequired' });
  expect(effectOf('expired-token', refresh, [expired], { end: { fired: 1 } }).seen).toBe(false);
  expect(effectOf('expired-token', refresh, [request('a', 'x', [1000, 1010])], { end: { fired: 7 } }).seen).toBe(false);
});

it('answers 400', async () => {
  const { rules } = await injected('expired-token', {});
  expect(rules).toMatchObject([
    {
      kind: 'answer-error',
      rule,
      match: {},
      status: 400,
      code: 'ExpiredToken',
      message: 'The provided token has expired.',
    },
  ]);
  expect(objections('expired-token', { code: 'SlowDown' })).toHaveLength(1);
});
