/** Each of Tempo's ways of losing data in words: what happened, and the setting that would have avoided it. */
import type { CheckContext } from '../checkers/checker.ts';
import { counted } from '../checkers/counted.ts';
import { saySize } from '../checkers/say-size.ts';
import type { WayOfLoss } from '../checkers/way-of-loss.ts';
import type { TempoVersion } from '../tempo/settings.ts';
import { type WriterKeys, writerKeys } from '../tempo/writer-keys.ts';
import type { Blame } from './attribution/blame.ts';
import { mainCause, remedyFor } from './blame-advice.ts';
import { whatFilled } from './disk-filled.ts';
import type { Ordeal } from './known-trouble.ts';
import type { NamedLoss } from './losses.ts';
import { saySpan } from './moments.ts';
import { otherCopies } from './other-copies.ts';

/** Of attempts: so few that fail do not tell why flushing is slow. */
const SELDOM_SHARE = 0.2;

type Compression = CheckContext['compression'];

/** How it is told: without a period. */
const ways: Record<WayOfLoss, (loss: NamedLoss, compression: Compression) => string> = {
  completion: (loss, compression) =>
    `a block that cannot be completed three times is deleted with its WAL: so went ${blocksOf(loss, compression)}`,
  cutting: (loss, compression) =>
    `a disk error while traces are cut loses the page, though its spans had been acknowledged, and nothing pushes back on the sender: ${counted(loss.count, 'page')}${sizeOf(loss, compression)} could not be written`,
  'wal-meta': (loss, compression) =>
    `at a start, a WAL block whose meta.json cannot be read is deleted: so went ${blocksOf(loss, compression)}`,
  'wal-too-old': (loss, compression) =>
    `a WAL block older than complete_block_timeout is deleted, completed or not (Tempo 3): so went ${blocksOf(loss, compression)}`,
  'local-block': (loss, compression) =>
    `at a start, a local block that is not whole is dropped: so went ${blocksOf(loss, compression)}`,
  power: (loss, compression) =>
    `Tempo fsyncs nothing, and closed pages of ${blocksOf(loss, compression)} went with the power`,
  'flush-retries': (loss, compression) =>
    `a flush that failed was given up, which Tempo itself never does: so went ${blocksOf(loss, compression)}`,
  other: (loss, compression) => `the writer gave up ${blocksOf(loss, compression)}`,
};

function adviceForWay(way: WayOfLoss, version: TempoVersion): string | undefined {
  const keys = writerKeys(version);
  const copies = otherCopies(version) ?? 'nothing else has a copy of it';
  const sooner = `A shorter ${keys.maxBlockDuration} brings blocks to S3 sooner`;
  switch (way) {
    case 'completion':
      return `No setting makes Tempo try a fourth time; ${copies}.`;
    case 'cutting':
      return `No setting makes Tempo write the page again; ${copies}, and "failed to cut traces" in the log is worth an alert.`;
    case 'wal-meta':
      return `Smaller blocks (${keys.maxBlockBytes}, ${keys.maxBlockDuration}) put less behind one meta.json; ${copies}.`;
    case 'wal-too-old':
      return `A longer ${keys.completeBlockTimeout} leaves a block more time to be completed.`;
    case 'local-block':
      return `${sooner}; ${copies}.`;
    case 'power':
      return `No setting makes Tempo fsync. ${sooner}; ${copies}${version === '3.0' ? '' : ', if they do not share the power'}.`;
    case 'flush-retries':
      return 'Let failed flushes be retried without limit (policy.flushRetries), as Tempo itself does: it never gives a block up.';
    case 'other':
      return undefined;
  }
}

/** One sentence, without its period: what happened, when, and by which error. */
export function sayLoss(loss: NamedLoss, compression: Compression): string {
  const error = loss.error === undefined ? '' : `, by ${loss.error}`;
  return `${ways[loss.way](loss, compression)} ${saySpan(loss.when)}${error}`;
}

