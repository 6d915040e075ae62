/** What filled a local disk, when it was full. */
import type { DiskContent } from '../checkers/local-backlog.ts';
import { isFull, type NamedLoss } from './losses.ts';

/**
 * `behind`: what was cut came faster than it was flushed. `kept`: blocks that are in S3 already, and stay for readers. `room`: neither, the
 * disk is too small for a block and its WAL at once.
 */
export type Filled = 'behind' | 'kept' | 'room';

/** `undefined`: the disk was not full. */
export function whatFilled({ errno, disk }: Pick<NamedLoss, 'errno' | 'disk'>): Filled | undefined {
  if (!isFull(errno)) return undefined;
  const { unflushed, waiting, inWal, kept } = disk;
  const late = unflushed.bytes + waiting.bytes;
  if (isBehind(disk) && late >= kept.bytes) return 'behind';
  return kept.bytes > 0 && kept.bytes >= late + inWal.bytes ? 'kept' : 'room';
}

/**
 * Flushes failed, or more than one block waits while one is being flushed, or more than two do: of a writer that keeps up one waits at
 * most, for the random seconds before it is completed, while another one is flushed.
 */
function isBehind({ unflushed, waiting, failedFlushes, flushing }: DiskContent): boolean {
  const blocks = unflushed.blocks.length + waiting.blocks.length;
  return failedFlushes > 0 || blocks > 2 || (blocks > 1 && flushing > 0);
}
