/**
 * What to change, as far as the evidence allows to say it, in the names that the settings have in that version of Tempo. Where time was lost
 * the advice is for those that it is due to (blame-advice.ts); where none was, by where the time of the attempts went.
 */
import type { TimeSink } from '../checkers/attempt-tally.ts';
import type { TempoVersion } from '../tempo/settings.ts';
import { type WriterKeys, writerKeys } from '../tempo/writer-keys.ts';
import { attemptsKey, fewerAttempts, outlast } from './attempts-advice.ts';
import type { Blame } from './attribution/blame.ts';
import { isTriedAgain, mainCause, remedyFor } from './blame-advice.ts';
import type { Ordeal } from './known-trouble.ts';
import { adviceForBacklog } from './loss-words.ts';
import { otherCopies } from './other-copies.ts';

/** These are about time: whom it is due to is what the advice is for. */
const aboutTime = ['deadline-exceeded', 'recovered-within', 'visible-within'];

/** A sentence or two, or `undefined` when the evidence points nowhere. `blame`: of the blocks, or the run, that the ordeal is of. */
export function adviceFor(checker: string, ordeal: Ordeal, version: TempoVersion, blame: Blame): string | undefined {
  const keys = writerKeys(version);
  const { attempts, deadlines, failedFlushes, failing } = ordeal;
  if (checker === 'visibility-gap') return adviceForGap(ordeal, keys);
  if (checker === 'backlog') return adviceForBacklog(ordeal, keys, blame);
  if (checker === 'no-phantoms') {
    return 'No setting of Tempo does this, and none mends it: whatever else writes to the bucket is to be kept out of its prefix, and a block that is there twice is counted twice by queries until one of the two is deleted.';
  }
  // How to be rid of them is in the finding.
  if (checker === 'orphans') return undefined;
  if (checker === 'live-traces') {
    const copies = otherCopies(version);
    return `Shorter ${keys.traceIdlePeriod} and ${keys.traceLivePeriod} have traces in the WAL sooner, for more and smaller pages${copies ? `; ${copies}` : ''}.`;
  }
  if (checker === 'retry-storm') {
    return `Fewer flushes at a time (${keys.concurrentFlushes}), fewer attempts and longer waits between them send S3 less at once (${attemptsKey(version)}, and retry_backoff_max).`;
  }
  if (checker === 'steady-state-regained') return undefined;
  const cause = mainCause(blame);
  if (aboutTime.includes(checker) && cause !== undefined) {
    const ended = deadlines > 0 ? 'by deadline' : failedFlushes > 0 ? 'by attempts' : 'late';
    const outage =
      cause === 'throttled' && ended !== 'by deadline' && attempts.failed >= attempts.attempts * OUTAGE_SHARE;
    const remedy = outage ? refusedAll : `${remedyFor(cause, ended, keys, attempts.failed > 0)}.`;
    return ended === 'by attempts' && isTriedAgain(cause) ? `${remedy} ${outlast(version, failing)}` : remedy;
  }
  const time = attempts.dominantTime()?.what;
  const throttled = attempts.dominantCause()?.what.includes('SlowDown') ?? false;
  if (checker === 'success-rate') {
    return throttled
      ? `${fewerFlushes(keys)} ${moreAttempts(version)}`
      : `What fails at the first attempt is S3 or the way to it, which no setting of the client mends. ${moreAttempts(version)}`;
  }
  if (checker === 'amplification') {
    return throttled ? fewerFlushes(keys) : fewerAttempts(version);
  }
  if (deadlines > 0 || checker === 'deadline-exceeded') return adviceForDeadlines(time, throttled, keys);
  if (failedFlushes > 0) return outlast(version, failing);
  // Time spent on a slow answer, or in look-ups, is no setting's doing; and on a capped path it may be the sending that was buffered.
  if (time === 'send' && attempts.failed === 0) {
    return 'Nothing failed, the uplink was too slow for what was to be flushed: more bandwidth is what helps, no setting of the client.';
  }
  return undefined;
}

/** When so many attempts are refused, it is not for what the writer sends. */
const OUTAGE_SHARE = 0.9;
const refusedAll =
  'S3 refused nearly every request: that is an outage, which fewer flushes at a time would not have ended.';

function moreAttempts(version: TempoVersion): string {
  return `More attempts (${attemptsKey(version)}) have more requests succeed in the end.`;
}

function fewerFlushes(keys: WriterKeys): string {
  return `Fewer flushes at a time (${keys.concurrentFlushes}) send S3 less while it throttles.`;
}

/** Nothing is lost: a query between the clearing and the poll does not find the block. */
function adviceForGap({ deadlines, failedFlushes }: Ordeal, keys: WriterKeys): string {
  const late =
    failedFlushes === 0
      ? ''
      : ` (${deadlines === failedFlushes ? 'flush_op_timeout ended its flushes' : 'its flushes failed'} at first)`;
  return `Nothing was lost, but no query found it for that long: a longer ${keys.completeBlockTimeout} keeps a block that was flushed late${late} readable until every reader knows it, and a shorter storage.trace.blocklist_poll has them know it sooner.`;
}

function adviceForDeadlines(time: TimeSink | undefined, throttled: boolean, keys: WriterKeys): string {
  if (throttled) {
    return `A longer ${keys.flushOpTimeout} leaves the retries time to get through; fewer flushes at a time (${keys.concurrentFlushes}) send S3 less while it throttles.`;
  }
  switch (time) {
    case 'send':
      return `The uplink does not carry a block within ${keys.flushOpTimeout}: make that longer, or blocks smaller (${keys.maxBlockBytes}).`;
    case 'diskRead':
      return `The local disk does not give a block within ${keys.flushOpTimeout}: make that longer, or blocks smaller (${keys.maxBlockBytes}).`;
    case 'socket':
      return `The client itself keeps its requests waiting for a connection: more of them (policy.maxConnections; Tempo has no limit), or fewer flushes at a time (${keys.concurrentFlushes}).`;
    default:
      return `A longer ${keys.flushOpTimeout} would leave a flush the time to get through.`;
  }
}
