/**
 * What an explored timeline is judged by. That nothing is lost, always. A budget in time only where the timeline leaves room for it, by
 * the config's own arithmetic: that a block is not visible within ten minutes of its cut while S3 is away for twelve says nothing about a config.
 */
import { faultNamed } from '../faults/catalogue.ts';
import { writersProcess } from '../faults/writers-machine.ts';
import { kubeletCrashLoop } from '../subject/crash-loop.ts';
import { flushDeadline, longestFlushRetryDelay } from '../tempo/budget.ts';
import type { TempoSettings } from '../tempo/settings.ts';
import { type Drawn, type DrawnEntry, spanOf } from './drawn.ts';

const MINUTE = 60_000;
/** From its cut until readers see a block: what the scenarios that ship allow. */
const VISIBLE_WITHIN_MS = 10 * MINUTE;
/** The budget of recovery is so many times what the config's waits come to: what is explored is whether it recovers. */
const GENEROSITY = 2;

/** Budgets of an explored scenario, in milliseconds. */
export interface Room {
  recoveredWithin: number;
  /** Absent: there is no room for it. */
  visibleWithin?: number;
  deadlineExceeded?: 0;
}

/**
 * How long after the end of the last fault a block may notice that all is well: an attempt begun before is waited for (its look-up, its
 * connect, its answer), the client sleeps, the flush failed and waits for its next turn; before that a block may have been waiting to be
 * completed again, and one that was found again at a start for its random time.
 */
export function settlesWithin(settings: TempoSettings): number {
  const { policy } = settings;
  const attempt = Math.min(lastAttempt(settings), flushDeadline(settings));
  const completion = Math.max(0, ...policy.completeRetryDelays.slice(0, policy.completeAttempts - 1));
  return attempt + longestFlushRetryDelay(settings) + completion + policy.firstFlushJitter;
}

/** The longest that one attempt takes to fail, and the sleep after it. */
function lastAttempt({ policy }: TempoSettings): number {
  const lookUp =
    policy.resolver === 'go'
      ? policy.dnsTimeout * policy.dnsAttempts
      : // Each try of Node's resolver waits longer than the one before, twice as long at most.
        policy.nodeDnsTimeout * 2 ** policy.nodeDnsAttempts;
  const { dialTimeout, tlsHandshakeTimeout, responseHeaderTimeout, backoffCap } = policy;
  return lookUp + dialTimeout + tlsHandshakeTimeout + responseHeaderTimeout + backoffCap;
}

/** For a timeline. */
export function roomOf(drawn: Pick<Drawn, 'entries'>, settings: TempoSettings): Room {
  return roomFor(spanOf(drawn), settings, mayKeepFromStarting(drawn));
}

/** Whether writers are ended while another fault is in force, which may be one that keeps S3 away from their start. */
function mayKeepFromStarting({ entries }: Pick<Drawn, 'entries'>): boolean {
  const ends = entries.filter(({ fault }) => faultNamed(fault).touches === writersProcess);
  const meet = (one: DrawnEntry, other: DrawnEntry) => one.at < other.at + other.for && other.at < one.at + one.for;
  return ends.some((one) => entries.some((other) => other !== one && meet(one, other)));
}

/**
 * `span`: from the beginning of the first fault to the end of the last, in milliseconds. `mayNotStart`: a writer may have to wait for its
 * start when all is well: no longer than it has waited before, and no longer than the crash-loop back-off ever is.
 */
export function roomFor(span: number, settings: TempoSettings, mayNotStart = false): Room {
  const { first, longest } = kubeletCrashLoop;
  const settles = settlesWithin(settings) + (mayNotStart ? Math.min(longest, span + first) : 0);
  return {
    recoveredWithin: Math.ceil((GENEROSITY * settles) / MINUTE) * MINUTE,
    ...(span + settles <= VISIBLE_WITHIN_MS && { visibleWithin: VISIBLE_WITHIN_MS }),
    // A flush that was begun with the first fault may last until its attempts get through after the last one.
    ...(span + lastAttempt(settings) <= flushDeadline(settings) && { deadlineExceeded: 0 as const }),
  };
}
