/**
 * Flushes made by hand, for tests: of one object each, sent in `requests`. Times are milliseconds of the history. Nothing here is used outside
 * tests.
 */
import { cut, flushEnd, flushStart, type RequestOptions, request } from '../../checkers/example-history.ts';
import type { AttemptEvent, EdgeEvent, FlushEndEvent, HistoryEvent } from '../../history/events.ts';

/** What each part of a request took, in milliseconds; what is not told took none. */
export interface Took {
  socket?: number;
  dns?: number;
  connect?: number;
  tls?: number;
  disk?: number;
  way?: number;
  uplink?: number;
  /** Of the way: S3 took no more of the body. */
  blocked?: number;
  s3?: number;
  answer?: number;
}

export interface Request extends Took {
  /** After what came before it; 0: at once. */
  after?: number;
  /** Bytes of the body. */
  bytes?: number;
  operation?: RequestOptions['operation'];
  name?: string;
  /** The S3 edge saw nothing of it. */
  unseen?: boolean;
  /** The client stopped waiting before S3 answered. */
  unanswered?: boolean;
  client?: Partial<AttemptEvent>;
  edge?: Partial<EdgeEvent>;
}

/** One request as the client and the S3 edge saw it: what it took, one after the other, adds up to it. */
export function requestOf(block: string, start: number, how: Request): HistoryEvent[] {
  const {
    socket = 0,
    dns = 0,
    connect = 0,
    tls = 0,
    disk = 0,
    way = 0,
    uplink = 0,
    blocked = 0,
    s3 = 0,
    answer = 0,
  } = how;
  const begun = start + socket + dns + connect + tls;
  const wired = begun + disk + way;
  const arrived = wired + uplink + blocked;
  const answered = arrived + s3;
  const end = answered + answer;
  const [edge, attempt] = request(block, how.name ?? 'data.parquet', [start, end], {
    ...(how.operation && { operation: how.operation }),
    ...(how.unseen && { upstream: 'unseen' }),
  });
  const phases = { socket, dns, connect, tls, send: disk + way + uplink + blocked, diskRead: disk, wait: s3 + answer };
  const seen: EdgeEvent = {
    ...edge,
    start: begun + disk,
    wire: { first: begun + disk, last: wired },
    bodyEnd: arrived,
    ...(!how.unanswered && { answerStart: answered }),
    ...(edge.upstream && { upstream: { ...edge.upstream, ...(blocked > 0 && { blockedMs: blocked }) } }),
    ...how.edge,
  };
  const bytesSent = how.bytes ?? 100;
  return [...(how.unseen ? [] : [seen]), { ...attempt, phases, bytesSent, ...how.client }];
}

/** A flush of these requests, one after another, cut when it begins. `tail`: from the end of the last to its own. */
export function flushOf(
  block: string,
  start: number,
  requests: readonly Request[],
  end: Partial<FlushEndEvent> & { tail?: number } = {},
): HistoryEvent[] {
  const events: HistoryEvent[] = [cut(block, start), flushStart(block, start, end.attempt ?? 1)];
  let at = start;
  for (const one of requests) {
    const sent = requestOf(block, at + (one.after ?? 0), one);
    events.push(...sent);
    at = sent.at(-1)?.t ?? at;
  }
  const { tail = 0, ...how } = end;
  return [...events, flushEnd(block, at + tail, how)];
}

/** What a flush without trouble takes: 60 ms, in three requests. */
export const usualRequests: readonly Request[] = [
  { bytes: 5_000_000, disk: 5, way: 10, s3: 20, answer: 1 },
  { name: 'index', way: 1, s3: 10, answer: 1 },
  { name: 'meta.json', way: 1, s3: 10, answer: 1 },
];
