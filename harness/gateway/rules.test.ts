import { describe, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import type { EdgeEvent } from '../history/events.ts';
import { ControlError } from '../process/control-server.ts';
import type { EdgeRule, RequestMatch } from './protocol.ts';
import { ruledBy } from './ruled-by.ts';
import { Rules } from './rules.ts';
import type { S3Request } from './s3-operation.ts';
import { answering, ok, scriptedRoute } from './scripted-route.ts';

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
  return requests.map((request) => (rules.judge(request, 'PUT')?.rule ? 'x' : '.')).join('');
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('the rules of a route', () => {
  it('decide for a seed always the same, request by request', () => {
    const rules = new Rules(realClock);
    rules.add(rule('burst', { probability: 0.5 }));
    expect(decisions(rules, times(20, put('a')))).toBe('xx.xxxx.x..xxx..x..x');
    expect(decisions(rules, times(20, part('a', 1)))).toBe('x......x..xxx..x.xxx');
  });

  it('do not let one request depend on when the others came', () => {
    const apart = new Rules(realClock);
    apart.add(rule('burst', { probability: 0.5 }));
    const a = decisions(apart, times(12, put('a')));
    const b = decisions(apart, times(12, put('b')));
    const mixed = new Rules(realClock);
    mixed.add(rule('burst', { probability: 0.5 }));
    const both = decisions(mixed, times(12, [put('b'), put('a')]).flat());
    expect([...both].filter((_, index) => index % 2 === 1).join('')).toBe(a);
    expect([...both].filter((_, index) => index % 2 === 0).join('')).toBe(b);
    expect(a).not.toBe(b);
  });

  it('draw otherwise for another seed, and the same in another bucket', () => {
    const [first, second, other] = [42, 42, 43].map((seed) => {
      const rules = new Rules(realClock);
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
    const rules = new Rules(realClock);
    rules.add(rule('first', { first: 2 }));
    expect(decisions(rules, [put('a'), put('a'), put('a'), put('b'), put('b'), put('b')])).toBe('xx.xx.');
    expect(decisions(rules, [part('a', 1), part('a', 2), part('a', 1), part('a', 2), part('a', 1)])).toBe('xxxx.');
  });

  it('consider the operations and keys that they name, and no others', () => {
    const rules = new Rules(realClock);
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
    const rules = new Rules(realClock);
    rules.add(rule('one', { first: 1 }));
    rules.add(rule('two', { first: 2 }));
    expect(times(4, put('a')).map((request) => rules.judge(request, 'PUT')?.rule)).toEqual(['one', 'two', 'two', '']);
    expect(rules.evidence('one').considered).toBe(4);
    expect(rules.evidence('two').considered).toBe(3);
  });

  it('touch nothing once removed', () => {
    const rules = new Rules(realClock);
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
    [{ ...rule('r', {}), status: 201 }, 400, 'status is 201'],
    [{ ...rule('r', {}), retryAfter: -1 }, 400, 'retryAfter is -1'],
    [
      { ...rule('r', {}), kind: 'explode' as never },
      400,
      'no kind is named explode: one of answer-error, cut, hold, truncate, complete-200-error, corrupt, throttle',
    ],
    [rule('a+b', {}), 400, 'rule: its name is "a+b": a text without +'],
    [rule('', {}), 400, 'rule: its name is ""'],
    [{ ...rule('r', {}), seed: Number.NaN }, 400, 'rule r: seed is NaN: a number'],
    [{ ...rule('r', {}), match: undefined as never }, 400, 'rule r: match is undefined: an object'],
    [rule('taken', {}), 409, 'rule taken: the route has one of this name'],
  ])('refuse what is wrong, and say why (%#)', async (wrong, status, reason) => {
    await using route = await scriptedRoute(() => {});
    const { rules } = route;
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

it('lists the rules in force, in the order of their installation', async () => {
  await using route = await scriptedRoute(() => {});
  const { rules } = route;
  rules.add(rule('b', {}));
  rules.add(rule('a', {}));
  expect(rules.names).toEqual(['b', 'a']);
  rules.remove('b');
  expect(rules.names).toEqual(['a']);
});

describe('rules together', () => {
  const of = (name: string, match: RequestMatch = {}) => ({ rule: name, seed: 1, match });
  const slow: EdgeRule = { kind: 'hold', ...of('slow'), when: 'before-apply', forMs: 100 };
  const late: EdgeRule = { kind: 'hold', ...of('late'), when: 'after-apply', forMs: 100 };
  const noisy: EdgeRule = { kind: 'corrupt', ...of('noisy'), direction: 'answer', bits: 8 };
  const get = 'GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n';

  it('that change something let the next one judge, and the first that decides ends it', async () => {
    await using route = await scriptedRoute(() => {});
    for (const each of [slow, late, noisy, rule('refusal', {}), rule('unasked', {})]) route.rules.add(each);
    const client = route.dial();
    client.socket.write(get);
    const answer = await client.until('\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 503/);
    expect(route.rules.evidence('unasked')).toEqual({ considered: 0, fired: 0 });
    for (const name of ['slow', 'late', 'noisy', 'refusal'])
      expect(route.rules.evidence(name)).toEqual({ considered: 1, fired: 1 });
    const [edge] = await route.edges();
    expect(edge).toMatchObject({ rule: 'slow+late+noisy+refusal', status: 503, flipped: 8 });
    // One after the other, whether before MinIO or after, which never saw it.
    expect(edge?.heldMs).toBeGreaterThanOrEqual(200);
    expect(edge).not.toHaveProperty('upstream');
    expect(ruledBy(edge as EdgeEvent, 'late')).toBe(true);
    expect(ruledBy(edge as EdgeEvent, 'unasked')).toBe(false);
  });

  it('are in the history with what each decided, in the order in which they judged', async () => {
    await using route = await scriptedRoute(answering());
    route.rules.add({
      kind: 'throttle',
      rule: 'by rate',
      writesPerSecond: 9,
      readsPerSecond: 9,
      burstSeconds: 1,
      prefixSegments: 1,
    });
    for (const each of [of('second', { window: { from: 2, to: 2 } }), of('writes', { operations: ['PutObject'] })]) {
      route.rules.add({ ...slow, ...each, forMs: 1 });
    }
    for (const client of [route.dial(), route.dial()]) {
      client.socket.write(get);
      await client.until(ok);
    }
    const edges = await route.edges();
    expect(edges.map(({ judged, rule }) => [judged, rule])).toEqual([
      [[{ rule: 'second', n: 1, acts: false }], undefined],
      [[{ rule: 'second', n: 2, acts: true }], 'second'],
    ]);
  });

  it('add up their delays, on both sides of MinIO', async () => {
    await using route = await scriptedRoute(answering());
    for (const each of [slow, late, { ...slow, rule: 'slower' }]) route.rules.add(each);
    const client = route.dial();
    client.socket.write(get);
    expect(await client.until('\r\n\r\n')).toBe(ok);
    const [edge] = await route.edges();
    expect(edge?.rule).toBe('slow+late+slower');
    expect((edge?.upstream?.start as number) - (edge?.start as number)).toBeGreaterThanOrEqual(200);
    expect((edge?.answerStart as number) - (edge?.upstream?.answer as number)).toBeGreaterThanOrEqual(100);
    expect(edge?.heldMs).toBeGreaterThanOrEqual(300);
  });

  it('delay the end of a connection, and the beginning of an answer that will not be whole', async () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n';
    await using route = await scriptedRoute(answering(`${head}0123456789`));
    route.rules.add(late);
    route.rules.add({ kind: 'cut', ...of('cut', { key: '^cut$' }), when: 'after-apply' });
    route.rules.add({ kind: 'truncate', ...of('short'), bytes: 4 });
    const begun = realClock.now();
    const clients = ['cut', 'k'].map((key) => {
      const client = route.dial();
      client.socket.write(`GET /b/${key} HTTP/1.1\r\nHost: h\r\n\r\n`);
      return client.rest();
    });
    expect(await Promise.all(clients)).toEqual(['', `${head}0123`]);
    expect(realClock.now() - begun).toBeGreaterThanOrEqual(100);
    const edges = await route.edges();
    expect(edges.find(({ key }) => key === 'cut')).toMatchObject({ rule: 'late+cut', upstream: { status: 200 } });
    expect(edges.find(({ key }) => key === 'k')).toMatchObject({ rule: 'late+short', bytesOut: 4 });
  });

  it('flip no bits that do not pass', async () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n';
    await using route = await scriptedRoute(answering(head + 'x'.repeat(1000)));
    route.rules.add({ ...noisy, bits: 100 });
    route.rules.add({ kind: 'truncate', ...of('short'), bytes: 500 });
    const client = route.dial();
    client.socket.write(get);
    const passed = (await client.rest()).slice(head.length);
    let flipped = 0;
    for (const byte of Buffer.from(passed, 'latin1')) {
      for (let rest = byte ^ 'x'.charCodeAt(0); rest > 0; rest &= rest - 1) flipped++;
    }
    expect(flipped).toBeGreaterThan(20);
    expect(flipped).toBeLessThan(80);
    expect(await route.edges()).toMatchObject([{ rule: 'noisy+short', flipped, bytesOut: 500 }]);
  });

  it('take no token for a request that an earlier rule answers', async () => {
    await using route = await scriptedRoute(answering());
    route.rules.add(rule('first', { first: 1 }));
    const limit = { writesPerSecond: 0.1, readsPerSecond: 0.1, burstSeconds: 1, prefixSegments: 0 };
    route.rules.add({ kind: 'throttle', rule: 'limit', ...limit });
    const client = route.dial();
    const statuses: string[] = [];
    for (let count = 0; count < 3; count++) {
      client.socket.write('HEAD /b/k HTTP/1.1\r\nHost: h\r\n\r\n');
      statuses.push((await client.until('\r\n\r\n')).slice(9, 12));
    }
    expect(statuses).toEqual(['503', '200', '503']);
    expect((await route.edges()).map((edge) => edge.rule)).toEqual(['first', undefined, 'limit']);
  });
});
