import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HistoryEvent, LatenessEvent } from '../history/events.ts';
import { BlockCourses } from './block-courses.ts';
import { cut, fault, flushEnd, flushStart, inOrder, lateness, request, scenario, slowDown } from './example-history.ts';
import { LateTime } from './late-time.ts';

type Events = Parameters<typeof inOrder>;

const policy = { dialTimeout: 800, tlsHandshakeTimeout: 800, dnsTimeout: 800, nodeDnsTimeout: 800 };

/** By how much block `a` may have been delayed between its cut and its end in S3; `tolerated` is 20 ms. */
function delayOf(...events: Events): number {
  const late = new LateTime();
  const courses = new BlockCourses(late);
  const timeline = [{ fault: 's3-error', for: 10_000 }];
  const history = inOrder({ ...scenario({ timeline }), settings: { policy } }, ...events);
  for (const event of history) {
    if (event.type === 'lateness') late.add(event);
    courses.see(event);
  }
  const course = courses.all.find(({ block }) => block === 'a');
  if (!course) throw new Error('there is no block a');
  return courses.delay(course, course.busySince, course.cut, course.visible ?? 20_000, 20);
}

/** One flush fails at 1500, by the attempt that is given; the next one is due at 4500, and ends well at 4600. */
const inTwoFlushes = (...failed: HistoryEvent[]) => [
  cut('a', 1_000),
  flushStart('a', 1_010),
  ...failed,
  flushEnd('a', 1_500, { outcome: 'fail', retryIn: 3_000 }),
  flushStart('a', 4_500, 2),
  flushEnd('a', 4_600, { attempt: 2 }),
];
const refused = slowDown('a', 'meta.json', [1_400, 1_410]);
const timedOut = (from: number, until: number) =>
  request('a', 'meta.json', [from, until], {
    upstream: 'none',
    client: { outcome: 'info', failure: 'header-timeout', phases: { wait: until - from } },
  });
const answered = (wait: number) => request('b', 'meta.json', [700 - wait, 700]);

test('a flush that S3 refused all along is as late as the processes were, and not for its wait', () => {
  const way = [fault('1-s3-error', [900, 1_900]), inTwoFlushes(...refused)] as const;
  expect(delayOf(...way, lateness(1_450, 50))).toBe(50);
  // In the wait for the next try: a timer was due at 4500, late or not.
  expect(delayOf(...way, lateness(3_500, 400))).toBe(0);
  // Once it was due.
  expect(delayOf(...way, lateness(4_700, 90))).toBe(90);
});

test('a stall that is tolerated delays nothing', () => {
  const way = [fault('1-s3-error', [900, 1_900]), inTwoFlushes(...refused)] as const;
  expect([delayOf(...way, lateness(1_450, 20)), delayOf(...way, lateness(1_450, 21))]).toEqual([0, 21]);
});

test('an attempt that lateness may have made to wait in vain costs all that came after the start of its flush', () => {
  const inVain = timedOut(1_100, 1_500);
  // Answers took 300 ms at most, and the timeout was 400: 92 ms fill it, but for 2 %.
  expect(delayOf(answered(300), inTwoFlushes(...inVain), lateness(1_480, 92))).toBeLessThan(100);
  expect(delayOf(answered(300), inTwoFlushes(...inVain), lateness(1_480, 93))).toBe(3_590 + 10);
  expect(delayOf(answered(10), inTwoFlushes(...inVain), lateness(1_480, 300))).toBeLessThan(800);
  // Nor what was late when it was over.
  expect(delayOf(answered(300), inTwoFlushes(...inVain), lateness(3_480, 200))).toBe(0);
});

test('a flush that its deadline ended may have been ended by a stall', () => {
  const way = [
    cut('a', 1_000),
    flushStart('a', 1_010),
    flushStart('a', 4_500, 2),
    flushEnd('a', 4_600, { attempt: 2 }),
  ];
  const ranOut = flushEnd('a', 2_010, { deadlineExceeded: true, retryIn: 2_490 });
  expect(delayOf(way, ranOut, lateness(1_900, 21))).toBeGreaterThan(3_500);
  expect(delayOf(way, ranOut, lateness(1_900, 20))).toBe(0);
});

