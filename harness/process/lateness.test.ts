import { expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import type { LatenessEvent } from '../history/events.ts';
import { watchLateness } from './lateness.ts';

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

it('reports how long the event loop was blocked, in the interval in which it was, and once more when it is stopped', async () => {
  const events: LatenessEvent[] = [];
  const stop = watchLateness('gateway', realClock, (event) => events.push(event));
  await realClock.sleep(600);
  const quiet = events.length;
  block(300);
  await realClock.sleep(1200);
  stop();
  const told = events.length;
  await realClock.sleep(700);
  expect(events).toHaveLength(told);
  expect(quiet).toBeGreaterThanOrEqual(1);
  expect(told).toBeGreaterThan(quiet + 1);
  // Timers of this process resolve milliseconds, the monitor 10 of them.
  expect(Math.max(...events.slice(quiet).map(({ maxMs }) => maxMs))).toBeGreaterThan(250);
  for (const { maxMs, totalMs } of events) expect(totalMs).toBeGreaterThanOrEqual(maxMs);
  expect(events.slice(quiet).reduce((sum, { totalMs }) => sum + totalMs, 0)).toBeLessThan(2000);
  // And it is told once: the last interval was after it.
  expect(events.at(-1)?.maxMs).toBeLessThan(250);
  // The intervals follow one another without a gap.
  for (const [index, { t, intervalMs, type, process }] of events.entries()) {
    expect([type, process]).toEqual(['lateness', 'gateway']);
    if (index > 0) expect(t - intervalMs).toBeCloseTo((events[index - 1] as LatenessEvent).t, 6);
  }
});

it('loses no block that ends when a report is due, whichever timer comes first then', async () => {
  const events: LatenessEvent[] = [];
  const stop = watchLateness('subject', realClock, (event) => events.push(event));
  for (let round = 0; round < 4; round++) {
    const told = events.length;
    while (events.length === told) await realClock.sleep(1);
    await realClock.sleep(450);
    realClock.after(1, () => {});
    block(200);
  }
  await realClock.sleep(1100);
  stop();
  expect(events.filter(({ maxMs }) => maxMs > 150)).toHaveLength(4);
  expect(events.reduce((sum, { totalMs }) => sum + totalMs, 0)).toBeGreaterThan(4 * 170);
});

it('tells the 99th percentile of all its delays so far, not of the last interval', async () => {
  const events: LatenessEvent[] = [];
  const stop = watchLateness('subject', realClock, (event) => events.push(event));
  for (let round = 0; round < 15; round++) {
    block(60);
    await realClock.sleep(15);
  }
  await realClock.sleep(600);
  stop();
  // The last interval was quiet: what was before is in it all the same.
  expect(events.at(-1)?.p99Ms).toBeGreaterThan(40);
  expect(events.at(-1)?.p99Ms).toBeLessThan(Math.max(...events.map(({ maxMs }) => maxMs)) + 1);
});

it('has nothing to report of a moment', () => {
  const events: LatenessEvent[] = [];
  watchLateness('dns', realClock, (event) => events.push(event))();
  expect(events).toHaveLength(1);
  expect(events[0]?.maxMs).toBe(0);
  expect(events[0]?.p99Ms).toBe(0);
});
