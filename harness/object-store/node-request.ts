/**
 * What can be seen of one request that an SDK sends by Node's own `http.request`, without a hand in it: nothing is read that the SDK does
 * not read, no timeout is added, and no connection chosen.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import type { Phases, TransportFailure } from '../history/events.ts';

/** So much of an answer's body is kept, to find an error document in it. */
const KEPT = 64 * 1024;

/** How a request ended, or what there was of it when nobody waited any longer. */
export interface NodeRequestEnd {
  phases: Phases;
  /** Of the body: all of it once it was handed to the kernel; before that, what whole writes have handed over. */
  bytesSent: number;
  bytesReceived: number;
  /** Something of the request was written: S3 may have it whole. */
  anySent: boolean;
  answer?: { status: number; statusText: string; text: string };
  /** Absent: the answer is whole. */
  failure?: { kind: Exclude<TransportFailure, 'deadline' | 'aborted' | 'disk'>; message: string };
  connection?: { socket: Socket; reused: boolean };
}

/**
 * Watches until the answer has come whole, or never will, and then calls `ended`, once.
 * @param start when it was asked for, on `clock`
 * @returns what ends the watching early
 */
export function watchRequest(
  request: ClientRequest,
  start: number,
  clock: Clock,
  ended: (end: NodeRequestEnd) => void,
): () => void {
  const phases: Phases = {};
  let socket: Socket | undefined;
  /** How far the connection has come. */
  let stage: 'none' | 'connected' | 'established' = 'none';
  let writtenBefore = 0;
  let ready = start;
  let sentAt: number | undefined;
  let response: IncomingMessage | undefined;
  let answeredAt = start;
  let whole = false;
  let bytesReceived = 0;
  const kept: Buffer[] = [];
  let over = false;

  const end = (error?: NodeJS.ErrnoException) => {
    if (over) return;
    over = true;
    if (response) phases.receive = clock.now() - answeredAt;
    const kind = whole ? undefined : failureKind(error, stage, response);
    const told = error ?? request.errored ?? undefined;
    ended({
      phases,
      bytesSent: sentAt === undefined ? writtenOfBody(request, socket, writtenBefore) : contentLength(request),
      bytesReceived,
      anySent: stage === 'established' && socket !== undefined && socket.bytesWritten > writtenBefore,
      ...(response && {
        answer: {
          status: response.statusCode ?? 0,
          statusText: response.statusMessage ?? '',
          text: Buffer.concat(kept).toString('utf8'),
        },
      }),
      ...(kind && { failure: { kind, message: told?.message || 'the connection was closed' } }),
      ...(socket && { connection: { socket, reused: request.reusedSocket } }),
    });
  };

  request.once('socket', (given: Socket) => {
    socket = given;
    writtenBefore = request.reusedSocket ? given.bytesWritten : 0;
    ready = clock.now();
    phases.socket = ready - start;
    if (!given.connecting) {
      stage = 'established';
      return;
    }
    const secure = (given as { encrypted?: boolean }).encrypted === true;
    const phase = (name: 'dns' | 'connect' | 'tls') => () => {
      const now = clock.now();
      if (over || phases[name] !== undefined) return;
      phases[name] = now - ready;
      ready = now;
    };
    given.once('lookup', phase('dns'));
    given.once('connect', phase('connect')).once('connect', () => {
      stage = secure ? 'connected' : 'established';
    });
    given.once('secureConnect', phase('tls')).once('secureConnect', () => {
      stage = 'established';
    });
  });
  request.once('finish', () => {
    sentAt = clock.now();
    phases.send = sentAt - ready;
  });
  request.prependOnceListener('response', (message: IncomingMessage) => {
    response = message;
    answeredAt = clock.now();
    if (sentAt === undefined) phases.send = answeredAt - ready;
    else phases.wait = answeredAt - sentAt;
    tap(message, (chunk) => {
      if (chunk === null) {
        whole = true;
        end();
        return;
      }
      bytesReceived += chunk.length;
      if (bytesReceived <= KEPT) kept.push(chunk);
    });
    message.once('error', end);
  });
  request.once('error', end);
  request.once('close', () => end());
  return () => end();
}

/** Sees what arrives of a body as Node puts it into the stream: reading it would change what happens to the connection. */
function tap(message: IncomingMessage, see: (chunk: Buffer | null) => void): void {
  const push = message.push.bind(message);
  message.push = (chunk, encoding) => {
    const flows = push(chunk, encoding);
    see(chunk);
    return flows;
  };
}

function failureKind(
  error: NodeJS.ErrnoException | undefined,
  stage: 'none' | 'connected' | 'established',
  response: IncomingMessage | undefined,
): NonNullable<NodeRequestEnd['failure']>['kind'] {
  if (error?.syscall === 'getaddrinfo') return 'dns';
  if (stage === 'none') return 'connect';
  if (stage === 'connected') return 'tls';
  if (error?.code?.startsWith('HPE_')) return 'protocol';
  return response === undefined && error?.name === 'TimeoutError' ? 'header-timeout' : 'reset';
}

function contentLength(request: ClientRequest): number {
  return Number(request.getHeader('content-length') ?? 0);
}

function writtenOfBody(request: ClientRequest, socket: Socket | undefined, before: number): number {
  // Node's own field: the head as it was written.
  const head = (request as { _header?: string | null })._header?.length ?? 0;
  const written = (socket?.bytesWritten ?? 0) - (socket?.writableLength ?? 0) - before - head;
  return Math.max(0, Math.min(contentLength(request), written));
}
