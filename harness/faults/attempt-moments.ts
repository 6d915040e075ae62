/**
 * Moments of one attempt, on the clock that all processes share, from the phases that its client tells: what comes before them, one after
 * another.
 */
import type { AttemptEvent } from '../history/events.ts';

type Attempt = Pick<AttemptEvent, 'start' | 'phases'>;

/**
 * The connection was the request's own, and nothing of it was sent. Noted before the first byte goes out: a client that is late in noting
 * it sends late, and no byte was on its way before it.
 */
export function readyToSend({ start, phases: { socket = 0, dns = 0, connect = 0, tls = 0 } }: Attempt): number {
  return start + socket + dns + connect + tls;
}

/** The first byte of the answer was there. A client that is late in noting it had it earlier, never later. */
export function firstByte(attempt: Attempt): number {
  const { send = 0, wait = 0 } = attempt.phases;
  return readyToSend(attempt) + send + wait;
}
