import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HistoryEvent } from '../history/events.ts';
import type { Expectations } from '../scenario/expectations.ts';
import { backlog } from './backlog.ts';
import {
  check,
  cleared,
  cutOf,
  dropped,
  fault,
  flushEnd,
  flushStart,
  inOrder,
  scenario,
  WRITER,
  walPage,
} from './example-history.ts';
import { LocalBacklog } from './local-backlog.ts';

const compression = { time: 1, bytes: 1_000 };
/** A disk of 10MB, of which 3MB are not in S3 at the peak. */
const disk = { ...scenario(), settings: { deployment: { diskPerIngester: 10_000 } } };
const peakOf3 = [
  walPage('a', 1, 1, 2_000),
  cutOf('a', 2, 2_000),
  walPage('b', 3, 1, 1_000),
  flushStart('a', 4),
  flushEnd('a', 5),
];
const judge = (events: HistoryEvent[], limit?: Expectations['backlog']) =>
  check(backlog, inOrder(events), { compression, expect: limit ? { backlog: limit } : {} })[0];

test('the peak is told against the disk of the deployment, and not judged', () => {
  expect(judge([disk, ...peakOf3])).toEqual({
    checker: 'backlog',
    verdict: 'pass',
    message: "at its peak, 3MB on one writer's local disk were not in S3, 30 % of its 10MB (deployment.disk)",
  });
});

test('a limit is a size, or a share of the disk', () => {
  expect(judge([disk, ...peakOf3], { bytes: 3_000_000 })?.verdict).toBe('pass');
  expect(judge([disk, ...peakOf3], { bytes: 2_999_999 })?.verdict).toBe('fail');
  expect(judge([disk, ...peakOf3], { share: 0.3 })?.verdict).toBe('pass');
  expect(judge([disk, ...peakOf3], { share: 0.29 })?.message).toBe(
    "at its peak, 3MB on one writer's local disk were not in S3, 30 % of its 10MB (deployment.disk) (at most 29 % expected)",
  );
  expect(judge(peakOf3, { share: 0.5 })?.verdict).toBe('inconclusive');
});

test('a disk that a fault filled has less room than the deployment says', () => {
  const full = fault('1-disk-full', [2, 9]).map((event) =>
    'with' in event ? { ...event, with: { capacity: 4_000 } } : event,
  );
  expect(judge([disk, ...peakOf3, ...full])?.message).toMatch(/, 75 % of its 4MB \(fault 1-disk-full\)$/);
  const other = full.map((event) => ('fault' in event ? { ...event, fault: 'shared-bandwidth' } : event));
  expect(judge([disk, ...peakOf3, ...other])?.message).toMatch(/, 30 % of its 10MB \(deployment.disk\)$/);
  const roomy = full.map((event) => ('with' in event ? { ...event, with: { capacity: 40_000 } } : event));
  expect(judge([disk, ...peakOf3, ...roomy])?.message).toMatch(/, 30 % of its 10MB \(deployment.disk\)$/);
});

test('without a page it is not known', () => {
  expect(judge([disk, cutOf('a', 2, 2_000)])?.verdict).toBe('pass');
  expect(judge([disk, cutOf('a', 2, 2_000)], { bytes: 1 })?.verdict).toBe('inconclusive');
});

type State = 'wal' | 'local' | 'kept';
type Step = [becomes: State, event: (block: string, t: number, bytes: number) => HistoryEvent];

/** What may happen to a block next: in the WAL, on the local disk, or in S3 and kept there. */
const next: Record<State, Step[]> = {
  wal: [
    ['wal', (block, t, bytes) => walPage(block, t, 1, bytes)],
    ['local', cutOf],
    ['wal', (block, t) => dropped(block, t)],
  ],
  local: [
    ['local', (block, t) => flushEnd(block, t, { outcome: 'fail' })],
    ['kept', (block, t) => flushEnd(block, t)],
    ['wal', (block, t) => dropped(block, t)],
  ],
  kept: [
    ['wal', cleared],
    ['local', cutOf],
  ],
};

test('the peak is the most that was on one disk at any moment, whatever happens to blocks', () => {
  const writer = fc.constantFrom(WRITER, 'ingester-1');
  const step = fc.record({ writer, block: fc.nat(2), bytes: fc.integer({ min: 1, max: 99 }), draw: fc.nat(5) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const are = new Map<string, State>();
      const events = steps.map(({ writer, block, bytes, draw }, index) => {
        const name = `${writer}-${block}`;
        const may = next[are.get(name) ?? 'wal'];
        const [becomes, event] = may[draw % may.length] as Step;
        are.set(name, becomes);
        return { ...event(name, index, bytes), writer } as HistoryEvent;
      });
      const content = new LocalBacklog();
      let most = 0;
      for (const event of events) {
        content.see(event);
        for (const one of [WRITER, 'ingester-1']) {
          const { unflushed, waiting, inWal } = content.contentOf(one);
          most = Math.max(most, unflushed.bytes + waiting.bytes + inWal.bytes);
        }
      }
      if (!events.some(({ type }) => type === 'wal.page')) return;
      expect(judge(events, { bytes: most * 1_000 })?.verdict).toBe('pass');
      if (most > 0) expect(judge(events, { bytes: most * 1_000 - 1 })?.verdict).toBe('fail');
    }),
  );
});
