import { expect, test } from 'vitest';
import { messageOf } from './messages.ts';

const about = { t: 1, writer: 'w', block: 'b' };

test('the harness is told of what it may have to act on', () => {
  const flushEnd = { ...about, type: 'flush.end', attempt: 1, deadlineExceeded: false } as const;
  expect(messageOf({ ...about, type: 'block.cut', keyPrefix: 't/b/', bytes: 1, objects: [] })).toEqual({
    type: 'cut',
    writer: 'w',
    block: 'b',
  });
  expect(messageOf({ ...flushEnd, outcome: 'ok' })).toEqual({ type: 'flushed', writer: 'w', block: 'b' });
  expect(messageOf({ ...flushEnd, outcome: 'fail', deadlineExceeded: true, error: 'too late', retryIn: 1 })).toEqual({
    type: 'flush-failed',
    writer: 'w',
    block: 'b',
    error: 'too late',
    deadlineExceeded: true,
  });
  expect(messageOf({ ...about, type: 'block.dropped', reason: 'x' })).toEqual({
    type: 'dropped',
    writer: 'w',
    block: 'b',
  });
  expect(messageOf({ t: 1, type: 'writer.error', writer: 'w', message: 'disk full' })).toEqual({
    type: 'failed',
    writer: 'w',
    message: 'disk full',
  });
});

test('of everything else the history alone is told', () => {
  expect(messageOf({ ...about, type: 'flush.start', attempt: 1, queue: 0 })).toBeUndefined();
  expect(
    messageOf({ t: 1, type: 'lateness', process: 'subject', maxMs: 1, totalMs: 1, intervalMs: 500 }),
  ).toBeUndefined();
});
