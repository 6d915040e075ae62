import { expect, test } from 'vitest';
import type { DiskContent, Share } from '../checkers/local-backlog.ts';
import { whatFilled } from './disk-filled.ts';

const share = (blocks: number, bytes = blocks * 10): Share => ({ blocks: Array(blocks).fill('block'), bytes });
const filled = (content: Partial<DiskContent>, errno = 'ENOSPC') => {
  const nothing = { unflushed: share(0), waiting: share(0), inWal: share(0), kept: share(0) };
  return whatFilled({ errno, disk: { ...nothing, failedFlushes: 0, flushing: 0, ...content } });
};

test('a disk that was not full was not filled', () => {
  expect(filled({ unflushed: share(5) }, 'EIO')).toBeUndefined();
  expect(filled({ unflushed: share(5) }, 'EDQUOT')).toBe('behind');
});

test.each<[string, Partial<DiskContent>]>([
  ['a flush failed', { unflushed: share(1), failedFlushes: 1 }],
  ['one is being flushed, and one waits for its flush', { unflushed: share(2), flushing: 1 }],
  ['one is being flushed, and one waits to be completed', { unflushed: share(1), waiting: share(1), flushing: 1 }],
  ['three wait, whatever the workers do', { unflushed: share(1), waiting: share(2) }],
])('flushing is behind: %s', (_, content) => {
  expect(filled(content)).toBe('behind');
  expect(filled({ ...content, inWal: share(1, 500) })).toBe('behind');
});

test.each<[string, Partial<DiskContent>]>([
  ['one is being flushed', { unflushed: share(1), flushing: 1 }],
  ['two wait, and neither is being flushed yet', { unflushed: share(1), waiting: share(1) }],
  ['what there is could not be completed', { inWal: share(9) }],
])('flushing is not behind: %s', (_, content) => {
  expect(filled(content)).toBe('room');
});

test('blocks in S3 filled it when they are more than all that waits', () => {
  const waiting = { unflushed: share(2), flushing: 1 };
  expect(filled({ ...waiting, kept: share(1, 20) })).toBe('behind');
  expect(filled({ ...waiting, kept: share(1, 21) })).toBe('kept');
  expect(filled({ inWal: share(1), kept: share(1) })).toBe('kept');
  expect(filled({ inWal: share(1, 11), kept: share(1) })).toBe('room');
});
