/** One exchange while it goes on: what becomes of it, and what is told of it. */
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { Outcome, TransportFailure } from '../history/events.ts';
import { type Attempt, endedBySignal } from './attempt.ts';
import type { Connection, ConnectionPool } from './connection-pool.ts';
import { DialError, type Origin } from './dial.ts';
import { ExchangeError, type Head, type Progress } from './exchange.ts';
import { inNanoseconds } from './in-nanoseconds.ts';
import { errorOf, isDone, isHeadAlone } from './s3-answer.ts';
import { NamelessUpload, TransportError } from './s3-operations.ts';
import { childText, parseXml, type XmlElement } from './xml.ts';

/**
 * An answer that was read before the last of its request was written does not cost the connection at once: Go's transport gives the
 * writing so much longer (its maxWriteWaitBeforeConnReuse). Over TLS the answer may be here before the writing is known to be over.
 */
const LAST_OF_REQUEST_MS = 50;

/** No answer that is read whole is longer: a page of a listing has 1000 keys of 1 KiB at most, and little else. */
const LARGEST_ANSWER = 8 * 1024 * 1024;

export interface Answer {
  status: number;
  headers: Record<string, string>;
  /** A stream only of a GetObject. */
  body: Readable | Buffer;
}

const NOTHING = Buffer.alloc(0);

export class RunningExchange {
  readonly progress: Progress = { phases: {}, bytesSent: 0, anySent: false };
  readonly #attempt: Attempt;
  readonly #clock: Clock;
  readonly #start: number;
  #connection: Connection | undefined;
  /** Whether it was used before: told now, as it may be another exchange's by the time that this one is over. */
  #reused = false;
  #bytesReceived = 0;
  #ended = false;
  #reader: Readable | undefined;

  constructor(attempt: Attempt, clock: Clock) {
    this.#attempt = attempt;
    this.#clock = clock;
    this.#start = clock.now();
  }

  async take(pool: ConnectionPool, origin: Origin, signal: AbortSignal): Promise<Connection> {
    const { phases } = this.progress;
    if (signal.aborted) throw signal.reason;
    const connection = await pool.take(origin, phases, signal);
    // What is neither look-up nor connect nor handshake was waiting for the pool: a dead connection that was tried first.
    const elapsed = this.#clock.now() - this.#start;
    phases.socket = Math.max(0, elapsed - (phases.dns ?? 0) - (phases.connect ?? 0) - (phases.tls ?? 0));
    delete phases.send;
    this.progress.anySent = false;
    this.#connection = connection;
    this.#reused = connection.uses > 0;
    return connection;
  }

  /**
   * No head of an answer came to the request for `url`, for a reason on the way or (an error of another kind) because the body could not be
   * read.
   */
  noAnswer(error: unknown, url: string): Error {
    const { signal } = this.#attempt.context;
    const { target } = this.#attempt;
    const outcome: Outcome = this.progress.anySent ? 'info' : 'fail';
    if (signal.aborted) return this.#lost(outcome, endedBySignal(target, signal, url));
    const { message, cause } = error as Error;
    if (error instanceof DialError || (error instanceof ExchangeError && error.failure !== 'local')) {
      const { failure } = error as { failure: TransportFailure };
      return this.#lost(outcome, new TransportError(target.operation, target.key, failure, message, { cause, url }));
    }
    const failure = new Error(`${target.operation} ${target.key}: ${message}`, { cause: cause ?? error });
    this.#end(outcome, undefined, { failure: 'disk', message }, failure);
    return failure;
  }

  /** Reads the answer to its end, and hands it on from memory. @throws TransportError */
  async readWhole(head: Head, connection: Connection, freed: () => void): Promise<Answer> {
    const { operation } = this.#attempt.target;
    if (isHeadAlone(operation) && isDone(operation, head.response.statusCode)) {
      return this.#dropBody(head, connection, freed);
    }
    const { response } = head;
    const chunks: Buffer[] = [];
    try {
      await this.#receive(head, connection, freed, (chunk) => {
        chunks.push(chunk);
        if (this.#bytesReceived <= LARGEST_ANSWER) return;
        throw new ExchangeError('protocol', `the answer has more than ${LARGEST_ANSWER} bytes`);
      });
    } catch (error) {
      throw this.#cutShort(error, response.statusCode as number);
    }
    const body = Buffer.concat(chunks);
    const status = response.statusCode as number;
    const text = body.toString('utf8');
    const failure = errorOf(this.#attempt.target, response, text);
    if (failure) this.#end('fail', status, { code: failure.code, message: failure.serverMessage }, failure);
    else if (operation === 'CreateMultipartUpload' && namesNoUpload(text)) {
      this.#lost('info', new NamelessUpload(this.#attempt.target.key, status), status);
    } else this.#end('ok', status);
    return { status, headers: joined(response), body };
  }

