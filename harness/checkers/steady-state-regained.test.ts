import { describe, expect, it, test } from 'vitest';
import type { HistoryEvent } from '../history/events.ts';
import {
  check,
  cut,
  dropped,
  fault,
  flushEnd,
  flushStart,
  inOrder,
  type PartialContext,
  type RequestOptions,
  request,
  scenario,
} from './example-history.ts';
import { steadyStateRegained } from './steady-state-regained.ts';

const HEALED = 10_000;
const outage = fault('1-s3-error', [5_000, HEALED]);

/** So many PUTs of these bytes, one each 10 ms, that take `ms`. */
function puts(from: number, ms: number, count = 5, bytes = 5_000, options: RequestOptions = {}): HistoryEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const start = from + index * 10;
    const [, attempt] = request('a', `bloom-${index}`, [start, start + ms], options);
    return { ...attempt, bytesSent: bytes };
  });
}

/** So many blocks of 1 MB, each flushed in `ms`. */
function flushes(from: number, ms: number, count = 5): HistoryEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const block = `block-${from}-${index}`;
    const start = from + index * 10;
    const bytes = 1_000_000;
    return [{ ...cut(block, start), bytes } as HistoryEvent, flushStart(block, start), flushEnd(block, start + ms)];
  }).flat();
}

const judge = (events: readonly (HistoryEvent | HistoryEvent[])[], context: PartialContext = {}) => {
  const [finding, ...more] = check(steadyStateRegained, inOrder(scenario(), ...events), context);
  expect(more).toEqual([]);
  return finding;
};
const regained = (limit: number) => ({ expect: { regained: limit } });

describe('PUTs', () => {
  const before = puts(100, 20);

  it('that take as long as before pass, with both medians', () => {
    expect(judge([before, outage, puts(HEALED + 1, 24)], regained(2))).toEqual({
      checker: 'steady-state-regained',
      verdict: 'pass',
      message:
        'after the last heal, with the backlog gone, PUTs of 4KiB to 16KiB take 24ms at the median (5 PUTs), and took 20ms before the first fault (5 PUTs), sizes and times as they passed (at most 2 times as long, and 100ms, expected)',
    });
  });

  it('that began before the heal say nothing of the time after it, though they ended in it', () => {
    const cutOffByNothing = puts(HEALED - 2_000, 4_000, 9);
    const finding = judge([before, outage, cutOffByNothing, puts(HEALED + 1, 24)], regained(2));
    expect(finding).toMatchObject({ verdict: 'pass', message: expect.stringContaining('24ms at the median (5 PUTs)') });
  });

  it('that take longer than so many times, and 100 ms more, fail', () => {
    const verdicts = [140, 141].map((ms) => judge([before, outage, puts(HEALED + 1, ms)], regained(2))?.verdict);
    expect(verdicts).toEqual(['pass', 'fail']);
  });

  it('are told of when they take four times as long, and no scenario asks', () => {
    const notes = [180, 181].map((ms) => judge([before, outage, puts(HEALED + 1, ms)])?.note);
    expect(notes).toEqual([undefined, true]);
    expect(judge([before, outage, puts(HEALED + 1, 181)])?.verdict).toBe('pass');
  });

  it('are compared with those of their own size, and the worst is told', () => {
    const large = { before: puts(200, 30, 5, 5_000_000), after: puts(HEALED + 1, 300, 5, 5_000_000) };
    const finding = judge([before, large.before, outage, large.after, puts(HEALED + 100, 20)], regained(2));
    expect(finding?.verdict).toBe('fail');
    expect(finding?.message).toContain('PUTs of 4MiB to 16MiB take 300ms at the median');
    expect(judge([before, outage, large.after], regained(2))?.message).toContain('too few');
  });

  it.each<[string, HistoryEvent[]]>([
    ['in the outage', puts(6_000, 900)],
    ['that failed', puts(HEALED + 1, 900, 5, 5_000, { upstream: 503 })],
    ['that are no PUT', puts(HEALED + 1, 900, 5, 5_000, { operation: 'CompleteMultipartUpload' })],
  ])('%s count for nothing', (_what, slow) => {
    expect(judge([before, outage, slow, puts(HEALED + 200, 20)], regained(1))?.verdict).toBe('pass');
  });

  it.each([
    [4, 5],
    [5, 4],
  ])('are too few to be compared when there were %i before and %i after', (was, is) => {
    const finding = judge([puts(100, 20, was), outage, puts(HEALED + 1, 900, is)], regained(2));
    expect(finding).toMatchObject({ verdict: 'pass', message: expect.stringContaining('too few') as string });
  });
});

describe('the backlog', () => {
  const before = puts(100, 20);
  const slow = puts(HEALED + 1, 900);
  const stuck = [cut('stuck', 4_000), flushStart('stuck', 4_001)];

  it('has to be in S3 before anything counts', () => {
    const events = [before, stuck, outage, slow];
    expect(judge([...events, flushEnd('stuck', HEALED + 100), puts(HEALED + 101, 20)], regained(2))?.verdict).toBe(
      'pass',
    );
    expect(judge([...events, flushEnd('stuck', HEALED + 0.5)], regained(2))?.verdict).toBe('fail');
  });

  it('is gone with a block that is given up, and not with a flush that failed', () => {
    const events = [before, stuck, outage, slow];
    expect(judge([...events, dropped('stuck', HEALED + 0.5)], regained(2))?.verdict).toBe('fail');
    const failed = flushEnd('stuck', HEALED + 0.5, { outcome: 'fail' });
    expect(judge([...events, failed], regained(2))?.message).toContain('too few');
  });

  it('is that of the last heal: what came between two faults is of neither side', () => {
    const second = fault('2-latency', [HEALED + 2_000, HEALED + 3_000]);
    const events = [before, outage, slow, second, puts(HEALED + 4_000, 20)];
    expect(judge(events, regained(2))?.verdict).toBe('pass');
  });
});

describe('flushes', () => {
  it('are compared by the bytes that they bring to S3', () => {
    const finding = judge([flushes(100, 100), outage, flushes(HEALED + 1, 500)], regained(2));
    expect(finding).toMatchObject({
      verdict: 'fail',
      message:
        'after the last heal, with the backlog gone, flushes bring 2MB a second to S3 at the median (5 flushes), and brought 10MB before the first fault (5 flushes) (at most 2 times as long, and 100ms, expected)',
    });
    expect(judge([flushes(100, 100), outage, flushes(HEALED + 1, 300)], regained(2))?.verdict).toBe('pass');
  });

  it("are told of in the config's time and bytes", () => {
    const context = { ...regained(2), compression: { time: 10, bytes: 100 } };
    expect(judge([flushes(100, 100), outage, flushes(HEALED + 1, 100)], context)?.message).toContain(
      'flushes bring 100MB a second',
    );
  });
});

test('says so when there was no fault', () => {
  expect(judge([puts(100, 20), puts(200, 900)], regained(2))).toMatchObject({
    verdict: 'pass',
    message: 'no fault was injected: there was no outage to come back from',
  });
});
