import { describe, expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import { dnsFailure } from './dns-failure.ts';
import { effectOf } from './example-effect.ts';

const unresolved = (start: number) =>
  request('block', `object-${start}`, [start, start + 10], { client: { failure: 'dns', outcome: 'fail' } }).slice(1);
const pooled = (start: number) =>
  request('block', `object-${start}`, [start, start + 10], { client: { reused: true } });

const down = (connections?: 'keep') =>
  dnsFailure.parameters.parse({ mode: 'servfail', ...(connections && { connections }) });
const end = { fired: 4, unit: 'queries' };

describe('the effect', () => {
  it('is seen by connects that failed for it', () => {
    expect(effectOf('dns-failure', down(), [unresolved(1000), unresolved(1500), pooled(1700)], { end })).toEqual({
      seen: true,
      message: '4 queries were answered so, and 2 connects failed for it',
    });
  });

  it('is not seen while the pool carries all requests, and says what would show it', () => {
    expect(effectOf('dns-failure', down('keep'), [pooled(1000), pooled(1200)], { end: { ...end, fired: 0 } })).toEqual({
      seen: false,
      message:
        'no connect failed: 2 requests went over connections that were open before, 0 opened one; `connections: end` would close the pool',
    });
  });

  it('is not seen when connects went well, whatever the DNS server counted', () => {
    const connected = request('block', 'x', [1200, 1300]);
    expect(effectOf('dns-failure', down(), [pooled(1000), connected], { end })).toEqual({
      seen: false,
      message: 'no connect failed: 1 requests went over connections that were open before, 1 opened one',
    });
  });

  it('is not seen by what failed before and after', () => {
    expect(effectOf('dns-failure', down(), [unresolved(2001)], { end }).seen).toBe(false);
  });
});

it.each([
  [{}, 'mode'],
  [{ mode: 'timeout' }, 'mode'],
  [{ mode: 'silent', connections: 'close' }, 'connections'],
])('%j is refused', (parameters, path) => {
  const parsed = dnsFailure.parameters.safeParse(parameters);
  expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
});