  /** What comes after the head, or does not, changes nothing any more. */
  async #dropBody(head: Head, connection: Connection, freed: () => void): Promise<Answer> {
    const { response } = head;
    const status = response.statusCode as number;
    try {
      await this.#receive(head, connection, freed, () => {});
    } catch {
      // The connection is closed.
    }
    this.#end('ok', status);
    return { status, headers: joined(response), body: NOTHING };
  }

  /** Hands the answer's body on as it comes. What goes wrong on the way is an error of that stream. */
  stream(head: Head, connection: Connection, freed: () => void): Answer {
    const { response } = head;
    const status = response.statusCode as number;
    const exchange = this;
    async function* bytes(): AsyncGenerator<Buffer> {
      try {
        yield* exchange.#received(head, connection, freed);
      } catch (error) {
        throw exchange.#cutShort(error, status);
      }
      exchange.#end('ok', status);
    }
    const body = Readable.from(bytes(), { objectMode: false });
    this.#reader = body;
    body.once('close', () => {
      if (this.#ended) return;
      connection.socket.destroy();
      this.#lost('info', this.#readerGone(status), status);
    });
    return { status, headers: joined(response), body };
  }

  /** The bytes of the answer, for a reader who may be slow. See `#receiving`. */
  async *#received(head: Head, connection: Connection, freed: () => void): AsyncGenerator<Buffer> {
    const over = this.#receiving(head, connection, freed);
    let whole = false;
    try {
      this.#attempt.context.signal.throwIfAborted();
      for await (const chunk of head.response as AsyncIterable<Buffer>) {
        this.#bytesReceived += chunk.length;
        yield chunk;
      }
      whole = true;
    } finally {
      over(whole);
    }
  }

  /** As `#received`, with less ado: `take` is called with each chunk, and may throw to end it. */
  async #receive(head: Head, connection: Connection, freed: () => void, take: (chunk: Buffer) => void): Promise<void> {
    const { response } = head;
    const over = this.#receiving(head, connection, freed);
    let whole = false;
    try {
      this.#attempt.context.signal.throwIfAborted();
      await new Promise<void>((resolve, reject) => {
        response.on('data', (chunk: Buffer) => {
          this.#bytesReceived += chunk.length;
          try {
            take(chunk);
          } catch (error) {
            reject(error);
          }
        });
        response.once('end', resolve);
        response.once('error', reject);
        // After an end, or an error, it changes nothing.
        response.once('close', () => reject(new Error('the connection was closed')));
      });
      whole = true;
    } finally {
      over(whole);
    }
  }

  /**
   * The answer is being read. To be told, by calling what it gives, when that is over: when all has come, the connection is free, or closed
   * if it cannot be used again; otherwise it is closed.
   */
  #receiving({ requestSent }: Head, { socket }: Connection, freed: () => void): (whole: boolean) => void {
    const { signal } = this.#attempt.context;
    const began = this.#clock.now();
    const onAbort = () => socket.destroy();
    signal.addEventListener('abort', onAbort, { once: true });
    // Node emits it when the answer has been read and both sides want to keep the connection.
    socket.once('free', freed);
    return (whole) => {
      this.progress.phases.receive = this.#clock.now() - began;
      signal.removeEventListener('abort', onAbort);
      const giveUp = () => {
        socket.off('free', freed);
        socket.destroy();
      };
      if (!whole) giveUp();
      else if (!requestSent()) {
        const cancel = this.#clock.after(LAST_OF_REQUEST_MS, giveUp);
        const sent = () => {
          cancel();
          // The connection may serve many more requests: none of them leaves a listener behind.
          socket.off('free', sent).off('close', sent);
        };
        socket.once('free', sent).once('close', sent);
      }
    };
  }

  #cutShort(error: unknown, status: number): Error {
    const { operation, key } = this.#attempt.target;
    const { signal } = this.#attempt.context;
    if (signal.aborted) return this.#lost('info', endedBySignal(this.#attempt.target, signal), status);
    if (this.#reader?.destroyed) return this.#lost('info', this.#readerGone(status), status);
    const failure = error instanceof ExchangeError && error.failure !== 'local' ? error.failure : 'reset';
    const detail = failure === 'reset' ? 'unexpected EOF' : (error as Error).message;
    return this.#lost('info', new TransportError(operation, key, failure, detail, { cause: error, status }), status);
  }

  #readerGone(status: number): TransportError {
    const { operation, key } = this.#attempt.target;
    return new TransportError(operation, key, 'aborted', 'the reader stopped before the end', { status });
  }

  #lost(outcome: Outcome, error: TransportError, status?: number): TransportError {
    const { operation, key } = this.#attempt.target;
    const message = error.message.slice(`${operation} ${key}: `.length);
    this.#end(outcome, status, { failure: error.failure, message }, error);
    return error;
  }

  #end(
    outcome: Outcome,
    status: number | undefined,
    why: { code?: string | undefined; failure?: TransportFailure; message?: string } = {},
    failure?: Error,
  ): void {
    const { target, context } = this.#attempt;
    const { code, ...rest } = why;
    this.#ended = true;
    this.#attempt.exchangeEnded(
      {
        t: this.#clock.now(),
        type: 'attempt',
        id: context.id,
        operation: target.operation,
        bucket: target.bucket,
        key: target.key,
        ...(target.partNumber !== undefined && { partNumber: target.partNumber }),
        request: context.request,
        attempt: context.attempt,
        start: this.#start,
        phases: inNanoseconds(this.progress.phases),
        bytesSent: this.progress.bytesSent,
        bytesReceived: this.#bytesReceived,
        outcome,
        ...(status !== undefined && { status }),
        ...(code !== undefined && { code }),
        ...rest,
        ...(this.#connection && { connection: this.#connection.id, reused: this.#reused }),
      },
      failure,
    );
  }
}

/** Whether it is XML as it should be, but for the one thing that matters. */
function namesNoUpload(text: string): boolean {
  let root: XmlElement;
  try {
    root = parseXml(text);
  } catch {
    return false;
  }
  return !childText(root, 'UploadId');
}

function joined(response: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
