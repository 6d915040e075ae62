import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inOrder, phase, scenario, WRITER } from '../../checkers/example-history.ts';
import type { HistoryEvent } from '../../history/events.ts';
import { attribute } from './attribution.ts';
import { flushOf, type Request, usualRequests } from './example-flush.ts';
import { hideFaults } from './hide-faults.ts';

const took = fc.integer({ min: 0, max: 3_000 });
const fates: fc.Arbitrary<Partial<Request>> = fc.constantFrom(
  {},
  { client: { outcome: 'fail', status: 503, code: 'SlowDown', retryIn: 300 } as const },
  { client: { outcome: 'fail', status: 500, code: 'InternalError' } as const },
  { client: { outcome: 'info', failure: 'reset', retryIn: 100 } as const, unseen: true },
  { client: { outcome: 'info', failure: 'reset' } as const, edge: { cut: 'rule', rule: '1-x' } as const },
  { client: { outcome: 'info', failure: 'header-timeout', retryIn: 50 } as const, unanswered: true },
  { client: { outcome: 'info', failure: 'deadline' } as const, unanswered: true },
  { edge: { rule: '2-y', heldMs: 12, flipped: 1 } },
);
const requests: fc.Arbitrary<Request> = fc
  .tuple(
    fc.record(
      {
        socket: took,
        dns: took,
        connect: took,
        disk: took,
        way: took,
        uplink: took,
        blocked: took,
        s3: took,
        answer: took,
        after: took,
      },
      { requiredKeys: [] },
    ),
    fates,
    fc.constantFrom(100, 5_000_000),
    fc.constantFrom('data.parquet', 'index', 'meta.json'),
  )
  .map(([times, fate, bytes, name]) => ({ ...times, ...fate, bytes, name }));
const ends = fc.constantFrom(
  {},
  { outcome: 'fail', error: 'x', retryIn: 30_000 } as const,
  { deadlineExceeded: true, retryIn: 30_000 } as const,
);
/** The attempts to complete the block: all but the last failed. */
const completions = fc.array(fc.integer({ min: 1, max: 3_000 }), { maxLength: 3 });
const flushes = fc.array(fc.tuple(took, fc.array(requests, { maxLength: 8 }), ends, took, completions), {
  minLength: 1,
  maxLength: 5,
});
const reports = fc.array(fc.tuple(fc.integer({ min: 1_000, max: 30_000 }), fc.integer({ min: 0, max: 500 })), {
  maxLength: 10,
});

/** So many milliseconds before what follows it; what follows the last is the flush. */
function completed(index: number, flushed: number, ms: number, place: number, all: readonly number[]): HistoryEvent {
  const t = flushed - all.slice(place + 1).reduce((sum, later) => sum + later, 0);
  const isLast = place === all.length - 1;
  const about = { type: 'complete', writer: WRITER, block: `b${index}`, attempt: place + 1, queue: 0 } as const;
  return { ...about, t, start: t - ms, ...(isLast ? { outcome: 'ok' } : { outcome: 'fail', error: 'x', retryIn: 5 }) };
}

/** Flushes that overlap, and a process that is late now and then. Moments are whole, so that many are the same. */
const histories = fc.tuple(flushes, reports).map(([list, late]) =>
  inOrder(
    scenario(),
    phase('steady-state', 1),
    flushOf('steady', 100, usualRequests),
    phase('timeline', 1_000),
    ...list.map(([begin, sent, end, tail], index) => flushOf(`b${index}`, 10_000 + begin, sent, { ...end, tail })),
    ...list.map(([begin, , , , all], index) =>
      all.map((ms, place) => completed(index, 10_000 + begin, ms, place, all)),
    ),
    ...late.map(
      ([t, ms]): HistoryEvent => ({
        t,
        type: 'lateness',
        process: 'subject',
        maxMs: ms,
        totalMs: ms,
        intervalMs: 500,
      }),
    ),
  ),
);

test('the pieces of a flush sum to it, none of them usual for longer than it took', async () => {
  await fc.assert(
    fc.asyncProperty(histories, async (events) => {
      const { waterfalls } = await attribute(events);
      for (const { rows, durationMs } of waterfalls) {
        expect(rows.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(durationMs, 6);
        for (const { ms, usualMs } of rows) {
          expect(usualMs).toBeGreaterThanOrEqual(0);
          expect(usualMs).toBeLessThanOrEqual(ms + 1e-9);
        }
      }
    }),
  );
});

test('the shares of a run sum to 1, and what its flushes lost to what it lost', async () => {
  await fc.assert(
    fc.asyncProperty(histories, async (events) => {
      const { blame, waterfalls } = await attribute(events);
      const shares = blame.causes.reduce((sum, { share }) => sum + share, 0);
      expect(shares).toBeCloseTo(blame.causes.length === 0 ? 0 : 1, 9);
      expect(blame.causes.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(blame.lostMs, 6);
      expect(waterfalls.reduce((sum, { blame: one }) => sum + one.lostMs, 0)).toBeCloseTo(blame.lostMs, 6);
      expect(waterfalls).toHaveLength(blame.flushes);
    }),
  );
});

test('the order of events of the same moment makes no difference', async () => {
  await fc.assert(
    fc.asyncProperty(histories, async (events) => {
      const [first, ...rest] = events;
      const turned = [first as HistoryEvent, ...rest.reverse().sort((a, b) => a.t - b.t)];
      expect(await attribute(turned)).toEqual(await attribute(events));
    }),
  );
});

test('what only the injector of faults knows makes no difference', async () => {
  await fc.assert(
    fc.asyncProperty(histories, async (events) => {
      expect(await attribute(hideFaults(events))).toEqual(await attribute(events));
    }),
  );
});
