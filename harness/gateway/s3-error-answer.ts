/** An error of S3's, given to a client in MinIO's place: head and document. */
import { STATUS_CODES } from 'node:http';
import type { AnswerHead } from './answer-parser.ts';
import type { Took } from './answer-sink.ts';
import type { Exchange } from './exchange.ts';
import { s3ErrorElement, xmlDeclaration } from './s3-error-document.ts';

export interface S3ErrorAnswer {
  status: number;
  code: string;
  message: string;
  /** Seconds. */
  retryAfter?: number | undefined;
  /** In lower case; they replace the usual ones. */
  headers?: Record<string, string> | undefined;
  elements?: Record<string, string> | undefined;
  withoutDocument?: boolean | undefined;
}

/** The head of an answer that MinIO did not give. */
export function headInPlace(exchange: Exchange, status: number, headers: Record<string, string>): AnswerHead {
  const all = {
    'x-amz-request-id': requestId(exchange),
    'content-type': 'application/xml',
    date: exchange.context.clock.date().toUTCString(),
    ...headers,
  };
  return { status, message: STATUS_CODES[status] ?? '', rawHeaders: Object.entries(all).flat() };
}

/** The element `<Error>` for this request. */
export function errorElement(exchange: Exchange, error: Pick<S3ErrorAnswer, 'code' | 'message' | 'elements'>): string {
  const resource = (exchange.request.url ?? '').split('?', 1)[0] as string;
  const { code, message, elements } = error;
  return s3ErrorElement({ code, message: message ?? code, elements, resource, requestId: requestId(exchange) });
}

/** Answers, now. */
export function answerWithError(exchange: Exchange, error: S3ErrorAnswer, took: Took): void {
  const told = !error.withoutDocument;
  const body = Buffer.from(told ? xmlDeclaration + errorElement(exchange, error) : '');
  const way = exchange.reply(told ? error.code : undefined);
  const headers = {
    ...(error.retryAfter !== undefined && { 'retry-after': String(error.retryAfter) }),
    ...error.headers,
    'content-length': String(body.length),
  };
  way.head(headInPlace(exchange, error.status, headers), took);
  // RFC 9110, 6.4.1.
  if (exchange.request.method !== 'HEAD' && error.status !== 304 && told) way.body(body);
  way.end([]);
}

/** As long as S3's own, and the same in head and document. */
function requestId({ number }: Exchange): string {
  return `CHAOS${number.toString(16).toUpperCase().padStart(11, '0')}`;
}
