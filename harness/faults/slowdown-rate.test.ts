import { describe, expect, it } from 'vitest';
import { lateness, request, slowDown } from '../checkers/example-history.ts';
import { Compression } from '../scenario/compression.ts';
import { effectOf } from './example-effect.ts';
import { injected } from './example-injection.ts';
import { objections } from './refused-parameters.ts';
import { slowdownRate } from './slowdown-rate.ts';

const rule = '1-slowdown-rate';
const parsed = (given: object = {}) => slowdownRate.parameters.parse(given);
/** Ten writes per second, two of which may come at once. */
const ten = parsed({ writes: 10, burst: '200ms' });
const passed = (at: number, options: object = {}) => request('a', `x-${at}`, [at, at + 5], options);
const throttled = (at: number) => slowDown('a', `y-${at}`, [at, at + 5], { edge: { rule } });
const end = { fired: 1 };

describe('the effect', () => {
  it('is seen when clients were throttled, and what passed is no more than the limit', () => {
    const events = [passed(1000), passed(1001), throttled(1002), passed(1100), passed(1200), throttled(1201)];
    expect(effectOf('slowdown-rate', ten, events, { end })).toEqual({
      seen: true,
      message: '2 of 6 attempts were answered SlowDown, and 4 requests per second passed for the busiest prefix',
    });
  });

  it('is not seen when more passed at once than the burst', () => {
    const events = [passed(1000), passed(1001), passed(1002), throttled(1003)];
    expect(effectOf('slowdown-rate', ten, events, { end })).toEqual({
      seen: false,
      message: '1 more write passed for blocks/chaos (writes) than 10 per second allow',
    });
  });

  it('is not seen when more passed over time than the rate', () => {
    const events = Array.from({ length: 30 }, (_, index) => passed(1000 + index * 33));
    expect(effectOf('slowdown-rate', ten, [...events, throttled(1990)], { end })).toMatchObject({ seen: false });
  });

  it('counts reads, writes and prefixes apart', () => {
    const read = (at: number) => passed(at, { operation: 'GetObject', edge: { method: 'GET' } });
    const other = (at: number) => passed(at, { edge: { key: `other/${at}`, id: `other-${at}` } });
    const events = [1000, 1001].flatMap((at) => [passed(at), read(at), other(at)]);
    expect(effectOf('slowdown-rate', ten, [...events, throttled(1002)], { end }).seen).toBe(true);
    const one = parsed({ writes: 10, burst: '200ms', prefixSegments: 0 });
    expect(effectOf('slowdown-rate', one, [...events, throttled(1002)], { end }).seen).toBe(false);
  });

  it('leaves room for a limit that grows', () => {
    const grow = { perSecond: 5, most: 4 };
    const events = Array.from({ length: 25 }, (_, index) => passed(1000 + Math.sqrt(index) * 190));
    expect(effectOf('slowdown-rate', ten, [...events, throttled(1990)], { end }).seen).toBe(false);
    const growing = parsed({ writes: 10, burst: '200ms', grow });
    expect(effectOf('slowdown-rate', growing, [...events, throttled(1990)], { end }).seen).toBe(true);
  });

  it('does not count what came before it began, nor what came while it was healed', () => {
    const events = [
      passed(995),
      passed(996),
      passed(1000),
      passed(1001),
      throttled(1002),
      passed(1951),
      passed(1952),
      passed(1953),
    ];
    expect(effectOf('slowdown-rate', ten, events, { end: { ...end, until: 1950 } }).seen).toBe(true);
  });

  it.each([
    ['another rule refused', { upstream: 'unseen', edge: { rule: '2-s3-error' } }],
    ['another rule refused, having applied them', { edge: { rule: '2-s3-error' } }],
    ['another S3 answered, to which the name led', { upstream: 'unseen', edge: { rule: 'wrong-s3' } }],
  ])('does not count requests that %s: they took no token', (_which, options) => {
    const refused = [1003, 1004, 1005].map((at) => passed(at, options));
    const events = [passed(1000), passed(1001), throttled(1002), ...refused];
    expect(effectOf('slowdown-rate', ten, events, { end })).toMatchObject({ seen: true });
    // Those that came to S3 count all the same.
    expect(effectOf('slowdown-rate', ten, [...events, passed(1006)], { end })).toMatchObject({ seen: false });
  });

  it('leaves room for a gateway that noted when a request came, and was late in judging it', () => {
    // The third came 80 ms after the burst was used up, and was judged 20 ms later.
    const events = [passed(1000), passed(1001), throttled(1002), passed(1080)];
    expect(effectOf('slowdown-rate', ten, events, { end }).seen).toBe(false);
    const late = [lateness(1300, 25)];
    expect(effectOf('slowdown-rate', ten, [...events, late], { end }).seen).toBe(true);
    expect(effectOf('slowdown-rate', ten, [...events, [lateness(1300, 25, 'subject')]], { end }).seen).toBe(false);
    expect(effectOf('slowdown-rate', ten, [...events, passed(1081), late], { end }).seen).toBe(false);
  });

  it('is not seen when it counts and does nothing', () => {
    expect(effectOf('slowdown-rate', ten, [passed(1000), passed(1100)], { end: { fired: 7 } })).toEqual({
      seen: false,
      message:
        '2 attempts were made, 2 for the busiest prefix, and none was too many: it needs more load, or a lower limit',
    });
  });

  it("is not seen in S3's own SlowDown", () => {
    const own = request('a', 'x', [1000, 1010], { upstream: 503, answered: { status: 503, code: 'SlowDown' } });
    expect(effectOf('slowdown-rate', ten, [own], { end }).seen).toBe(false);
  });

  it('is told in requests per second of the config', () => {
    const { message } = effectOf('slowdown-rate', ten, [passed(1000), passed(1001), throttled(1002)], {
      end,
      compression: { time: 20, bytes: 1 },
    });
    expect(message).toContain('0.1 requests per second passed');
  });
});

