import { expect, test } from 'vitest';
import {
  cleared,
  completion,
  cut,
  cutFailed,
  cutOf,
  dropped,
  flushEnd,
  flushStart,
  inOrder,
  processEvent,
  WRITER,
  walLost,
  walPage,
} from './example-history.ts';
import { LocalBacklog } from './local-backlog.ts';

function after(...events: Parameters<typeof inOrder>) {
  const backlog = new LocalBacklog();
  for (const event of inOrder(...events)) backlog.see(event);
  return { backlog, content: backlog.contentOf(WRITER) };
}

const none = { blocks: [], bytes: 0 };

test('each block is in one share: from the head block to what is kept for readers', () => {
  const { content } = after(
    walPage('kept', 1, 1, 10),
    walPage('unflushed', 2, 1, 20),
    walPage('waiting', 3, 1, 30),
    walPage('failed', 4, 1, 40),
    walPage('head', 5, 1, 50),
    cutOf('kept', 6, 10),
    flushStart('kept', 7),
    flushEnd('kept', 8),
    cutOf('unflushed', 9, 20),
    flushStart('unflushed', 10),
    completion('failed', 11, 1, 'ENOSPC'),
    cutFailed('head', 12, 7),
  );
  expect(content).toEqual({
    kept: { blocks: ['kept'], bytes: 10 },
    unflushed: { blocks: ['unflushed'], bytes: 20 },
    waiting: { blocks: ['waiting'], bytes: 30 },
    inWal: { blocks: ['failed', 'head'], bytes: 90 },
    failedFlushes: 0,
    flushing: 1,
  });
});

test('what is cleared, dropped or lost is not on the disk any more', () => {
  const cutTwice = [walPage('a', 1, 1, 10), cutOf('a', 2, 10), flushEnd('a', 3), cleared('a', 4)];
  const { backlog, content } = after(
    cutTwice,
    walPage('b', 5, 1, 10),
    dropped('b', 6),
    walPage('c', 7, 1, 10),
    walLost('c', 8, 10),
  );
  expect(content).toEqual({ kept: none, unflushed: none, waiting: none, inWal: none, failedFlushes: 0, flushing: 0 });
  // One after the other, never two at a time.
  expect(backlog.peak).toBe(10);
});

test('a flush ends with its process, and failed ones are counted', () => {
  const events = [walPage('a', 1, 1, 10), cutOf('a', 2, 10), flushStart('a', 3)];
  expect(after(events).content).toMatchObject({ flushing: 1, failedFlushes: 0 });
  expect(after(events, processEvent('killed', 4)).content).toMatchObject({ flushing: 0, failedFlushes: 0 });
  expect(after(events, flushEnd('a', 4, { outcome: 'fail' })).content).toMatchObject({ flushing: 0, failedFlushes: 1 });
});

test('a block that was never in the WAL, as a compactor writes it, is on no local disk', () => {
  const { backlog, content } = after(cut('a', 1));
  expect([backlog.peak, content.unflushed]).toEqual([0, none]);
});
