/** What failed an attempt: told from what the client got, and what the S3 edge saw of it. */
import type { AttemptEvent } from '../../history/events.ts';
import { isRetryableStatus } from '../../object-store/retryable.ts';
import type { Cause, Side } from './blame.ts';
import type { SeenEdge } from './seen-edge.ts';

/** Whom something is due to. */
export interface Due {
  side: Side;
  cause: Cause;
}

export function due<S extends Side>(side: S, cause: Cause): Due {
  return { side, cause };
}

/** S3's words for "too many requests", MinIO's among them. */
const throttling = new Set([
  'RequestLimitExceeded',
  'RequestThrottled',
  'SlowDown',
  'SlowDownRead',
  'SlowDownWrite',
  'Throttling',
  'ThrottlingException',
  'TooManyRequests',
  'TooManyRequestsException',
]);
const throttlingStatuses = new Set([429, 503]);

/** `undefined`: it did not fail, or was ended from outside (by the flush's deadline, by a stop), which says nothing of why. */
export function dueTo(attempt: AttemptEvent, edge: SeenEdge | undefined): Due | undefined {
  const { outcome, failure, status, code } = attempt;
  if (outcome === 'ok') return undefined;
  switch (failure) {
    case 'deadline':
    case 'aborted':
      return undefined;
    case 'disk':
      return due('machine', 'disk');
    case 'dns':
    case 'connect':
    case 'tls':
      return due('network', failure);
    case 'header-timeout':
      return timedOut(attempt, edge);
    case 'reset':
      return endedByS3(edge) ? due('s3', 'error') : due('network', 'reset');
    default:
      return throttled(status, code) ? due('s3', 'throttled') : due('s3', 'error');
  }
}

function throttled(status = 0, code = ''): boolean {
  return throttling.has(code) || throttlingStatuses.has(status);
}

/** To an observer, S3 and what stands in its place are one. */
function endedByS3(edge: SeenEdge | undefined): boolean {
  return edge?.cut === 'upstream' || edge?.cut === 'rule';
}

function timedOut({ t }: AttemptEvent, edge: SeenEdge | undefined): Due {
  if (!edge || edge.start > t) return due('network', 'latency');
  const { bodyEnd, answerStart, bytesIn, blockedMs } = edge;
  if (answerStart !== undefined && answerStart <= t) return due('network', 'latency');
  if (bodyEnd !== undefined && bodyEnd <= t) return due('s3', 'silent');
  // It had not come whole. S3 itself may have taken in no more of it.
  if (blockedMs > (t - edge.start) / 2) return due('s3', 'silent');
  return due('network', bytesIn > 0 ? 'bandwidth' : 'latency');
}

/** What minio-go would have tried again (object-store/retryable.ts), as far as an event tells. */
export function isWorthRetrying({ outcome, failure, status }: AttemptEvent): boolean {
  if (outcome === 'ok') return false;
  if (failure === undefined) return isRetryableStatus(status ?? 0);
  // The head of an answer had come: that is not tried again.
  if (status !== undefined) return false;
  return failure !== 'deadline' && failure !== 'aborted' && failure !== 'disk';
}
