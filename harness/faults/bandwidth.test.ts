import { describe, expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import { Compression } from '../scenario/compression.ts';
import { bandwidth } from './bandwidth.ts';
import { effectOf } from './example-effect.ts';

const KiB = 1024;

/** A body of `bytes` that S3 got whole within `ms`. */
function sent(start: number, bytes: number, ms: number) {
  return request('block', `object-${start}-${bytes}`, [start, start + ms + 1], {
    edge: { bytesIn: bytes, start, bodyEnd: start + ms },
  });
}

/** 1 MiB/s. */
const cap = bandwidth.parameters.parse(bandwidth.example);

describe('the effect', () => {
  it('is seen when no body came faster than the cap, and each of them counts', () => {
    expect(effectOf('bandwidth', cap, [sent(1000, 512 * KiB, 500), sent(1000, 256 * KiB, 300)])).toEqual({
      seen: true,
      acted: 2,
      message: 'the fastest of 2 bodies arrived at 1MiB/s, capped at 1MiB/s',
    });
  });

  it('is not seen when Toxiproxy is bypassed', () => {
    expect(effectOf('bandwidth', cap, [sent(1000, 512 * KiB, 5), sent(1010, 512 * KiB, 10)])).toEqual({
      seen: false,
      acted: 0,
      message: 'the fastest of 2 bodies arrived at 100MiB/s, capped at 1MiB/s',
    });
  });

  it('is not seen when one of them came past the cap, and the others count', () => {
    expect(effectOf('bandwidth', cap, [sent(1000, 512 * KiB, 500), sent(1010, 512 * KiB, 10)])).toMatchObject({
      seen: false,
      acted: 1,
    });
  });

  it('is told from when the client could send: an edge that was late in seeing the head found most of it there', () => {
    const late = (took: number) =>
      request('block', 'late', [1000, 1600], {
        client: { phases: { dns: 10, connect: 20, send: took, wait: 5 } },
        edge: { bytesIn: 512 * KiB, start: 1030 + took - 40, bodyEnd: 1030 + took },
      });
    expect(effectOf('bandwidth', cap, [late(500)])).toMatchObject({ seen: true, acted: 1 });
    // What went before the sending is not of it.
    expect(effectOf('bandwidth', cap, [late(360)])).toMatchObject({ seen: false, acted: 0 });
  });

  it('leaves a burst of what was buffered to the cap', () => {
    expect(effectOf('bandwidth', cap, [sent(1000, 540 * KiB, 400)])).toMatchObject({ seen: true, acted: 1 });
    expect(effectOf('bandwidth', cap, [sent(1000, 560 * KiB, 400)])).toMatchObject({ seen: false, acted: 0 });
  });

  it.each([
    ['are small', sent(1000, 256 * KiB - 1, 10)],
    ['began before', sent(999, 512 * KiB, 10)],
    ['were not whole when its healing began', sent(1900, 512 * KiB, 101)],
    [
      'never came whole',
      request('block', 'cut', [1100, 1200], { edge: { bytesIn: 512 * KiB, bodyEnd: undefined } as never }),
    ],
    ['never reached S3', sent(1000, 512 * KiB, 10).slice(1)],
  ])('is not told by bodies that %s', (_which, events) => {
    expect(effectOf('bandwidth', cap, [events])).toEqual({
      seen: false,
      acted: 0,
      message: 'no body of 256 KiB or more was sent whole while it was in force, so no rate could be seen',
    });
  });

  it('is not seen when nothing was faster before, whatever the cap', () => {
    const slow = [sent(1000, 512 * KiB, 500)];
    const before = [sent(100, 512 * KiB, 400), sent(500, 512 * KiB, 450), sent(600, 100, 1)].flat();
    expect(effectOf('bandwidth', cap, slow, { before })).toEqual({
      seen: false,
      acted: 0,
      message:
        'no body came faster than 1.25MiB/s before the first fault, so a cap of 1MiB/s cannot be seen: only a lower one could',
    });
    const faster = [...before, ...sent(700, 512 * KiB, 100)];
    expect(effectOf('bandwidth', cap, slow, { before: faster })).toMatchObject({ seen: true, acted: 1 });
  });

  it('is told as the config has it', () => {
    const compressed = bandwidth.compress(bandwidth.parameters.parse({ rate: '8MB/s' }), new Compression(10, 20));
    expect(compressed).toEqual({ rate: 4e6, direction: 'upstream' });
    const { message } = effectOf('bandwidth', compressed, [sent(1000, 400_000, 100)], {
      compression: { time: 10, bytes: 20 },
    });
    expect(message).toBe('the fastest of 1 bodies arrived at 8MB/s, capped at 8MB/s');
  });
});
