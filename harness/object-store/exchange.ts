/**
 * One HTTP exchange on one connection: send the request, wait for the head of the answer.
 *
 * 1. Write the head and the body, under back-pressure, counting what the kernel took and the time the body's stream took.
 * 2. Once all of the request is written, the response-header timeout runs until the head of the answer is there.
 * 3. An answer may begin before the request is written. What becomes of the rest, and of the connection, is decided by whoever reads the
 *    answer (running-exchange.ts).
 *
 * Everything that ends an exchange early closes its connection.
 */
import { type IncomingMessage, request as startRequest } from 'node:http';
import { Readable } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { Phases, TransportFailure } from '../history/events.ts';
import { endedBySignal } from './attempt.ts';
import type { Connection } from './connection-pool.ts';
import type { Body } from './s3-operations.ts';

export interface ExchangeRequest {
  method: string;
  /** With the query. */
  path: string;
  /** Lower case names. */
  headers: Record<string, string>;
  body: Body | Readable | Uint8Array | string | undefined;
}

export function isBody(body: ExchangeRequest['body']): body is Body {
  return typeof body === 'object' && 'open' in body;
}

/** What of the request went out. Filled as it does, so that it is there when the exchange fails. */
export interface Progress {
  phases: Phases;
  /** Of the request's body, taken by the kernel. */
  bytesSent: number;
  /** The kernel took at least one write of the request. As long as it has not, S3 cannot have the request whole. */
  anySent: boolean;
}

