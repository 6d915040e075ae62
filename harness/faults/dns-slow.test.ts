import { describe, expect, it } from 'vitest';
import { Compression } from '../scenario/compression.ts';
import { dnsSlow } from './dns-slow.ts';
import { effectOf } from './example-effect.ts';
import { connect, query } from './example-look-up.ts';

const rule = '1-dns-slow';
const slow = dnsSlow.parameters.parse({ delay: '200ms' });

describe('the effect', () => {
  it('is seen by look-ups that took as long as is due', () => {
    const happened = [
      [query(1101, { rule }), connect(1100, 203)],
      [query(1401, { rule }), connect(1400, 180)],
      // Came late to a look-up that was under way, and shared it.
      [connect(1500, 60)],
    ];
    expect(effectOf('dns-slow', slow, happened)).toEqual({
      seen: true,
      message: '2 queries were affected, and 2 of 3 connects took 200ms or more for the name, or failed',
    });
  });

  it('is told as the config has it', () => {
    const happened = [[query(1101, { rule }), connect(1100, 203)]];
    const { message } = effectOf('dns-slow', slow, happened, { compression: { time: 20, bytes: 1 } });
    expect(message).toContain('took 4s or more');
  });

  it('is seen by look-ups that gave up', () => {
    const happened = [[query(1101, { rule }), connect(1100, 100, { failure: 'dns' })]];
    expect(effectOf('dns-slow', slow, happened).seen).toBe(true);
  });

  it('is not seen when one look-up was late and most that met it were not', () => {
    const at = (start: number, ms: number) => [query(start + 1, { rule }), connect(start, ms)];
    const happened = [at(1100, 203), at(1400, 5), at(1500, 6)];
    expect(effectOf('dns-slow', slow, happened, { end: { fired: 3 } })).toEqual({
      seen: false,
      message:
        '3 queries were affected, but only 1 of 3 connects that they were for took 200ms or more for the name, or failed',
    });
    expect(effectOf('dns-slow', slow, [...happened, at(1600, 210)], { end: { fired: 4 } }).seen).toBe(true);
  });

  it('is not seen when the answers came at once', () => {
    const happened = [[query(1101, { rule }), connect(1100, 179)]];
    expect(effectOf('dns-slow', slow, happened, { end: { fired: 7 } })).toEqual({
      seen: false,
      message: '1 query was affected, but none of 1 connect took 200ms or more for the name, or failed',
    });
  });

  it('is not seen by a look-up that was slow for another reason', () => {
    expect(effectOf('dns-slow', slow, [[query(1101), connect(1100, 300)]], { end: { fired: 7 } }).seen).toBe(false);
  });
});

it('is compressed, and refused when it gets too short', () => {
  expect(dnsSlow.compress(slow, new Compression(20, 1))).toEqual({ delay: 10, connections: 'end' });
  expect(() => dnsSlow.compress(slow, new Compression(101, 1))).toThrow('delay: 200ms divided by');
});

it.each([{}, { delay: '0s' }, { delay: '-1s' }, { delay: 2 }, { delay: '1s', connections: 'close' }])(
  '%j is refused',
  (parameters) => {
    expect(dnsSlow.parameters.safeParse(parameters).success).toBe(false);
  },
);
