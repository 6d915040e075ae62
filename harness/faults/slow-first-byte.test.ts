import { describe, expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import { Compression } from '../scenario/compression.ts';
import { effectOf } from './example-effect.ts';
import { injected } from './example-injection.ts';
import { objections } from './refused-parameters.ts';
import { slowFirstByte } from './slow-first-byte.ts';

const rule = '1-slow-first-byte';
const parsed = (given: object = {}) => slowFirstByte.parameters.parse({ delay: '100ms', ...given });
const held = (wait: number, change: object = {}) =>
  request('a', `x-${wait}`, [1000, 1010 + wait], {
    edge: { rule, heldMs: wait },
    client: { phases: { send: 10, wait }, ...change },
  });
/** S3 answered at 1012; the client had the first byte at `ms`, and its phases say the same. */
const answeredAt = (ms: number, phases: object) =>
  request('a', `x-${ms}`, [1000, ms], {
    edge: { rule, bodyEnd: 1010, upstream: { start: 1001, answer: 1012, end: 1012, status: 200 } },
    client: { phases },
  });

describe('the effect', () => {
  it('is seen when clients waited for the first byte as long as was due', () => {
    expect(effectOf('slow-first-byte', parsed(), [held(120), held(100), held(110)], { end: { fired: 3 } })).toEqual({
      seen: true,
      message: '3 attempts had the first byte 120ms after S3 had answered, at the median; 100ms were due',
    });
  });

  it('is not seen when it counts and does nothing', () => {
    const events = [request('a', 'x', [1000, 1010])];
    expect(effectOf('slow-first-byte', parsed(), events, { end: { fired: 7 } })).toEqual({
      seen: false,
      message: '1 attempt was one that it is about, and none was held to its end',
    });
  });

  it('is not seen in an S3 that is slow by itself', () => {
    const slow = request('a', 'x', [1000, 1200], { client: { phases: { wait: 200 } } });
    expect(effectOf('slow-first-byte', parsed(), [slow], { end: { fired: 1 } }).seen).toBe(false);
  });

  it('is not seen when one of those that the edge held was answered early', () => {
    expect(effectOf('slow-first-byte', parsed(), [held(120), held(88)], { end: { fired: 2 } })).toEqual({
      seen: false,
      message: '1 of 2 held attempts was answered before the delay was over',
    });
    expect(effectOf('slow-first-byte', parsed(), [held(89.2)], { end: { fired: 1 } }).seen).toBe(true);
  });

  it('does not take the sending of a body for a wait', () => {
    const sent = request('a', 'x', [1000, 1322], {
      edge: { rule, bodyEnd: 1300, upstream: { start: 1001, answer: 1302, end: 1302, status: 200 } },
      client: { phases: { socket: 1, dns: 1, send: 300, wait: 20 } },
    });
    expect(effectOf('slow-first-byte', parsed(), [sent], { end: { fired: 1 } }).seen).toBe(false);
  });

  it('does not take a client that notes late that its request is sent for one that was answered early', () => {
    const late = answeredAt(1112, { socket: 2, dns: 3, connect: 1, tls: 4, send: 80, wait: 22 });
    expect(effectOf('slow-first-byte', parsed(), [late], { end: { fired: 1 } })).toEqual({
      seen: true,
      message: '1 attempt had the first byte 100ms after S3 had answered, at the median; 100ms were due',
    });
    const early = answeredAt(1110, { socket: 2, dns: 3, connect: 1, tls: 4, send: 80, wait: 20 });
    expect(effectOf('slow-first-byte', parsed(), [early], { end: { fired: 1 } }).seen).toBe(false);
  });

  it('is seen by clients that gave up before it was over', () => {
    const gaveUp = held(60, { status: undefined, failure: 'header-timeout' });
    expect(effectOf('slow-first-byte', parsed(), [gaveUp], { end: { fired: 1 } })).toEqual({
      seen: true,
      message: '1 attempt gave up waiting before the 100ms were over',
    });
  });

  it('is not seen by an attempt that ended for another reason, nor where there was none', () => {
    const cut = held(60, { status: undefined, failure: 'reset' });
    expect(effectOf('slow-first-byte', parsed(), [cut], { end: { fired: 1 } }).seen).toBe(false);
    expect(effectOf('slow-first-byte', parsed({ key: 'q' }), [held(120).slice(1)], { end: { fired: 1 } }).message).toBe(
      'none of the 1 attempts in that time was one that it is about (key /q/)',
    );
  });

  it('is told in the time of the config', () => {
    const { message } = effectOf('slow-first-byte', parsed(), [held(100)], { compression: { time: 20, bytes: 1 } });
    expect(message).toBe('1 attempt had the first byte 2.2s after S3 had answered, at the median; 2s were due');
  });
});

it('holds what S3 has answered, for so long', async () => {
  const { rules } = await injected('slow-first-byte', { delay: '10s', jitter: '5s', operations: ['PutObject'] });
  expect(rules).toEqual([
    {
      kind: 'hold',
      rule,
      seed: 7,
      match: { operations: ['PutObject'] },
      when: 'after-apply',
      forMs: 10_000,
      jitterMs: 5_000,
    },
  ]);
  expect((await injected('slow-first-byte', { delay: '10s' })).rules[0]).not.toHaveProperty('jitterMs');
});

it('is compressed in time', () => {
  expect(slowFirstByte.compress(parsed({ jitter: '40ms' }), new Compression(10, 5))).toEqual({ delay: 10, jitter: 4 });
  expect(() => slowFirstByte.compress(parsed(), new Compression(60, 1))).toThrow('delay: 100ms divided by');
  expect(objections('slow-first-byte', { delay: '0s' })[0]).toContain('delay: "0s" is nothing at all');
});
