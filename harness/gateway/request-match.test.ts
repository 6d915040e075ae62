import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestMatch } from './protocol.ts';
import { RequestMatcher } from './request-match.ts';
import type { S3Request } from './s3-operation.ts';

const matcher = (match: RequestMatch, seed = 42) => new RequestMatcher({ rule: 'r', seed, match });
const put = (key: string, bucket = 'b'): S3Request => ({ operation: 'PutObject', bucket, key });

/** `x` where it acts. */
function decisions(judge: RequestMatcher, requests: S3Request[]): string {
  return requests.map((request) => (judge.decides(request).draw ? 'x' : '.')).join('');
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('every', () => {
  it('hits each object exactly once in so many requests, at any moment', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.integer(), fc.string(), (every, seed, key) => {
        const decided = decisions(matcher({ every }, seed), times(every * 3, put(key)));
        const phase = decided.indexOf('x');
        expect(phase).toBeLessThan(every);
        expect(decided).toBe(('.'.repeat(phase) + 'x'.padEnd(every - phase, '.')).repeat(3));
      }),
    );
  });

  it('hits one in so many of objects that are written once', () => {
    for (const every of [2, 5, 20]) {
      const judge = matcher({ every });
      const keys = Array.from({ length: 10_000 }, (_, index) => put(`t/${index}`));
      const hit = [...decisions(judge, keys)].filter((mark) => mark === 'x').length;
      // Within the 99.9 % interval of the binomial distribution, as a normal one.
      const deviation = Math.sqrt((10_000 * (1 - 1 / every)) / every);
      expect(Math.abs(hit - 10_000 / every)).toBeLessThan(3.3 * deviation);
    }
  });
});

describe('probability', () => {
  it('is met within the 99 % binomial interval over 10 000 requests', () => {
    for (const probability of [0.01, 0.3, 0.9]) {
      const judge = matcher({ probability });
      const requests = Array.from({ length: 10_000 }, (_, index) => put(`t/${index % 1000}`));
      const hit = [...decisions(judge, requests)].filter((mark) => mark === 'x').length;
      const deviation = Math.sqrt(10_000 * probability * (1 - probability));
      expect(Math.abs(hit - 10_000 * probability)).toBeLessThan(2.58 * deviation);
    }
  });
});

it('decides each request alike in any order of arrival, in any bucket', () => {
  const match: RequestMatch = { probability: 0.5, every: 2, window: { from: 2, to: 9 }, first: 8 };
  const keys = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(keys, fc.integer(), fc.infiniteStream(fc.nat()), (arrived, seed, weights) => {
      const shuffled = arrived
        .map((key) => ({ key, weight: weights.next().value as number }))
        .sort((a, b) => a.weight - b.weight)
        .map(({ key }) => key);
      const byKey = (order: string[], bucket: string) => {
        const judge = matcher(match, seed);
        const decided: Record<string, string> = {};
        for (const key of order) decided[key] = (decided[key] ?? '') + decisions(judge, [put(key, bucket)]);
        return decided;
      };
      expect(byKey(shuffled, 'one')).toEqual(byKey(arrived, 'other'));
    }),
  );
});

it('decides otherwise for another seed', () => {
  const requests = times(64, put('k'));
  expect(decisions(matcher({ probability: 0.5 }, 1), requests)).not.toBe(
    decisions(matcher({ probability: 0.5 }, 2), requests),
  );
});

describe('a window', () => {
  it('counts the requests of each operation, key and part, and includes both its ends', () => {
    const judge = matcher({ window: { from: 2, to: 3 } });
    expect(decisions(judge, times(5, put('a')))).toBe('.xx..');
    const part = (partNumber: number): S3Request => ({ ...put('a'), operation: 'UploadPart', partNumber });
    expect(decisions(judge, [part(1), part(2), part(1), part(2)])).toBe('..xx');
  });

  it('restricts together with the others', () => {
    expect(decisions(matcher({ first: 3, window: { from: 3, to: 9 } }), times(5, put('a')))).toBe('..x..');
  });
});

describe('considers', () => {
  it('the buckets, keys and operations that it names', () => {
    const judge = matcher({ bucket: '^tempo-', key: '/meta\\.json$', operations: ['PutObject'] });
    expect(judge.considers(put('t/meta.json', 'tempo-1'))).toBe(true);
    expect(judge.considers(put('t/meta.json', 'other'))).toBe(false);
    expect(judge.considers(put('t/index', 'tempo-1'))).toBe(false);
    expect(judge.considers({ ...put('t/meta.json', 'tempo-1'), operation: 'GetObject' })).toBe(false);
  });
});

describe('considers by the request line', () => {
  const part = { ...put('t/data.parquet'), operation: 'UploadPart' as const };
  it('the method and the target that it names', () => {
    const judge = matcher({ method: 'PUT', target: 'partNumber=2' });
    const target = '/b/t/data.parquet?partNumber=2&uploadId=u';
    expect(judge.considers(part, 'PUT', target)).toBe(true);
    expect(judge.considers(part, 'GET', target)).toBe(false);
    expect(judge.considers(part, 'PUT', '/b/t/data.parquet?partNumber=3&uploadId=u')).toBe(false);
  });
});

describe('times', () => {
  it('counts the requests that are acted on, whichever they are', () => {
    expect(decisions(matcher({ times: 3 }), [put('a'), put('b'), put('a'), put('c')])).toBe('xxx.');
    const judge = matcher({ times: 2, window: { from: 2, to: 9 } });
    expect(decisions(judge, [put('a'), put('b'), put('a'), put('b'), put('b')])).toBe('..xx.');
  });
});

describe('what is drawn for a request', () => {
  it('is the same for the same judgement of it, and for nothing else', () => {
    const drawn = (seed: number, count: number, key = 'a') => {
      const judge = matcher({}, seed);
      return times(count, put(key)).map((request) => judge.decides(request).draw?.('bit', 0));
    };
    expect(drawn(1, 3)).toEqual(drawn(1, 3));
    expect(new Set([...drawn(1, 3), ...drawn(2, 3), ...drawn(1, 3, 'b')]).size).toBe(9);
  });
});

it.each([
  [{ every: 0 }, 'every is 0: a whole number from 1 on'],
  [{ every: 1.5 }, 'every is 1.5'],
  [{ times: 0 }, 'times is 0: a whole number from 1 on'],
  [{ target: '(' }, 'target "(" is not a regular expression'],
  [{ window: { from: 0, to: 2 } }, 'window.from is 0'],
  [{ window: { from: 3, to: 2 } }, 'the window from 3 to 2 has no request in it'],
  [{ bucket: '(' }, 'bucket "(" is not a regular expression'],
])('refuses %j', (match, reason) => {
  expect(() => matcher(match)).toThrow(reason);
});
