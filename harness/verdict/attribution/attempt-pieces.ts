/**
 * Cuts one attempt into pieces that follow one another and sum to its duration, from the differences between vantage points:
 *
 * 1. Until the request was begun to be sent, the client's own phases say it: pool, dns, connect, tls.
 * 2. From there until it was in at the S3 edge it was on its way. Of that, the client says how long it waited for the local disk; the wire
 *    stage says when the last byte had come that far: the rest is the shared uplink. How long S3 did not take it in, the edge says: that is
 *    S3's.
 * 3. From there until the edge began to answer, S3 had it. The edge is S3 as far as anyone outside can tell.
 * 4. The rest is the answer on its way.
 *
 * A request that never came to the edge was on its way until the end. What happened after the client had given up is not part of it.
 */
import type { AttemptEvent } from '../../history/events.ts';
import type { Piece } from './piece.ts';
import type { SeenEdge } from './seen-edge.ts';

/** From `from` to `until`, in `t` of the history. */
export interface Stretch {
  piece: Piece;
  from: number;
  until: number;
}

/** In the order of time, without gaps; empty ones left out. */
export function cutAttempt(attempt: AttemptEvent, edge: SeenEdge | undefined): Stretch[] {
  const stretches: Stretch[] = [];
  let at = attempt.start;
  const until = (piece: Piece, t: number) => {
    const end = Math.min(t, attempt.t);
    if (!(end > at)) return;
    stretches.push({ piece, from: at, until: end });
    at = end;
  };
  const { socket = 0, dns = 0, connect = 0, tls = 0, send, diskRead = 0 } = attempt.phases;
  until('pool', at + socket);
  until('dns', at + dns);
  until('connect', at + connect);
  until('tls', at + tls);
  // A dial that failed, or went on when the attempt was ended: there was nothing to send on.
  const unsent = send === undefined && edge === undefined;
  if (unsent) until(dialing(attempt), attempt.t);

  const seen = edge && edge.start <= attempt.t ? edge : undefined;
  const answered = seen?.answerStart !== undefined && seen.answerStart <= attempt.t ? seen.answerStart : undefined;
  const arrived = seen ? arrivalOf(seen, answered) : undefined;
  const wayEnds = Math.max(at, Math.min(arrived ?? attempt.t, attempt.t));
  until('disk', Math.min(at + diskRead, wayEnds));
  const refused = Math.min(seen?.blockedMs ?? 0, wayEnds - at);
  until('way', Math.min(seen?.wireLast ?? wayEnds, wayEnds - refused));
  until('uplink', wayEnds - refused);
  until('s3', wayEnds);
  if (arrived !== undefined) until('s3', answered ?? attempt.t);
  until('answer', attempt.t);
  return stretches;
}

/** When S3 had of the request what it needed for its answer; `undefined`: it never had. */
function arrivalOf({ start, bodyEnd, wireLast }: SeenEdge, answered: number | undefined): number | undefined {
  if (answered === undefined) return bodyEnd;
  // It did not wait for the body: what it had was in before.
  if (bodyEnd === undefined || bodyEnd > answered) return Math.min(answered, Math.max(start, wireLast ?? start));
  return bodyEnd;
}

/** The phase that the client had come to. */
function dialing({ failure, phases }: AttemptEvent): Piece {
  if (failure === 'dns' || failure === 'connect' || failure === 'tls') return failure;
  if (phases.tls !== undefined) return 'tls';
  if (phases.connect !== undefined) return 'connect';
  return phases.dns !== undefined ? 'dns' : 'pool';
}