it("has S3's documented limits, unless told", async () => {
  expect((await injected('slowdown-rate', {})).rules).toEqual([
    { kind: 'throttle', rule, writesPerSecond: 3500, readsPerSecond: 5500, burstSeconds: 1, prefixSegments: 1 },
  ]);
  const given = {
    writes: 10,
    reads: 20,
    burst: '500ms',
    prefixSegments: 0,
    grow: { perSecond: 0.1, most: 4 },
    retryAfter: 5,
  };
  expect((await injected('slowdown-rate', given)).rules).toEqual([
    {
      kind: 'throttle',
      rule,
      writesPerSecond: 10,
      readsPerSecond: 20,
      burstSeconds: 0.5,
      prefixSegments: 0,
      growth: { perSecond: 0.1, most: 4 },
      retryAfter: 5,
    },
  ]);
});

it('is compressed in time: as many requests, in less of it', () => {
  const grow = { perSecond: 0.1, most: 4 };
  const given = parsed({ writes: 10, reads: 20, burst: '1s', grow });
  expect(slowdownRate.compress(given, new Compression(20, 100))).toEqual({
    writes: 200,
    reads: 400,
    burst: 50,
    prefixSegments: 1,
    grow: { perSecond: 2, most: 4 },
  });
});

it.each([
  [{ writes: 0 }, /^writes: a rate of 0 lets nothing through for ever/],
  [{ reads: -1 }, /^reads: /],
  [{ writes: '10/s' }, /^writes: expected a number of requests per second, like 100$/],
  [{ burst: '0s' }, /^burst: "0s" is nothing at all/],
  [{ prefixSegments: -1 }, /^prefixSegments: /],
  [{ grow: { perSecond: 0, most: 2 } }, /^grow.perSecond: /],
  [{ grow: { perSecond: 1, most: 1 } }, /^grow.most: /],
])('%j is refused', (given, objection) => {
  expect(objections('slowdown-rate', given)).toEqual([expect.stringMatching(objection)]);
});
