/** For tests: requests that the gateway sent on to S3, with what became of them there and at the client. */
import { request } from '../checkers/example-history.ts';
import type { EdgeEvent, HistoryEvent, TransportFailure } from '../history/events.ts';

/** S3 answered: 200, unless told otherwise. */
export function answered(name: string, time: readonly [number, number], status = 200, code?: string): HistoryEvent[] {
  const edge = { upstream: { start: time[0], answer: time[1], end: time[1], status }, status };
  const client = { status, ...(code !== undefined && { code }) };
  return request('a', name, time, { upstream: status, edge, client });
}

/** S3 did not answer, and the client's attempt ended so. @param error how the connection to S3 ended, if it did. */
export function unanswered(
  name: string,
  [start, end]: readonly [number, number],
  failure: TransportFailure,
  error?: string,
): HistoryEvent[] {
  const upstream: EdgeEvent['upstream'] = { start, end, ...(error !== undefined && { error }) };
  return request('a', name, [start, end], { upstream: 'none', edge: { upstream }, client: { failure } });
}

/** It never came to S3: a rule of the gateway answered in its place. */
export function answeredByRule(
  name: string,
  time: readonly [number, number],
  status: number,
  code: string,
): HistoryEvent[] {
  return request('a', name, time, { upstream: 'unseen', answered: { status, code }, edge: { rule: '2-s3-error' } });
}