/**
 * The settings that would have avoided it, by their names in that version. `ordeal`: what the blocks went through that were on the disk
 * and not in S3.
 */
export function adviceForLoss(loss: NamedLoss, ordeal: Ordeal, version: TempoVersion): string | undefined {
  const keys = writerKeys(version);
  switch (whatFilled(loss)) {
    case 'behind':
      return adviceForBacklog(ordeal, keys);
    case 'kept':
      return `A larger local disk, or a shorter ${keys.completeBlockTimeout} (a flushed block stays on the disk for that long), leaves room.`;
    case 'room':
      return `A larger local disk leaves room for a block and its WAL at once; smaller blocks (${keys.maxBlockBytes}) need less of it.`;
    case undefined:
      return adviceForWay(loss.way, version);
  }
}

/** What had filled the local disk; `undefined` when it was not full. */
export function sayFilled(loss: NamedLoss, compression: Compression): string | undefined {
  const { disk } = loss;
  const size = (bytes: number) => saySize(bytes * compression.bytes);
  switch (whatFilled(loss)) {
    case 'behind': {
      const { unflushed, waiting, failedFlushes } = disk;
      const blocks = counted(unflushed.blocks.length + waiting.blocks.length, 'block');
      const failed = failedFlushes === 0 ? '' : `, and ${counted(failedFlushes, 'flush')} of them had failed`;
      return `the local disk had filled because flushing could not keep up: ${blocks} (${size(unflushed.bytes + waiting.bytes)}) were on it and not in S3${failed}`;
    }
    case 'kept':
      return `the local disk had filled with what is in S3 already and is kept for readers: ${counted(disk.kept.blocks.length, 'block')} (${size(disk.kept.bytes)})`;
    case 'room':
      return 'the local disk was too small for a block and its WAL at once';
    case undefined:
      return undefined;
  }
}

/**
 * Why flushing was behind says what would have let it keep up; a larger disk, or less data, helps in any case. `blame`: of the run, where it is
 * told; the advice follows it then.
 */
export function adviceForBacklog({ attempts, deadlines }: Ordeal, keys: WriterKeys, blame?: Blame): string {
  const anyway =
    'a larger local disk holds out longer, and a lower overrides.defaults.ingestion.rate_limit_bytes refuses at the distributor what would be lost here.';
  const cause = blame && mainCause(blame);
  if (cause !== undefined && cause !== 'deadline') {
    const remedy = remedyFor(cause, deadlines > 0 ? 'by deadline' : 'late', keys, attempts.failed > 0);
    return `${remedy}; ${anyway}`;
  }
  const time = attempts.dominantTime()?.what;
  // One attempt in many may fail for any reason: what is slow is what counts then.
  const fails = attempts.failed > attempts.attempts * SELDOM_SHARE;
  if (fails && attempts.dominantCause()?.what.includes('SlowDown')) {
    return `Fewer flushes at a time (${keys.concurrentFlushes}) send S3 less while it throttles; ${anyway}`;
  }
  if (deadlines > 0) {
    return `A longer ${keys.flushOpTimeout} lets a slow flush end instead of beginning again; ${anyway}`;
  }
  if (!fails && time === 'wait') {
    return `More flushes at a time (${keys.concurrentFlushes}) keep up where S3 is slow to answer; ${anyway}`;
  }
  if (!fails && time === 'send') {
    return `The uplink carries less than comes in, and no setting of the client changes that; ${anyway}`;
  }
  return `${anyway.charAt(0).toUpperCase()}${anyway.slice(1)}`;
}

function blocksOf(loss: NamedLoss, compression: Compression): string {
  return `${counted(loss.blocks.length, 'block')}${sizeOf(loss, compression)}`;
}

function sizeOf({ bytes }: NamedLoss, compression: Compression): string {
  return bytes > 0 ? ` (${saySize(bytes * compression.bytes)})` : '';
}
