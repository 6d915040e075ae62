import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatByteSize, formatRate, parseByteSize, parseRate } from './byte-size.ts';

describe('parseByteSize', () => {
  it.each([
    ['0', 0],
    ['0B', 0],
    ['100B', 100],
    ['1kB', 1000],
    ['1KB', 1000],
    ['20MB', 20_000_000],
    ['1.5 GiB', 1_610_612_736],
    ['500MiB', 524_288_000],
    ['0.3KiB', 307],
    ['2TB', 2e12],
  ])('reads %s as %d bytes', (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes);
  });

  it.each([
    ['500', 'is no size, its unit is missing: a size is a number with a unit of B, kB'],
    ['500mib', 'is no size, "mib" is written MiB: '],
    ['8Mb', 'is no size, b means bits: 8Mb is 1MB: '],
    ['8Kbit', 'is no size, b means bits: 8Kbit is 1kB: '],
    ['9000TiB', 'is no size that can be counted exactly, it is over 8 PiB: '],
    ['-1MiB', 'is no size: '],
    ['1MiB/s', 'is no size: '],
    ['1XB', 'is no size: '],
    ['', 'is no size: '],
  ])('refuses "%s", and says why', (text, why) => {
    expect(() => parseByteSize(text)).toThrow(`"${text}" ${why}`);
  });
});

describe('parseRate', () => {
  it.each([
    ['1MiB/s', 1_048_576],
    ['20MB/s', 20_000_000],
    ['1.5 MB/s', 1_500_000],
    ['0', 0],
    ['0B/s', 0],
  ])('reads %s as %d bytes per second', (text, rate) => {
    expect(parseRate(text)).toBe(rate);
  });

  it.each([
    ['20MB', 'is no rate, "/s" is missing: a rate is a size per second, such as 20MB/s or 1.5MiB/s'],
    ['20/s', 'is no rate, its unit is missing: '],
    ['100Mbit/s', 'is no rate, b means bits: 100Mbit is 12.5MB: '],
    ['100Mbps', 'is no rate, b means bits: 100Mb is 12.5MB: '],
    ['20MBps', 'is no rate, "ps" is written "/s": '],
    ['1MiB/m', 'is no rate, "/s" is missing: '],
  ])('refuses "%s", and says why', (text, why) => {
    expect(() => parseRate(text)).toThrow(`"${text}" ${why}`);
  });
});

describe('formatByteSize', () => {
  it.each([
    [0, '0B'],
    [800, '800B'],
    [1024, '1KiB'],
    [1000, '1kB'],
    [65_536, '64KiB'],
    [524_288_000, '500MiB'],
    [600_000_000, '600MB'],
    [1_572_864, '1.5MiB'],
    [524_288_000 / 300, '1.67MiB'],
    [1_048_575, '1MiB'],
    [2 ** 50, '1024TiB'],
    [-600_000_000, '-600MB'],
    [0.25, '0.25B'],
  ])('prints %d as %s', (bytes, text) => {
    expect(formatByteSize(bytes)).toBe(text);
  });

  it('is read back as nearly the same', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 50), (bytes) => {
        const back = parseByteSize(formatByteSize(bytes));
        expect(Math.abs(back - bytes)).toBeLessThanOrEqual(bytes * 0.006);
        expect(formatByteSize(back)).toBe(formatByteSize(bytes));
      }),
    );
  });

  it('prints rates', () => {
    expect(formatRate(20_000_000)).toBe('20MB/s');
  });
});
