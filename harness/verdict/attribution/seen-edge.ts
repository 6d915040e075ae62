import type { EdgeEvent } from '../../history/events.ts';

/** What the S3 edge saw of an attempt, as far as blame is told from it. See `EdgeEvent`. */
export interface SeenEdge extends Pick<EdgeEvent, 'start' | 'bytesIn'> {
  bodyEnd: number | undefined;
  answerStart: number | undefined;
  cut: EdgeEvent['cut'] | undefined;
  /** When the last of the request was in at the wire stage. */
  wireLast: number | undefined;
  /** Milliseconds for which S3 took no more of the body. */
  blockedMs: number;
}

/** What is needed of it: of very many events, what is kept of each for a while is what costs. */
export function seenEdge({ start, bodyEnd, answerStart, bytesIn, wire, upstream, cut }: EdgeEvent): SeenEdge {
  return { start, bodyEnd, answerStart, bytesIn, wireLast: wire?.last, blockedMs: upstream?.blockedMs ?? 0, cut };
}
