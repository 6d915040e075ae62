import { describe, expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import { Compression } from '../scenario/compression.ts';
import { effectOf } from './example-effect.ts';
import { slicer } from './slicer.ts';

/** A body of `bytes` that S3 got whole within `ms`. */
const sent = (start: number, bytes: number, ms: number) =>
  request('block', `object-${start}`, [start, start + ms + 1], {
    edge: { bytesIn: bytes, start, bodyEnd: start + ms },
  });
/** 100 ms for each 10 kB. */
const pieces = slicer.parameters.parse({ size: '1kB', delay: '10ms' });
const before = sent(100, 100_000, 20);

describe('the effect', () => {
  it('is seen when every body took the time of its pieces, and each of them counts', () => {
    expect(effectOf('slicer', pieces, [sent(1000, 20_000, 200), sent(1300, 20_000, 400)], { before })).toEqual({
      seen: true,
      acted: 2,
      message: 'the quickest of 2 bodies took 1.0 times what 1kB each 10ms takes',
    });
  });

  it('is not seen when one came faster', () => {
    expect(effectOf('slicer', pieces, [sent(1000, 20_000, 200), sent(1300, 20_000, 150)], { before })).toEqual({
      seen: false,
      acted: 1,
      message: 'the quickest of 2 bodies took 0.8 times what 1kB each 10ms takes',
    });
  });

  it('is told from when the client could send: an edge that was late in seeing the head found most of it there', () => {
    const late = (took: number) =>
      request('block', 'late', [1000, 1400], {
        client: { phases: { connect: 60, send: took, wait: 5 } },
        edge: { bytesIn: 20_000, start: 1060 + took - 20, bodyEnd: 1060 + took },
      });
    expect(effectOf('slicer', pieces, [late(200)], { before })).toMatchObject({ seen: true, acted: 1 });
    expect(effectOf('slicer', pieces, [late(150)], { before })).toMatchObject({ seen: false, acted: 0 });
  });

  it('is not seen when bodies took as long before', () => {
    const slow = sent(100, 10_000, 100);
    expect(effectOf('slicer', pieces, [sent(1000, 20_000, 200)], { before: [...before, ...slow] })).toEqual({
      seen: false,
      acted: 0,
      message: 'bodies came no faster than 1kB each 10ms before the first fault: only a longer delay could show',
    });
  });

  it('knows that Toxiproxy reads 32 KiB at most', () => {
    const large = slicer.parameters.parse({ size: '1MiB', delay: '10ms' });
    expect(effectOf('slicer', large, [sent(1000, 64 * 32 * 1024, 640)], { before })).toMatchObject({ seen: true });
    expect(effectOf('slicer', large, [sent(1000, 64 * 32 * 1024, 500)], { before })).toMatchObject({ seen: false });
  });

  it.each([
    ['are small', sent(1000, 9_999, 1)],
    ['began before', sent(999, 20_000, 1)],
    ['were not whole when its healing began', sent(1990, 20_000, 11)],
    ['never reached S3', sent(1000, 20_000, 1).slice(1)],
  ])('is not told by bodies that %s', (_which, happened) => {
    expect(effectOf('slicer', pieces, [happened], { before })).toEqual({
      seen: false,
      acted: 0,
      message: 'no body of 10 pieces or more (1kB each 10ms) arrived while it was in force',
    });
  });

  it('is told as the config has it', () => {
    const compressed = slicer.compress(
      slicer.parameters.parse({ size: '100kB', delay: '200ms' }),
      new Compression(20, 100),
    );
    expect(compressed).toEqual({ size: 1000, delay: 10 });
    const compression = { time: 20, bytes: 100 };
    expect(effectOf('slicer', compressed, [sent(1000, 20_000, 200)], { before, compression }).message).toContain(
      'what 100kB each 200ms takes',
    );
  });
});
