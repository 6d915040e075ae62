import { expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import { effectOf } from './example-effect.ts';
import { injected } from './example-injection.ts';
import { redirect } from './redirect.ts';
import { objections } from './refused-parameters.ts';

const rule = '1-redirect';
const parsed = (given: object = {}) => redirect.parameters.parse(given);
const moved = request('a', 'x', [1000, 1010], {
  upstream: 'unseen',
  answered: { status: 301, code: 'PermanentRedirect' },
  edge: { rule },
});
const lease = { endpoint: { host: 'a.s3', port: 4711, secure: true }, bucket: 'a' };

it('is seen by clients that were sent elsewhere', () => {
  expect(effectOf('redirect', parsed(), [moved], { end: { fired: 1 } })).toEqual({
    seen: true,
    message: '1 of 1 attempts were answered PermanentRedirect',
  });
  expect(effectOf('redirect', parsed({ kind: 'temporary' }), [moved], { end: { fired: 1 } }).seen).toBe(false);
});

it('is not seen when it counts and does nothing, nor by a client that follows in silence', () => {
  expect(effectOf('redirect', parsed(), [request('a', 'x', [1000, 1010])], { end: { fired: 7 } }).seen).toBe(false);
  const followed = request('a', 'x', [1000, 1010], {
    edge: { rule, status: 301, code: 'PermanentRedirect' },
    client: { status: 200, outcome: 'ok' },
  });
  expect(effectOf('redirect', parsed(), [followed, moved], { end: { fired: 2 } }).seen).toBe(false);
});

it.each([
  ['permanent', 301, 'PermanentRedirect'],
  ['temporary', 307, 'TemporaryRedirect'],
])('%s: %i, to the endpoint of the path itself', async (kind, status, code) => {
  const { rules } = await injected('redirect', { kind, region: 'ap-south-1' }, { lease });
  expect(rules).toMatchObject([
    {
      kind: 'answer-error',
      rule,
      status,
      code,
      headers: { 'x-amz-bucket-region': 'ap-south-1' },
      locationOrigin: 'https://a.s3:4711',
      elements: { Endpoint: 'a.s3:4711', Bucket: 'a' },
    },
  ]);
});

it('follows the path in plain HTTP', async () => {
  const plain = { ...lease, endpoint: { ...lease.endpoint, secure: false } };
  const { rules } = await injected('redirect', {}, { lease: plain });
  expect(rules).toMatchObject([{ locationOrigin: 'http://a.s3:4711' }]);
  expect(objections('redirect', { region: 'https://elsewhere' })).toEqual([
    'region: expected a region, like eu-west-1',
  ]);
});
