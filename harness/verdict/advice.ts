/** What to change, as far as the evidence allows to say it, in the names of Tempo's settings. */
import type { TimeSink } from '../checkers/attempt-tally.ts';
import type { Ordeal } from './trouble.ts';

/** The setting exists from Tempo 3.0 on; what it does does not differ. */
const MORE_ATTEMPTS = 'more attempts in the client (storage.trace.s3.retry_max_attempts, from Tempo 3.0 on)';

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
    return `The client gave up within seconds, and each failed flush then waits for 30 s, 60 s, and 2 min from there on, which Tempo does not let one set: ${MORE_ATTEMPTS} would outlast a short outage within one flush.`;
  }
  if (checker !== 'recovered-within' && checker !== 'visible-within') return undefined;
  return adviceForSlowness(time);
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

function adviceForSlowness(time: TimeSink | undefined): string | undefined {
  switch (time) {
    case 'send':
      return 'Nothing failed, the uplink was too slow for what was to be flushed: more bandwidth is what helps, no setting of the client.';
    case 'wait':
    case 'connect':
    case 'tls':
      return 'Nothing failed, the time went into round trips: larger parts (storage.trace.s3.part_size) need fewer of them, and more flushes at a time (ingester.concurrent_flushes) overlap them.';
    default:
      return undefined;
  }
}
