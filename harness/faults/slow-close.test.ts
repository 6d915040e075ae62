import { describe, expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import type { WireEvent } from '../history/events.ts';
import { effectOf } from './example-effect.ts';
import { slowClose } from './slow-close.ts';

let clientConnections = 0;
/** A request of 10 ms, on a connection of its own unless told. */
function over(connection: number, start: number, { reused = false, route = 'route' } = {}) {
  if (!reused) clientConnections++;
  return request('block', `object-${start}`, [start, start + 10], {
    edge: { connection, route },
    client: { connection: clientConnections, reused },
  });
}
const ended = (connection: number, t: number, route = 'route'): WireEvent[] => [
  { t, type: 'wire', route, connection, opened: 900, bytesIn: 1, bytesOut: 1, ended: 'client' },
];
const delay = slowClose.parameters.parse({ delay: '200ms' });

describe('the effect', () => {
  it('is seen by connections that S3 kept for the delay, though their client had opened another', () => {
    const happened = [over(1, 1000), ended(1, 1211), over(2, 1050), ended(2, 1270), over(3, 1100)];
    expect(effectOf('slow-close', delay, happened)).toEqual({
      seen: true,
      acted: 2,
      message:
        '2 connections that the client had closed ended at S3 201ms after the last request at the median, of 200ms due',
    });
  });

  it('is not seen when S3 saw them end at once', () => {
    const happened = [over(1, 1000), ended(1, 1015), over(2, 1050), ended(2, 1065), over(3, 1100)];
    expect(effectOf('slow-close', delay, happened)).toEqual({
      seen: false,
      acted: 0,
      message:
        '2 connections that the client had closed ended at S3 5ms after the last request at the median, of 200ms due',
    });
  });

  it('is not told by connections that the client kept: an idle one may last as long', () => {
    const kept = [over(1, 1000), over(1, 1050, { reused: true }), ended(1, 1400)];
    const idle = [over(2, 1500), ended(2, 1800)];
    expect(effectOf('slow-close', delay, [...kept, ...idle])).toEqual({
      seen: false,
      acted: 0,
      message:
        'no connection was seen to be closed by its client 200ms or more before the heal (2 requests opened one, 1 used one that was open): a short policy.idleConnectionTimeout would close them',
    });
  });

  it('is not told by a request over another connection that was open: the client may keep both', () => {
    const happened = [over(1, 1000), over(2, 1005), over(2, 1050, { reused: true }), ended(1, 1300)];
    expect(effectOf('slow-close', delay, happened)).toMatchObject({ seen: false, acted: 0 });
  });

  it('is not told by a new connection that came too late, or while the one before was still given back', () => {
    expect(effectOf('slow-close', delay, [over(1, 1000), ended(1, 1300), over(2, 1111)])).toMatchObject({ acted: 0 });
    expect(effectOf('slow-close', delay, [over(1, 1000), ended(1, 1300), over(2, 1012)])).toMatchObject({ acted: 0 });
    expect(effectOf('slow-close', delay, [over(1, 1000), ended(1, 1300), over(2, 1110)])).toMatchObject({ acted: 1 });
  });

  it('is not told by a delay that the heal cut short, nor by one that began before', () => {
    const short = [over(1, 1795), ended(1, 2001), over(2, 1830)];
    const old = [over(3, 980), ended(3, 1300), over(4, 1010)];
    expect(effectOf('slow-close', delay, [...short, ...old])).toMatchObject({ seen: false, acted: 0 });
  });

  it('does not take connections of other routes for the same', () => {
    for (const [ofEdge, ofWire] of [
      ['route', 'other'],
      ['other', 'route'],
    ] as const) {
      const happened = [over(1, 1000, { route: ofEdge }), ended(1, 1300, ofWire), over(2, 1050)];
      expect(effectOf('slow-close', delay, happened)).toMatchObject({ seen: false, acted: 0 });
    }
  });
});
