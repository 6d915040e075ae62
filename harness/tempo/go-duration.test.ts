import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, formatGoDuration, parseDuration, parseGoDuration } from './go-duration.ts';

describe('parseGoDuration', () => {
  it.each([
    ['15m', 900_000],
    ['1h30m', 5_400_000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
    ['100us', 0.1],
    ['100µs', 0.1],
    ['100μs', 0.1],
    ['1ns', 0.000001],
    ['.5s', 500],
    ['1.s', 1000],
    ['1m1ms', 60_001],
    ['+2s', 2000],
    ['-5m', -300_000],
    ['0', 0],
    ['-0', 0],
    ['0s', 0],
    // Finer than a nanosecond: cut off, as Go does.
    ['1.0000000009s', 1000],
    // The longest that Go can hold.
    ['2562047h47m16.854775807s', (2 ** 63 - 1) / 1e6],
  ])('reads %s as %d ms', (text, milliseconds) => {
    expect(parseGoDuration(text)).toBe(milliseconds);
  });

  it.each(['', '-', '.s', 's', '1', '1x', '5 m', ' 5m', '5m ', '1d', '1m30', '1e3s', '--1s', '١s'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseGoDuration(text)).toThrow(`"${text}" is no duration`);
    },
  );

  it('says what is wrong and what would be valid', () => {
    expect(() => parseGoDuration('30')).toThrow(
      '"30" is no duration, its unit is missing: a duration is a number with a unit of h, m, s, ms, us or ns, such as 15m, 1h30m, 1.5s or 500ms',
    );
    expect(() => parseGoDuration('2562048h')).toThrow(
      '"2562048h" is no duration that Go can hold, it is over 292 years',
    );
  });
});

describe('parseDuration', () => {
  it('reads what is not negative', () => {
    expect(parseDuration('2m')).toBe(120_000);
    expect(parseDuration('-0s')).toBe(0);
  });

  it('refuses what is negative', () => {
    expect(() => parseDuration('-1s')).toThrow('"-1s" is negative: a duration is');
  });
});

describe('formatGoDuration', () => {
  // The pairs of Go's own documentation and tests of time.Duration.String.
  it.each([
    [0, '0s'],
    [0.000001, '1ns'],
    [0.0011, '1.1µs'],
    [2.2, '2.2ms'],
    [3300, '3.3s'],
    [245_000, '4m5s'],
    [245_001, '4m5.001s'],
    [18_367_001, '5h6m7.001s'],
    [300_000, '5m0s'],
    [3_600_000, '1h0m0s'],
    [-90_000, '-1m30s'],
  ])('prints %d ms as %s', (milliseconds, text) => {
    expect(formatGoDuration(milliseconds)).toBe(text);
  });

  it('is read back as the same, to the nanosecond', () => {
    // Up to ten days, in which a number of milliseconds still tells nanoseconds apart.
    const nanoseconds = fc.integer({ min: -864e12, max: 864e12 });
    fc.assert(
      fc.property(nanoseconds, (ns) => {
        const ms = ns / 1e6;
        expect(Math.round(parseGoDuration(formatGoDuration(ms)) * 1e6)).toBe(ns === 0 ? 0 : ns);
        expect(parseGoDuration(formatDuration(ms))).toBe(parseGoDuration(formatGoDuration(ms)));
      }),
    );
  });
});

describe('formatDuration', () => {
  it.each([
    [300_000, '5m'],
    [3_600_000, '1h'],
    [5_400_000, '1h30m'],
    [3_605_000, '1h0m5s'],
    [90_000, '1m30s'],
    [600_000, '10m'],
    [0, '0s'],
    [10_000, '10s'],
  ])('prints %d ms as %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });
});
