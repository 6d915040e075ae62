import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LateTime } from './late-time.ts';

interface Report {
  t: number;
  intervalMs: number;
  maxMs: number;
  totalMs: number;
}

const report = (t: number, maxMs: number, totalMs = maxMs, intervalMs = 500): Report => ({
  t,
  intervalMs,
  maxMs,
  totalMs,
});

function lateTime(...reports: Report[]): LateTime {
  const late = new LateTime();
  for (const one of [...reports].sort((a, b) => a.t - b.t)) late.add(one);
  return late;
}

test('counts no more than was told, nor more than the stretch has in common with the interval', () => {
  const late = lateTime(report(1_000, 100));
  expect(late.within(0, 2_000)).toBe(100);
  // It was late at some time between 400 and 1000.
  expect(late.within(400, 430)).toBe(30);
  expect(late.within(970, 2_000)).toBe(30);
  expect(late.within(0, 400)).toBe(0);
  expect(late.within(1_000, 2_000)).toBe(0);
  expect(late.within(500, 500)).toBe(0);
  expect(late.within(0, Number.POSITIVE_INFINITY)).toBe(100);
});

test('what several processes tell of one time is no longer than that time', () => {
  const stall = Array.from({ length: 6 }, (_, process) => report(10_000 + process, 400));
  const late = lateTime(...stall);
  // Six times 400 ms, all of them between 9100 and 10005.
  expect(late.within(0, 20_000)).toBeLessThanOrEqual(1_500);
  expect(late.within(0, 20_000)).toBeGreaterThanOrEqual(905);
  expect(late.within(9_500, 9_700)).toBe(200);
});

test('what any idle process is late by is none', () => {
  const late = lateTime(...Array.from({ length: 100 }, (_, index) => report(index * 500, 1.5, 9)));
  expect(late.within(0, 50_000)).toBe(0);
  expect(lateTime(report(500, 1.5, 30)).within(0, 500)).toBeCloseTo(20);
});

test('knows whether a process may have been late by more at once', () => {
  const late = lateTime(report(1_000, 100, 300), report(9_000, 20));
  expect(late.stalled(0, 10_000, 99)).toBe(true);
  expect(late.stalled(0, 10_000, 100)).toBe(false);
  expect([late.stalled(300, 401, 50), late.stalled(300, 400, 50)]).toEqual([true, false]);
  expect([late.stalled(999, 5_000, 50), late.stalled(1_000, 5_000, 50)]).toEqual([true, false]);
  expect([late.stalled(5_000, 10_000, 10), late.stalled(5_000, 10_000, 20)]).toEqual([true, false]);
});

/** A process that was late at known times, 10 ms each, and what it would tell of it. */
const processes = fc.array(
  fc.record({
    phase: fc.nat(49),
    late: fc.uniqueArray(fc.nat(399), { maxLength: 60 }),
  }),
  { minLength: 1, maxLength: 5 },
);

function toldBy({ phase, late }: { phase: number; late: number[] }): Report[] {
  const reports: Report[] = [];
  const sorted = [...late].sort((a, b) => a - b);
  for (let end = phase + 50; end < 450 + phase; end += 50) {
    const within = sorted.filter((at) => at >= end - 50 && at < end);
    let longest = 0;
    let run = 0;
    for (let at = end - 50; at < end; at++) {
      run = late.includes(at) ? run + 10 : 0;
      longest = Math.max(longest, run);
    }
    reports.push(report(end * 10, longest, within.length * 10));
  }
  // What was before the first report.
  const first = sorted.filter((at) => at < phase).length * 10;
  return [...reports, report(phase * 10, first, first, phase * 10)];
}

test('is never less than the time for which some process truly was late', () => {
  fc.assert(
    fc.property(processes, fc.nat(4_500), fc.nat(4_500), (told, one, other) => {
      const [from, until] = [Math.min(one, other), Math.max(one, other)];
      const late = lateTime(...told.flatMap(toldBy));
      const moments = new Set(told.flatMap((process) => process.late));
      let truly = 0;
      for (const at of moments) truly += Math.max(0, Math.min(until, at * 10 + 10) - Math.max(from, at * 10));
      // Of each interval 2 % may be put down to the timers.
      const timers = told.flatMap(toldBy).reduce((sum, { intervalMs }) => sum + intervalMs * 0.02, 0);
      expect(late.within(from, until)).toBeGreaterThanOrEqual(truly - timers);
      expect(late.within(from, until)).toBeLessThanOrEqual(until - from);
    }),
  );
});

test('more lateness, or a longer stretch, is never less; and what is far from the stretch changes nothing', () => {
  const reports = fc.array(
    fc
      .record({ t: fc.nat(10_000), maxMs: fc.nat(800), more: fc.nat(300) })
      .map(({ t, maxMs, more }) => report(t, maxMs, maxMs + more)),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(reports, reports, fc.nat(8_000), fc.nat(3_000), fc.nat(500), (some, more, from, length, longer) => {
      const until = from + length;
      const before = lateTime(...some).within(from, until);
      expect(lateTime(...some, ...more).within(from, until)).toBeGreaterThanOrEqual(before - 1e-6);
      expect(lateTime(...some).within(from - longer, until + longer)).toBeGreaterThanOrEqual(before - 1e-6);
      const far = more.map((one) => ({ ...one, t: one.t + until + 2_000 }));
      expect(lateTime(...some, ...far).within(from, until)).toBeCloseTo(before, 6);
    }),
  );
});
