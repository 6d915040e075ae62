import { describe, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import { answerError } from './answer-error.ts';
import type { AnswerErrorRule } from './protocol.ts';
import { scriptedRoute } from './scripted-route.ts';

const refusal: AnswerErrorRule = {
  kind: 'answer-error',
  rule: 'skewed',
  seed: 1,
  match: {},
  status: 403,
  code: 'RequestTimeTooSkewed',
  message: 'too large',
  elements: { MaxAllowedSkewMilliseconds: '900000' },
};
const MINUTE_MS = 60_000;

/** What a client gets that asks for `target` with these headers. */
async function answer(rule: AnswerErrorRule, target: string, headers = ''): Promise<string> {
  await using route = await scriptedRoute(() => {});
  route.rules.add(rule);
  const client = route.dial();
  client.socket.write(`GET ${target} HTTP/1.1\r\nHost: h\r\n${headers}\r\n`);
  return await client.until('</Error>');
}

describe("a server's clock", () => {
  it.each([20 * MINUTE_MS, -20 * MINUTE_MS])('is %i ms ahead, in head and document', async (clockAheadMs) => {
    const date = 'x-amz-date: 20260101T000000Z\r\n';
    const before = Date.parse(realClock.date().toUTCString());
    const text = await answer({ ...refusal, clockAheadMs }, '/b/k', date);
    const after = realClock.date().getTime();
    const inHead = Date.parse(/\r\ndate: (.*)\r\n/.exec(text)?.[1] as string);
    expect(inHead).toBeGreaterThanOrEqual(before + clockAheadMs);
    expect(inHead).toBeLessThanOrEqual(after + clockAheadMs);
    expect(text.match(/date: /gi)).toHaveLength(1);
    const [, requestTime, serverTime] =
      /<RequestTime>(.*)<\/RequestTime><ServerTime>(.*)<\/ServerTime><MaxAllowedSkewMilliseconds>900000</.exec(text) ??
      [];
    expect(requestTime).toBe('20260101T000000Z');
    expect(serverTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(Date.parse(serverTime as string)).toBe(inHead);
  });

  it.each([
    ['/b/k', 'Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n', 'Thu, 01 Jan 1970 00:00:00 GMT'],
    ['/b/k?X-Amz-Date=20260102T000000Z', '', '20260102T000000Z'],
    ['/b/k', '', ''],
  ])('names when the request was signed: %s %j', async (target, headers, requestTime) => {
    const text = await answer({ ...refusal, clockAheadMs: MINUTE_MS }, target, headers);
    expect(text).toContain(`<RequestTime>${requestTime}</RequestTime>`);
  });

  it('is not spoken of otherwise', async () => {
    expect(await answer(refusal, '/b/k')).not.toContain('ServerTime');
  });
});

it.each([
  ['/b/k%20x?partNumber=1&uploadId=u', 'https://a.s3:1/b/k%20x?partNumber=1&uploadId=u'],
  ['http://other.test/b/k', 'https://a.s3:1/b/k'],
])('sends whoever asked for %s to the same at another place', async (target, location) => {
  const text = await answer({ ...refusal, status: 307, locationOrigin: 'https://a.s3:1' }, target);
  expect(text).toContain(`\r\nlocation: ${location}\r\n`);
});

it.each([
  [{ clockAheadMs: Number.NaN }, 'clockAheadMs is NaN: milliseconds'],
  [{ clockAheadMs: 1e15 }, 'clockAheadMs is 1000000000000000: milliseconds'],
  [{ locationOrigin: 'a.s3:1' }, 'locationOrigin is a.s3:1: like https://host:port'],
  [{ locationOrigin: 'https://a\r\nx: y' }, 'like https://host:port'],
  [{ locationOrigin: 'https://a/b' }, 'like https://host:port'],
])('refuses %j', (wrong, reason) => {
  expect(() => answerError({ ...refusal, ...wrong }, realClock)).toThrow(reason);
});
