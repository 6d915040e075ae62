import { describe, expect, it } from 'vitest';
import { realClock, VirtualClock } from '../clock.ts';
import type { ThrottleRule } from './protocol.ts';
import { Rules } from './rules.ts';
import type { S3Request } from './s3-operation.ts';
import { answering, ok, scriptedRoute } from './scripted-route.ts';
import { throttle } from './throttle.ts';

const limit: ThrottleRule = {
  kind: 'throttle',
  rule: 'limit',
  writesPerSecond: 10,
  readsPerSecond: 20,
  burstSeconds: 0.5,
  prefixSegments: 1,
};
const request = (key: string): S3Request => ({ operation: 'Unknown', bucket: 'b', key });

/** `.` for those that were let through, `x` for the refused. */
function judged(rules: Rules, method: string, keys: string[]): string {
  return keys.map((key) => (rules.judge(request(key), method)?.rule ? 'x' : '.')).join('');
}

function rulesWith(rule: ThrottleRule, clock = new VirtualClock()): Rules {
  const rules = new Rules(clock);
  rules.add(rule);
  return rules;
}

describe('the limit', () => {
  it('is of each prefix, and reads and writes have their own', () => {
    const rules = rulesWith(limit);
    const seven = (prefix: string) => Array.from({ length: 7 }, (_, index) => `${prefix}/${index}`);
    expect(judged(rules, 'PUT', seven('a'))).toBe('.....xx');
    expect(judged(rules, 'POST', seven('a'))).toBe('xxxxxxx');
    expect(judged(rules, 'DELETE', seven('b'))).toBe('.....xx');
    expect(judged(rules, 'GET', [...seven('a'), ...seven('a')])).toBe('..........xxxx');
    expect(judged(rules, 'HEAD', seven('a'))).toBe('xxxxxxx');
    expect(judged(rules, 'HEAD', seven('b'))).toBe('.......');
    expect(rules.evidence('limit')).toEqual({
      considered: 49,
      fired: 0,
      measured: { admitted: 27, refused: 22, prefixes: 4, busiestSecond: 27, highestLimit: 20 },
    });
  });

  it.each([
    [0, '.....xx'],
    [1, '.......'],
    [2, '.......'],
  ])('of %i segments', (prefixSegments, expected) => {
    const rules = rulesWith({ ...limit, prefixSegments });
    expect(judged(rules, 'PUT', ['a/1', 'a/2', 'a/3', 'b/4', 'b/5', 'c', 'd/6'])).toBe(expected);
  });

  it('comes back with time', async () => {
    const clock = new VirtualClock();
    const rules = rulesWith(limit, clock);
    expect(judged(rules, 'PUT', Array(6).fill('a/1'))).toBe('.....x');
    await clock.advance(300);
    expect(judged(rules, 'PUT', Array(6).fill('a/1'))).toBe('...xxx');
  });

  it('counts the busiest second from the first request on', async () => {
    const clock = new VirtualClock();
    const rules = rulesWith(limit, clock);
    judged(rules, 'PUT', Array(2).fill('a/1'));
    await clock.advance(2500);
    judged(rules, 'PUT', Array(4).fill('a/1'));
    await clock.advance(600);
    judged(rules, 'PUT', Array(3).fill('a/1'));
    expect(rules.evidence('limit').measured).toMatchObject({ admitted: 9, busiestSecond: 4 });
  });
});

it('answers 503 SlowDown once the body was read, and MinIO never sees the request', async () => {
  const heard: string[] = [];
  await using route = await scriptedRoute(answering(ok, 'body', heard));
  route.rules.add({ ...limit, writesPerSecond: 0.1, retryAfter: 3 });
  const put = 'PUT /b/a/k HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n';
  const client = route.dial();
  client.socket.write(`${put}body`);
  expect(await client.until('\r\n\r\n')).toBe(ok);
  client.socket.write(put);
  await realClock.sleep(50);
  expect(route.rules.evidence('limit')).toMatchObject({ fired: 0, measured: { admitted: 1, refused: 1 } });
  client.socket.write('body');
  const answer = await client.until('</Error>');
  expect(answer).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n.*retry-after: 3\r\n.*<Code>SlowDown<\/Code>/s);
  expect(route.rules.evidence('limit')).toMatchObject({ considered: 2, fired: 1 });
  expect(heard).toHaveLength(1);
  const [first, second] = await route.edges();
  expect(first).not.toHaveProperty('rule');
  expect(second).toMatchObject({ rule: 'limit', status: 503, code: 'SlowDown', bytesIn: 4 });
});

it.each([
  [{ writesPerSecond: 0 }, 'writesPerSecond is 0: a number above 0'],
  [{ readsPerSecond: -1 }, 'readsPerSecond is -1'],
  [{ burstSeconds: Number.NaN }, 'burstSeconds is NaN'],
  [{ prefixSegments: 1.5 }, 'prefixSegments is 1.5: a whole number'],
  [{ growth: { perSecond: 0, most: 2 } }, 'growth.perSecond is 0'],
  [{ growth: { perSecond: 1, most: 0.5 } }, 'growth.most is 0.5: a number from 1 on'],
  [{ retryAfter: 0.5 }, 'retryAfter is 0.5: whole seconds'],
])('refuses %j', (wrong, reason) => {
  expect(() => throttle({ ...limit, ...wrong }, realClock)).toThrow(reason);
});
