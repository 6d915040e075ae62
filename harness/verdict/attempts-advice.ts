/** More attempts, or fewer, as a setting: only Tempo 3.0 has keys for them. */
import { sayDuration } from '../checkers/config-time.ts';
import type { TempoVersion } from '../tempo/settings.ts';
import type { Span } from './moments.ts';

/**
 * Milliseconds of the config's time that some 200 attempts outlast: the waits between them grow to a second at most, less a random share, half
 * of it at the mean (docs/clients.md).
 */
const OUTLASTED_MS = 2 * 60_000;

/** The key, for a parenthesis. */
export function attemptsKey(version: TempoVersion): string {
  return `storage.trace.s3.retry_max_attempts${sinceWhen(version)}`;
}

/** What has the client send less often. */
export function fewerAttempts(version: TempoVersion): string {
  const since = version === '3.0' ? '' : ', both need Tempo 3.0';
  return `Fewer attempts (storage.trace.s3.retry_max_attempts) or longer waits between them (retry_backoff_max${since}) send less.`;
}

/** For flushes that failed when their attempts were used up. `failing`: when attempts failed. */
export function outlast(version: TempoVersion, failing: Span | undefined): string {
  const fails = `When the client has used up its attempts the flush fails, and waits for ${flushRetryWaits(version)}; no setting of Tempo shortens these waits.`;
  const lasted = failing ? failing.last - failing.first : 0;
  if (lasted <= OUTLASTED_MS) {
    return `${fails} More attempts in the client (${attemptsKey(version)}) would outlast a short outage within one flush.`;
  }
  const trouble = `trouble of ${sayDuration(lasted)}`;
  return version === '3.0'
    ? `${fails} To outlast ${trouble} within one flush takes more attempts (${attemptsKey(version)}) and longer waits between them (retry_backoff_max).`
    : `${fails} Attempts in the client are a second apart at most, and more of them do not outlast ${trouble}.`;
}

function sinceWhen(version: TempoVersion): string {
  return version === '3.0' ? '' : ', which needs Tempo 3.0';
}

/** Constants of Tempo, see docs/tempo-versions.md. */
function flushRetryWaits(version: TempoVersion): string {
  return version === '3.0' ? '30 s each time' : '30 s, 60 s, and 2 min from there on';
}
