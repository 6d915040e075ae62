import { describe, expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import type { WireEvent } from '../history/events.ts';
import { Compression } from '../scenario/compression.ts';
import { cutAfter } from './cut-after.ts';
import { effectOf } from './example-effect.ts';

const cut = (start: number, end = start + 10) =>
  request('block', `object-${start}`, [start, end], {
    client: { failure: 'reset', outcome: 'info' },
    upstream: 'none',
  }).slice(1);
const answered = (start: number) => request('block', `object-${start}`, [start, start + 10]);
const connection = (opened: number, t: number, bytesIn: number): WireEvent[] => [
  { t, type: 'wire', route: 'route', connection: opened, opened, bytesIn, bytesOut: 100, ended: 'client' },
];
const limit = cutAfter.parameters.parse({ bytes: '1MB' });

describe('the effect', () => {
  it('is seen by requests that lost their connection while it was in force', () => {
    const happened = [cut(990, 1001), answered(1100), cut(1200), connection(1000, 1210, 1e6)];
    expect(effectOf('cut-after', limit, happened)).toEqual({
      seen: true,
      acted: 2,
      message: '2 of 3 requests lost their connection, which ended after 1MB',
    });
  });

  it('is not seen when none was', () => {
    expect(effectOf('cut-after', limit, [answered(1100), cut(900, 999)])).toEqual({
      seen: false,
      acted: 0,
      message: 'none of 1 request lost its connection: it needs more than 1MB to pass on one',
    });
  });

  it('is not seen when a connection passed more', () => {
    expect(effectOf('cut-after', limit, [cut(1200), connection(1000, 1300, 1e6 + 1)])).toEqual({
      seen: false,
      acted: 1,
      message: '1 connection passed more than the 1MB after which each should have ended',
    });
  });

  it('does not ask how much passed on connections from before, or that outlived it, nor downstream', () => {
    const old = [connection(990, 1300, 9e6), connection(1500, 2500, 9e6)];
    expect(effectOf('cut-after', limit, [cut(1200), ...old])).toMatchObject({ seen: true });
    const downstream = { ...limit, direction: 'downstream' };
    expect(effectOf('cut-after', downstream, [cut(1200), connection(1000, 1300, 9e6)])).toMatchObject({ seen: true });
  });

  it('is told as the config has it', () => {
    const compressed = cutAfter.compress(limit, new Compression(20, 100));
    expect(compressed).toEqual({ bytes: 10_000, direction: 'upstream' });
    const compression = { time: 20, bytes: 100 };
    expect(effectOf('cut-after', compressed, [cut(1200)], { compression }).message).toContain('after 1MB');
  });
});