/** The exchange had no answer. */
export class ExchangeError extends Error {
  constructor(
    /** `local`: the body could not be read. */
    readonly failure: TransportFailure | 'local',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface ExchangeOptions {
  /** Milliseconds. */
  responseHeaderTimeout: number;
  /** Without, the request says that it is the connection's last. */
  keepAlive: boolean;
  clock: Clock;
}

/** The head of an answer. Its body is there to be read. */
export interface Head {
  response: IncomingMessage;
  /** Whether all of the request is written: until it is, the connection is of no use to another. */
  requestSent: () => boolean;
  /** What is left of a `Body` is not read any more. */
  stopSending: () => void;
}

/** @throws ExchangeError; the connection is closed then. */
export function exchangeHead(
  connection: Connection,
  request: ExchangeRequest,
  options: ExchangeOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<Head> {
  const { socket } = connection;
  const { clock } = options;
  const { phases } = progress;
  return new Promise((resolve, reject) => {
    const began = clock.now();
    let sentAt: number | undefined;
    let cancelTimeout = () => {};
    let stopSending = () => {};
    const http = startRequest({
      createConnection: () => socket,
      method: request.method,
      path: request.path,
      headers: { ...request.headers, connection: options.keepAlive ? 'keep-alive' : 'close' },
    });

    let settled = false;
    const settle = () => {
      settled = true;
      cancelTimeout();
      signal.removeEventListener('abort', onAbort);
      socket.off('close', onClose);
      phases.send ??= clock.now() - began;
    };
    const fail = (error: ExchangeError) => {
      // The answer is being read, or the connection is another request's by now.
      if (settled) return;
      settle();
      reject(error);
      stopSending();
      http.destroy();
      socket.destroy();
    };
    const onAbort = () => {
      const { failure, message } = endedBySignal({ operation: 'Unknown', key: '' }, signal);
      fail(new ExchangeError(failure, message));
    };
    const onClose = () => fail(new ExchangeError('reset', 'the connection was closed before an answer came'));

    http.on('error', (error: NodeJS.ErrnoException) => {
      const failure = error.code?.startsWith('HPE_') ? 'protocol' : 'reset';
      fail(new ExchangeError(failure, failureWords(error), { cause: error }));
    });
    http.on('finish', () => {
      progress.anySent = true;
      // The answer came first: there is nothing to wait for.
      if (settled) return;
      sentAt = clock.now();
      phases.send = sentAt - began;
      cancelTimeout = clock.after(options.responseHeaderTimeout, () => {
        phases.wait = clock.now() - (sentAt as number);
        fail(new ExchangeError('header-timeout', 'net/http: timeout awaiting response headers'));
      });
    });
    http.on('response', (response) => {
      settle();
      if (sentAt !== undefined) phases.wait = clock.now() - sentAt;
      resolve({ response, requestSent: () => http.writableFinished, stopSending });
    });
    socket.once('close', onClose);
    if (signal.aborted) return onAbort();
    // A connection that ended while it was taken from the pool has told so already, to nobody.
    if (socket.destroyed) return onClose();
    signal.addEventListener('abort', onAbort, { once: true });
    let body: Exclude<ExchangeRequest['body'], Body> | Pieces;
    try {
      body = isBody(request.body) ? opened(request.body, clock, phases) : request.body;
    } catch (error) {
      return fail(unreadable(error));
    }
    if (body instanceof Pieces) {
      const pieces = body;
      stopSending = () => pieces.stop();
    } else if (body !== request.body && body instanceof Readable) {
      const stream = body;
      // Its reader may be in the middle of it: that it ends early is not an error of anybody's.
      stopSending = () => void stream.on('error', () => {}).destroy();
    }
    writeBody(http, body, request.headers, clock, progress).catch((error) => fail(error));
  });
}

/** @throws ExchangeError with `local`. What goes wrong on the connection is told by the request's own events. */
async function writeBody(
  http: ReturnType<typeof startRequest>,
  body: Exclude<ExchangeRequest['body'], Body> | Pieces,
  headers: ExchangeRequest['headers'],
  clock: Clock,
  progress: Progress,
): Promise<void> {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
    http.end(body ?? '', () => {
      progress.bytesSent = Buffer.byteLength(body ?? '');
    });
    return;
  }
  const size = Number(headers['content-length']);
  let given = 0;
  let asked = clock.now();
  const { phases } = progress;
  phases.diskRead ??= 0;
  try {
    for await (const chunk of body instanceof Pieces ? body.all : (body as AsyncIterable<Uint8Array>)) {
      if (http.destroyed) return;
      if (!http.writableEnded) phases.diskRead += clock.now() - asked;
      given += chunk.length;
      // Node would send it, and the server would take the rest for the next request.
      if (given > size) throw tooLong(size);
      const taken = () => {
        progress.anySent = true;
        progress.bytesSent += chunk.length;
      };
      if (given === size) {
        // The request is whole, though the stream has yet to say so: the answer may come first.
        if (!http.writableEnded) http.end(chunk, taken);
        continue;
      }
      if (body instanceof Pieces) {
        await written(http, chunk, taken);
      } else {
        const flows = http.write(chunk, (error) => {
          if (!error) taken();
        });
        if (!flows) await drained(http);
      }
      asked = clock.now();
    }
    if (given < size) throw endedEarly(given, size);
  } catch (error) {
    throw unreadable(error);
  }
  if (!http.writableEnded) http.end();
}

/** Many bytes, each piece of which holds until the next is asked for. */
class Pieces {
  readonly all: AsyncIterable<Uint8Array>;
  readonly #stop = new AbortController();

  constructor(open: (signal: AbortSignal) => AsyncIterable<Uint8Array>) {
    this.all = open(this.#stop.signal);
  }

  /** Whoever waits for the next gets an error instead. */
  stop(): void {
    this.#stop.abort(new Error('it is not sent any more'));
  }
}

/** Few bytes at once, many in pieces or as a stream. */
function opened(body: Body, clock: Clock, phases: Phases): Readable | Buffer | Pieces {
  const began = clock.now();
  const { pieces } = body;
  const bytes = body.atOnce?.() ?? (pieces ? new Pieces((signal) => pieces.call(body, signal)) : body.open());
  phases.diskRead = clock.now() - began;
  if (bytes instanceof Readable || bytes instanceof Pieces) return bytes;
  if (bytes.length < body.size) throw endedEarly(bytes.length, body.size);
  if (bytes.length > body.size) throw tooLong(body.size);
  return bytes;
}

function endedEarly(given: number, size: number): Error {
  return new Error(`it ended after ${given} of the ${size} bytes that were announced`);
}

function tooLong(size: number): Error {
  return new Error(`it has more than the ${size} bytes that were announced`);
}

function unreadable(error: unknown): ExchangeError {
  return new ExchangeError('local', `the body cannot be read: ${(error as Error).message}`, { cause: error });
}

/** Resolves when the kernel has it, as only then its memory may be used again; or when the request is over. */
function written(http: ReturnType<typeof startRequest>, chunk: Uint8Array, taken: () => void): Promise<void> {
  return new Promise((resolve) => {
    http.once('close', resolve);
    http.write(chunk, (error) => {
      http.off('close', resolve);
      if (!error) taken();
      resolve();
    });
  });
}

function drained(http: ReturnType<typeof startRequest>): Promise<void> {
  return new Promise((resolve) => {
    if (http.destroyed) return resolve();
    const done = () => {
      http.off('drain', done);
      http.off('close', done);
      resolve();
    };
    http.on('drain', done);
    http.on('close', done);
  });
}

/** The words of Go's net package for what Node says by a code. */
function failureWords(error: NodeJS.ErrnoException): string {
  if (error.code === 'EPIPE') return 'write: broken pipe';
  if (error.code === 'ECONNRESET' && error.syscall) return `${error.syscall}: connection reset by peer`;
  // Node's "socket hang up": the connection was closed in an orderly way, and no answer had come.
  if (error.code === 'ECONNRESET') return 'EOF';
  return error.message;
}
