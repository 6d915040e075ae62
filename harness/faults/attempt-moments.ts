/** Moments of one attempt, on the clock that all processes share, from the phases that its client tells. */
import type { AttemptEvent } from '../history/events.ts';

type Attempt = Pick<AttemptEvent, 't' | 'start' | 'phases'>;

/**
 * The connection was the request's own, and nothing of it was sent. Noted before the first byte goes out: a client that is late in noting
 * it sends late, and no byte was on its way before it.
 */
export function readyToSend({
  start,
  phases: { socket = 0, dns = 0, connect = 0, tls = 0 },
}: Omit<Attempt, 't'>): number {
  return start + socket + dns + connect + tls;
}

/**
 * The first byte of the answer was there, at the latest. Counted back from the end: phases do not touch one another, and a busy client leaves some
 * milliseconds between them that are in none.
 */
export function firstByte({ t, phases: { receive = 0 } }: Attempt): number {
  return t - receive;
}
