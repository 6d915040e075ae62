import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LiveTraces, type PushLoad } from './live-traces.ts';

const second = 1000;
/** 40 traces of 5000 bytes a push, one push a second. */
const load: PushLoad = { bytesPerSecond: 200_000 };

test('a push brings as many bytes as the rate says, whatever was left out before', () => {
  const live = new LiveTraces({ bytesPerSecond: 333_333 }, 100);
  const bytes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((number) => live.push(number).bytes);
  expect(bytes.slice(0, 3)).toEqual([33_333, 33_334, 33_333]);
  expect(bytes.reduce((sum, one) => sum + one)).toBe(333_333);
  expect(live.push(100)).toEqual({ bytes: 33_333, traces: 7, refused: [] });
  expect(live.live).toEqual({ bytes: 366_666, traces: 77 });
});

test('a push that is smaller than a trace brings one', () => {
  expect(new LiveTraces({ bytesPerSecond: 10 }, second).push(1)).toEqual({ bytes: 10, traces: 1, refused: [] });
});

test('a trace is cut once it has been idle for the idle period, and is live until then', () => {
  const live = new LiveTraces(load, second);
  for (let number = 1; number <= 10; number++) live.push(number);
  expect(live.cut(10 * second, 5 * second, 30 * second)).toEqual({
    bytes: 1_000_000,
    traces: 200,
    lastSpanAt: 5 * second,
  });
  expect(live.live).toEqual({ bytes: 1_000_000, traces: 200 });
  expect(live.cut(10 * second, 5 * second, 30 * second).bytes).toBe(0);
  expect(live.cutAll()).toEqual({ bytes: 1_000_000, traces: 200, lastSpanAt: 10 * second });
  expect(live.live).toEqual({ bytes: 0, traces: 0 });
});

test('a period of thirds is the same moment on the grid', () => {
  // 10 s and 5 s, 30 times faster.
  const live = new LiveTraces(load, 10_000 / 30 / 10);
  const cut = [];
  for (let number = 1; number <= 300; number++) {
    live.push(number);
    if (number % 10 === 0) cut.push(live.cut(number * (10_000 / 30 / 10), 5000 / 30, 1000).traces);
  }
  // One trace a push.
  expect(cut).toEqual([5, ...Array(29).fill(10)]);
});

test('the spans of a long trace come evenly, from the first push on as if it had begun before', () => {
  // Each trace has 4 pushes: 40 begin with each, and 3 x 40 had begun before.
  const live = new LiveTraces({ ...load, traceLength: 3 * second }, second);
  expect(live.push(1)).toEqual({ bytes: 200_000, traces: 160, refused: [] });
  expect(live.push(2)).toEqual({ bytes: 200_000, traces: 40, refused: [] });
  // The oldest had its last span with the first push, of a quarter of its bytes.
  expect(live.cut(6 * second, 5 * second, 30 * second)).toEqual({ bytes: 50_000, traces: 40, lastSpanAt: second });
});

test('a trace that never is idle is cut when its first span is old enough, and begins again with its next', () => {
  const live = new LiveTraces({ ...load, traceLength: 99 * second }, second);
  for (let number = 1; number <= 30; number++) live.push(number);
  // Those of the first push: 100 cohorts of 40 traces, of which 70 have had more spans since, and all are 29 s old.
  expect(live.cut(30 * second, 5 * second, 30 * second).traces).toBe(25 * 40);
  expect(live.cut(31 * second, 50 * second, 30 * second).traces).toBe(75 * 40);
  const { traces } = live.push(31);
  expect(traces).toBe(71 * 40);
});

test('what is beyond the ingestion rate is refused, once the burst is used up', () => {
  const limits = { bytesPerSecond: 50_000, burstBytes: 250_000, liveTraces: 0 };
  const live = new LiveTraces({ ...load, limits }, second);
  expect(live.push(1)).toEqual({ bytes: 200_000, traces: 40, refused: [] });
  expect(live.push(2)).toEqual({ bytes: 100_000, traces: 20, refused: [{ bytes: 100_000, by: 'rate_limit_bytes' }] });
  expect(live.push(3)).toEqual({ bytes: 50_000, traces: 10, refused: [{ bytes: 150_000, by: 'rate_limit_bytes' }] });
  expect(live.live).toEqual({ bytes: 350_000, traces: 70 });
});

