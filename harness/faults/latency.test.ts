import { describe, expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import { Compression } from '../scenario/compression.ts';
import { effectOf } from './example-effect.ts';
import { latency } from './latency.ts';

/** A request from `start` that spent `between` ms between the client and the S3 edge, which took 10 ms itself. */
function spent(start: number, between: number) {
  const end = start + between + 10;
  return request('block', `object-${start}`, [start, end], {
    client: { phases: { send: 4, wait: between + 6 } },
    edge: { start: start + 1, answerStart: start + 11 },
  });
}

const due = (change: object = {}) => latency.parameters.parse({ latency: '100ms', ...change });

describe('the effect', () => {
  it('is seen when three quarters of the requests spent what was due, and each of those counts', () => {
    expect(effectOf('latency', due(), [spent(1000, 100), spent(1200, 130), spent(1400, 101)])).toEqual({
      seen: true,
      acted: 3,
      message: '3 requests spent 100ms between client and S3, three quarters of them at least, of 100ms due',
    });
  });

  it('is not seen when Toxiproxy is bypassed', () => {
    expect(effectOf('latency', due(), [spent(1000, 1), spent(1200, 2), spent(1400, 1)])).toEqual({
      seen: false,
      acted: 0,
      message: '3 requests spent 1ms between client and S3, three quarters of them at least, of 100ms due',
    });
  });

  it('is not seen when only a few were slow, and those few count', () => {
    expect(effectOf('latency', due(), [spent(1000, 100), spent(1200, 2), spent(1400, 1)])).toMatchObject({
      seen: false,
      acted: 1,
    });
  });

  it('does not take a slow S3 for a slow way', () => {
    const slowS3 = request('block', 'slow', [1000, 1300], {
      client: { phases: { send: 1, wait: 299 } },
      edge: { start: 1000, answerStart: 1299 },
    });
    expect(effectOf('latency', due(), [slowS3])).toMatchObject({ seen: false, acted: 0 });
  });

  it('is four fifths of what was due or more', () => {
    expect(effectOf('latency', due(), [spent(1000, 80)])).toMatchObject({ seen: true, acted: 1 });
    expect(effectOf('latency', due(), [spent(1000, 79)])).toMatchObject({ seen: false, acted: 0 });
  });

  it('is due twice in both directions, and less by its jitter', () => {
    expect(effectOf('latency', due({ direction: 'both' }), [spent(1000, 150)])).toMatchObject({ seen: false });
    expect(effectOf('latency', due({ direction: 'both' }), [spent(1000, 160)])).toMatchObject({ seen: true });
    const jittered = due({ direction: 'both', jitter: '40ms' });
    expect(effectOf('latency', jittered, [spent(1000, 96)]).message).toContain('of 120ms due');
    expect(effectOf('latency', jittered, [spent(1000, 96)])).toMatchObject({ seen: true, acted: 1 });
  });

  it.each(['100ms', '200ms'])('is half of the latency at least, with a jitter of %s too', (jitter) => {
    const jittered = due({ jitter });
    expect(effectOf('latency', jittered, [spent(1000, 40)])).toMatchObject({ seen: true, acted: 1 });
    expect(effectOf('latency', jittered, [spent(1000, 39)])).toMatchObject({ seen: false, acted: 0 });
    // What the way itself takes is no delay.
    expect(effectOf('latency', jittered, [spent(1000, 3)])).toMatchObject({ seen: false, acted: 0 });
    expect(effectOf('latency', jittered, [spent(1000, 0)])).toMatchObject({ seen: false, acted: 0 });
  });

  it('is told by requests that were wholly in its time: not by those that it began or ended in the middle of', () => {
    const before = spent(990, 100);
    const acrossTheHeal = spent(1950, 45);
    expect(effectOf('latency', due(), [before, acrossTheHeal])).toEqual({
      seen: false,
      acted: 0,
      message: 'no request began and was answered while it was in force',
    });
    expect(effectOf('latency', due(), [before, acrossTheHeal, spent(1100, 100)])).toMatchObject({
      seen: true,
      acted: 1,
    });
  });

  it('ends when its healing begins, not when that is over', () => {
    const whileHealing = spent(1700, 5);
    const end = { until: 1600, t: 2000 };
    expect(effectOf('latency', due(), [spent(1000, 100), whileHealing], { end })).toMatchObject({
      seen: true,
      acted: 1,
    });
  });

  it('is not told by a request that got no answer, or never reached S3', () => {
    const lost = request('block', 'lost', [1100, 1300], { client: { phases: { send: 100 } } });
    const [, unseen] = spent(1100, 100);
    const [cut, attempt] = request('block', 'cut', [1100, 1300], { client: { phases: { send: 1, wait: 199 } } });
    expect(effectOf('latency', due(), [lost, [unseen], [cut, attempt]])).toMatchObject({ seen: false, acted: 0 });
  });

  it('is what came on top of the usual, so that a slow way is not taken for a slower one', () => {
    const slow = [spent(1000, 90), spent(1200, 95), spent(1400, 90)];
    expect(effectOf('latency', due(), slow)).toMatchObject({ seen: true, acted: 3 });
    const before = [spent(100, 90), spent(200, 15), spent(300, 90)].flat();
    expect(effectOf('latency', due(), slow, { before })).toEqual({
      seen: false,
      acted: 0,
      message:
        '3 requests spent 90ms between client and S3, three quarters of them at least, of 100ms due; before the first fault, one spent 15ms, and 2 of 3 as much as these: it may be the way itself, and only a longer latency or more requests would tell',
    });
    const delayed = [spent(1000, 115), spent(1200, 120), spent(1400, 110)];
    expect(effectOf('latency', due(), delayed, { before })).toMatchObject({ seen: true, acted: 3 });
  });

  it('is not missed for a machine that was slow before the first fault', () => {
    const before = [spent(100, 40), spent(200, 45), spent(300, 60), spent(400, 80), spent(500, 120)].flat();
    const delayed = (count: number) => Array.from({ length: count }, (_, index) => spent(1000 + index, 102));
    expect(effectOf('latency', due(), delayed(8), { before })).toMatchObject({ seen: true, acted: 8 });
    // Two may be as slow by themselves.
    expect(effectOf('latency', due(), delayed(2), { before })).toMatchObject({ seen: false, acted: 0 });
  });

  it('is not seen on a machine that makes most requests slow, and lets some through sooner than the delay', () => {
    const slow = Array.from({ length: 7 }, (_, index) => spent(1000 + index, 120));
    expect(effectOf('latency', due(), [...slow, spent(1100, 10)])).toMatchObject({ seen: true, acted: 7 });
    expect(effectOf('latency', due(), [...slow, spent(1100, 10), spent(1200, 12)])).toEqual({
      seen: false,
      acted: 7,
      message:
        '9 requests spent 120ms between client and S3, three quarters of them at least, of 100ms due, and 2 less than was due',
    });
  });

  it('is told in the time of the config', () => {
    const { message } = effectOf('latency', due(), [spent(1000, 100)], { compression: { time: 20, bytes: 1 } });
    expect(message).toBe('1 request spent 2s between client and S3, three quarters of them at least, of 2s due');
  });
});

it('is compressed in time', () => {
  const parameters = latency.parameters.parse({ latency: '500ms', jitter: '100ms', direction: 'both' });
  expect(latency.compress(parameters, new Compression(20, 100))).toEqual({ latency: 25, jitter: 5, direction: 'both' });
  expect(() => latency.compress(parameters, new Compression(60, 1))).toThrow('jitter: 100ms divided by');
});
