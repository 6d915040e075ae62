/** What differs from request to request in an error that a rule describes: the server's clock, and where the client is sent. */
import type { Exchange } from './exchange.ts';
import type { AnswerErrorRule } from './protocol.ts';

/** Headers in lower case, and elements of the document. See `AnswerErrorRule`. */
export function clockAndLocation(
  { request, context }: Pick<Exchange, 'request' | 'context'>,
  { clockAheadMs, locationOrigin }: Pick<AnswerErrorRule, 'clockAheadMs' | 'locationOrigin'>,
): { headers: Record<string, string>; elements: Record<string, string> } {
  const headers: Record<string, string> = {};
  const elements: Record<string, string> = {};
  if (clockAheadMs !== undefined) {
    const serverTime = new Date(context.clock.date().getTime() + clockAheadMs);
    headers.date = serverTime.toUTCString();
    elements.RequestTime = requestTime(request.headers, request.url ?? '');
    elements.ServerTime = `${serverTime.toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length)}Z`;
  }
  if (locationOrigin !== undefined) headers.location = locationOrigin + ownTarget(request.url ?? '/');
  return { headers, elements };
}

/** What the request says of when it was signed: in a header, or, of a presigned one, in its query. */
function requestTime(headers: NodeJS.Dict<string | string[]>, url: string): string {
  const inHeader = headers['x-amz-date'] ?? headers.date;
  return String(inHeader ?? new URLSearchParams(url.split('?', 2)[1] ?? '').get('X-Amz-Date') ?? '');
}

/** Its path and query, fit for a header. A request through a forward proxy has the whole URL as its target. */
function ownTarget(url: string): string {
  const path = url.startsWith('/') ? url : url.replace(/^[a-z]+:\/\/[^/]*/i, '');
  return path.replace(/[^\x21-\x7e]/g, encodeURIComponent);
}