test('a refusal is certain when the fault was in force at the cut, or for longer than the block was late', () => {
  // It began 300 ms before the attempt, and after the cut.
  const way = [fault('1-s3-error', [1_100, 1_900]), inTwoFlushes(...refused)] as const;
  expect(delayOf(...way, lateness(1_450, 200))).toBe(200);
  expect(delayOf(...way, lateness(1_450, 400))).toBe(3_600);
  // What a fault refused that hangs on the time, or nobody, may have been let through a little earlier.
  expect(delayOf(fault('1-slowdown-rate', [900, 1_900]), inTwoFlushes(...refused), lateness(1_450, 50))).toBe(3_600);
  expect(delayOf(inTwoFlushes(...refused), lateness(1_450, 50))).toBe(3_600);
});

test('what is left of an outage in which the block was cut is none of lateness', () => {
  const outage = fault('1-s3-error', [900, 10_900]);
  const starved = Array.from({ length: 40 }, (_, index) => lateness(index * 500, 499));
  const way = [cut('a', 1_000), flushStart('a', 1_010), flushEnd('a', 11_500)];
  expect(delayOf(...outage, way, starved)).toBe(600);
  expect(delayOf(way, starved)).toBe(10_500);
});

test('lateness before the cut counts since the path was idle last', () => {
  const way = [cut('a', 1_000), flushStart('a', 1_010), flushEnd('a', 1_200)];
  const before = lateness(900, 100);
  expect(delayOf(way, before)).toBe(0);
  expect(delayOf(cut('b', 300), way, before)).toBe(100);
  expect(delayOf(cut('b', 300), flushStart('b', 310), flushEnd('b', 950), way, before)).toBe(0);
  // A block that waits for its next try is in nobody's way.
  const waits = flushEnd('b', 950, { outcome: 'fail', retryIn: 5_000 });
  expect(delayOf(cut('b', 300), flushStart('b', 310), waits, way, before)).toBe(0);
});

test('flushes that need not have been are in the way of others', () => {
  const inVain = request('b', 'meta.json', [1_100, 1_500], {
    upstream: 'none',
    client: { outcome: 'info', failure: 'header-timeout', phases: { wait: 400 } },
  });
  const other = [
    cut('b', 1_000),
    flushStart('b', 1_010),
    ...inVain,
    flushEnd('b', 1_500, { outcome: 'fail', retryIn: 3_000 }),
    flushStart('b', 4_500, 2),
    flushEnd('b', 4_600, { attempt: 2 }),
  ];
  const way = [cut('a', 4_400), flushStart('a', 4_410), flushEnd('a', 4_700)];
  expect(delayOf(answered(300), other, way, lateness(1_480, 390))).toBe(100);
  expect(delayOf(answered(300), other, way)).toBe(0);
});

test('the wait of a writer for its next start counts when it was late in the one that failed', () => {
  const way = [cut('a', 1_000), flushStart('a', 3_000), flushEnd('a', 3_100)];
  const failed: HistoryEvent = {
    ...{ t: 1_300, type: 'writer.start-failed', writer: 'ingester-0', rule: '1-writer-crash' },
    ...{ start: 1_200, error: 'S3 is away', retryIn: 1_500 },
  };
  expect(delayOf(way, failed, lateness(1_290, 50))).toBe(1_650);
  expect(delayOf(way, lateness(1_290, 50))).toBe(50);
});

test('more lateness never delays less, and no block was delayed for longer than it took', () => {
  const reports = fc.array(
    fc.record({ t: fc.integer({ min: 900, max: 6_000 }), ms: fc.nat(500) }).map(({ t, ms }) => lateness(t, ms)),
    { maxLength: 12 },
  );
  const ways = fc.constantFrom<HistoryEvent[]>(
    [...fault('1-s3-error', [900, 1_900]), ...inTwoFlushes(...refused)],
    [...fault('1-s3-error', [1_100, 1_900]), ...inTwoFlushes(...refused)],
    [...answered(300), ...inTwoFlushes(...timedOut(1_100, 1_500))],
    inTwoFlushes(...refused),
  );
  fc.assert(
    fc.property(ways, reports, reports, (way, some, more) => {
      const delay = delayOf(way, some as LatenessEvent[]);
      expect(delayOf(way, some, more)).toBeGreaterThanOrEqual(delay - 1e-6);
      expect(delay).toBeLessThanOrEqual(3_600);
    }),
  );
});
