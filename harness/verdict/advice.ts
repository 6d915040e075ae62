/** What to change, as far as the evidence allows to say it, in the names of Tempo's settings. */
import type { TimeSink } from '../checkers/attempt-tally.ts';
import type { Ordeal } from './trouble.ts';

/** One sentence, or `undefined` when the evidence points nowhere. */
export function adviceFor(checker: string, ordeal: Ordeal): string | undefined {
  const { attempts, dropped, deadlines, failedFlushes } = ordeal;
  if (dropped.size > 0) {
    return 'Let failed flushes be retried without limit (policy.flushRetries), as Tempo itself does: it never gives a block up.';
  }
  const time = attempts.dominantTime()?.what;
  const throttled = attempts.dominantCause()?.what.includes('SlowDown') ?? false;
  if (deadlines > 0 || checker === 'deadline-exceeded') return adviceForDeadlines(time, throttled);
  if (checker === 'amplification') {
    return throttled
      ? 'Fewer flushes at a time (ingester.concurrent_flushes) send S3 less while it throttles.'
      : 'Fewer attempts (storage.trace.s3.retry_max_attempts) or longer waits between them (retry_backoff_max, both from Tempo 3.0 on) send less.';
  }
  if (failedFlushes > 0) {
    return 'When the client has used up its attempts the flush fails, and waits for 30 s, 60 s, and 2 min from there on, which Tempo does not let one set: more attempts in the client (storage.trace.s3.retry_max_attempts, from Tempo 3.0 on) would outlast a short outage within one flush.';
  }
  // Time spent on a slow answer, or in look-ups, is no setting's doing; and on a capped path it may be the sending that was buffered.
  if (time === 'send' && attempts.failed === 0) {
    return 'Nothing failed, the uplink was too slow for what was to be flushed: more bandwidth is what helps, no setting of the client.';
  }
  return undefined;
}

function adviceForDeadlines(time: TimeSink | undefined, throttled: boolean): string {
  if (throttled) {
    return 'A longer ingester.flush_op_timeout leaves the retries time to get through; fewer flushes at a time (ingester.concurrent_flushes) send S3 less while it throttles.';
  }
  switch (time) {
    case 'send':
      return 'The uplink does not carry a block within ingester.flush_op_timeout: make that longer, or blocks smaller (ingester.max_block_bytes).';
    case 'diskRead':
      return 'The local disk does not give a block within ingester.flush_op_timeout: make that longer, or blocks smaller (ingester.max_block_bytes).';
    default:
      return 'A longer ingester.flush_op_timeout would leave a flush the time to get through.';
  }
}