test('traces beyond the limit of live traces are refused, and there is room again once some were cut', () => {
  const limits = { bytesPerSecond: 1e9, burstBytes: 1e9, liveTraces: 50 };
  const live = new LiveTraces({ ...load, limits }, second);
  expect(live.push(1)).toEqual({ bytes: 200_000, traces: 40, refused: [] });
  expect(live.push(2)).toEqual({ bytes: 50_000, traces: 10, refused: [{ bytes: 150_000, by: 'max_traces_per_user' }] });
  expect(live.push(3)).toEqual({ bytes: 0, traces: 0, refused: [{ bytes: 200_000, by: 'max_traces_per_user' }] });
  expect(live.cut(6 * second, 5 * second, 30 * second).traces).toBe(40);
  expect(live.push(7)).toMatchObject({ bytes: 200_000, traces: 40 });
});

test('spans of a trace that is live are taken in however many traces there are', () => {
  const limits = { bytesPerSecond: 1e9, burstBytes: 1e9, liveTraces: 160 };
  const live = new LiveTraces({ ...load, traceLength: 3 * second, limits }, second);
  expect(live.push(1)).toEqual({ bytes: 200_000, traces: 160, refused: [] });
  // Three cohorts of four go on; those that would begin are too many.
  expect(live.push(2)).toEqual({ bytes: 150_000, traces: 0, refused: [{ bytes: 50_000, by: 'max_traces_per_user' }] });
});

test('both limits at once: each is told what it refused', () => {
  const limits = { bytesPerSecond: 100_000, burstBytes: 100_000, liveTraces: 5 };
  expect(new LiveTraces({ ...load, limits }, second).push(1)).toEqual({
    bytes: 25_000,
    traces: 5,
    refused: [
      { bytes: 100_000, by: 'rate_limit_bytes' },
      { bytes: 75_000, by: 'max_traces_per_user' },
    ],
  });
});

test('no byte is lost between what is sent, refused, live and cut, and no limit is passed', () => {
  const some = fc.record({
    bytesPerSecond: fc.integer({ min: 1, max: 10_000_000 }),
    interval: fc.constantFrom(2, 10_000 / 3 / 70, 100, 1000),
    traceLength: fc.integer({ min: 0, max: 20_000 }),
    limits: fc.option(
      fc.record({
        bytesPerSecond: fc.integer({ min: 1, max: 5_000_000 }),
        burstBytes: fc.integer({ min: 1, max: 5_000_000 }),
        liveTraces: fc.nat(3000),
      }),
      { nil: undefined },
    ),
    steps: fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.boolean()), { minLength: 1, maxLength: 60 }),
  });
  fc.assert(
    fc.property(some, ({ bytesPerSecond, interval, traceLength, limits, steps }) => {
      const live = new LiveTraces({ bytesPerSecond, traceLength, ...(limits && { limits }) }, interval);
      const sum = { bytes: 0, traces: 0 };
      let number = 0;
      for (const [step, cut] of steps) {
        number += step;
        const pushed = live.push(number);
        const refused = pushed.refused.reduce((all, { bytes }) => all + bytes, 0);
        const until = (n: number) => Math.round((n * interval * bytesPerSecond) / 1000);
        expect(pushed.bytes + refused).toBe(until(number) - until(number - 1));
        sum.bytes += pushed.bytes;
        sum.traces += pushed.traces;
        if (cut) {
          const out = live.cut(number * interval, 5 * interval, 30 * interval);
          sum.bytes -= out.bytes;
          sum.traces -= out.traces;
        }
        expect(live.live).toEqual(sum);
        if (limits?.liveTraces) expect(sum.traces).toBeLessThanOrEqual(limits.liveTraces);
      }
      const rest = live.cutAll();
      expect([rest.bytes, rest.traces]).toEqual([sum.bytes, sum.traces]);
    }),
    { numRuns: 200 },
  );
});
