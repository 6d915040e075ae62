import { describe, expect, it } from 'vitest';
import { ControlError } from '../process/control-server.ts';
import type { EdgeRule, RequestMatch } from './protocol.ts';
import { Rules } from './rules.ts';
import type { S3Request } from './s3-operation.ts';

function rule(name: string, match: RequestMatch, seed = 42): EdgeRule {
  return { kind: 'answer-error', rule: name, seed, match, status: 503, code: 'SlowDown', message: 'Reduce' };
}

const put = (key: string): S3Request => ({ operation: 'PutObject', bucket: 'b', key });
const part = (key: string, partNumber: number): S3Request => ({
  operation: 'UploadPart',
  bucket: 'b',
  key,
  partNumber,
});

/** `x` where a rule acted, `.` where none did. */
function decisions(rules: Rules, requests: S3Request[]): string {
  return requests.map((request) => (rules.judge(request) ? 'x' : '.')).join('');
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('the rules of a route', () => {
  it('decide for a seed always the same, request by request', () => {
    const rules = new Rules();
    rules.add(rule('burst', { probability: 0.5 }));
    expect(decisions(rules, times(20, put('a')))).toBe('xx.xxxx.x..xxx..x..x');
    expect(decisions(rules, times(20, part('a', 1)))).toBe('x......x..xxx..x.xxx');
  });

  it('do not let one request depend on when the others came', () => {
    const apart = new Rules();
    apart.add(rule('burst', { probability: 0.5 }));
    const a = decisions(apart, times(12, put('a')));
    const b = decisions(apart, times(12, put('b')));
    const mixed = new Rules();
    mixed.add(rule('burst', { probability: 0.5 }));
    const both = decisions(mixed, times(12, [put('b'), put('a')]).flat());
    expect([...both].filter((_, index) => index % 2 === 1).join('')).toBe(a);
    expect([...both].filter((_, index) => index % 2 === 0).join('')).toBe(b);
    expect(a).not.toBe(b);
  });

  it('draw otherwise for another seed, and the same in another bucket', () => {
    const [first, second, other] = [42, 42, 43].map((seed) => {
      const rules = new Rules();
      rules.add(rule('burst', { probability: 0.5 }, seed));
      return rules;
    }) as [Rules, Rules, Rules];
    const requests = times(30, put('a'));
    const decided = decisions(first, requests);
    expect(
      decisions(
        second,
        requests.map((request) => ({ ...request, bucket: 'elsewhere' })),
      ),
    ).toBe(decided);
    expect(decisions(other, requests)).not.toBe(decided);
  });

  it('act on the first N of each key and part', () => {
    const rules = new Rules();
    rules.add(rule('first', { first: 2 }));
    expect(decisions(rules, [put('a'), put('a'), put('a'), put('b'), put('b'), put('b')])).toBe('xx.xx.');
    expect(decisions(rules, [part('a', 1), part('a', 2), part('a', 1), part('a', 2), part('a', 1)])).toBe('xxxx.');
  });

  it('consider the operations and keys that they name, and no others', () => {
    const rules = new Rules();
    rules.add(rule('meta', { operations: ['PutObject'], key: '/meta\\.json$' }));
    const requests = [
      put('t/1/meta.json'),
      put('t/1/index'),
      { ...put('t/1/meta.json'), operation: 'GetObject' as const },
    ];
    expect(decisions(rules, requests)).toBe('x..');
    expect(rules.evidence('meta').considered).toBe(1);
  });

  it('judge in the order of their installation, and the first that acts keeps the request from the others', () => {
    const rules = new Rules();
    rules.add(rule('one', { first: 1 }));
    rules.add(rule('two', { first: 2 }));
    expect(times(4, put('a')).map((request) => rules.judge(request)?.rule)).toEqual(['one', 'two', 'two', undefined]);
    expect(rules.evidence('one').considered).toBe(4);
    expect(rules.evidence('two').considered).toBe(3);
  });

  it('touch nothing once removed', () => {
    const rules = new Rules();
    rules.add(rule('all', {}));
    expect(decisions(rules, [put('a')])).toBe('x');
    expect(rules.remove('all')).toEqual({ considered: 1, fired: 0 });
    expect(decisions(rules, [put('a')])).toBe('.');
    expect(() => rules.remove('all')).toThrow('rule all: the route has none of this name');
  });

  it.each([
    [rule('r', { key: '(' }), 400, 'rule r: key "(" is not a regular expression'],
    [rule('r', { probability: 1.5 }), 400, 'probability is 1.5: a number from 0 to 1'],
    [rule('r', { first: 0 }), 400, 'first is 0: a whole number from 1 on'],
    [rule('r', { operations: ['PutObjekt' as never] }), 400, 'no S3 operation is named PutObjekt'],
    [{ ...rule('r', {}), status: 200 }, 400, 'status is 200'],
    [{ ...rule('r', {}), retryAfter: -1 }, 400, 'retryAfter is -1'],
    [{ ...rule('r', {}), kind: 'explode' as never }, 400, 'no kind is named explode: one of answer-error'],
    [rule('taken', {}), 409, 'rule taken: the route has one of this name'],
  ])('refuse what is wrong, and say why (%#)', (wrong, status, reason) => {
    const rules = new Rules();
    rules.add(rule('taken', {}));
    let refusal: unknown;
    try {
      rules.add(wrong as EdgeRule);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(ControlError);
    expect(refusal).toMatchObject({ status, message: expect.stringContaining(reason) });
  });
});
