/**
 * One request and its answer, at the S3 edge. It is forwarded, or a rule ends it in another way; either way it becomes one `edge`
 * event of the history.
 *
 * How it is forwarded:
 * 1. The head goes on as it came: method, target, headers in their order and case. What belongs to the connection is left out, and
 *    the attempt id.
 * 2. The body streams on, chunk by chunk; when MinIO's connection is full, the client's is no longer read. With
 *    `Expect: 100-continue`, the client is told to send it when MinIO says so.
 * 3. The answer streams back in the same way. If it comes before the whole body was sent, the rest of the body is read and dropped.
 * 4. Whoever ends a connection in the middle, the other one is ended too: no answer is made up.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import type { EdgeEvent, Recorder } from '../history/events.ts';
import type { AnswerHead } from './answer-parser.ts';
import { AnswerReading } from './answer-reading.ts';
import { attemptHeader, endToEnd, header, lines, pairs } from './headers.ts';
import type { S3Request } from './s3-operation.ts';
import type { Upstream, UpstreamConnection } from './upstream.ts';

/** Sending these again leaves S3 as sending them once does (RFC 9110, 9.2.2). */
const idempotent = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']);

export interface ExchangeContext {
  route: string;
  connection: number;
  clock: Clock;
  record: Recorder;
  upstream: Upstream;
  /** The client waits for `100 Continue` before it sends the body. */
  expectsContinue: boolean;
}

export class Exchange {
  readonly #event: EdgeEvent;
  /** Ours from the sending of the request to the end of the answer. */
  #connection: UpstreamConnection | undefined;
  #reading: AnswerReading | undefined;
  /** The body's framing on the way to MinIO is the one that it came in. */
  readonly #chunked: boolean;
  #drained: (() => void) | undefined;
  #bodyFlows = false;
  #recorded = false;

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    readonly s3: S3Request,
    readonly context: ExchangeContext,
  ) {
    const id = request.headers[attemptHeader];
    this.#chunked = 'transfer-encoding' in request.headers;
    this.#event = {
      t: 0,
      type: 'edge',
      ...(typeof id === 'string' && { id }),
      route: context.route,
      connection: context.connection,
      ...s3,
      method: request.method as string,
      start: context.clock.now(),
      bytesIn: 0,
      bytesOut: 0,
    };
    response.once('close', this.#end);
    // A request that waits behind another one of its connection is not told by its response when the connection ends.
    request.socket.once('close', this.#end);
  }

  /** Names the rule that decides what becomes of this exchange. */
  ruledBy(rule: string): void {
    this.#event.rule = rule;
  }

  /** Sends the request on to MinIO, and MinIO's answer back. */
  forward(): void {
    // With an Expect, the body starts to flow when MinIO asks for it. Without, first of all: what of the body came with the head
    // leaves with the head.
    if (!this.context.expectsContinue) this.#letBodyFlow();
    this.#send();
  }

  /** Reads the body to its end, and drops it; then calls `then`. A body that the client waits to send is not asked for. */
  drain(then: () => void): void {
    if (this.context.expectsContinue) {
      then();
    } else {
      this.#drained = then;
      this.#letBodyFlow();
    }
  }

  /** Answers in S3's place. `code` is the S3 error code, for the history. */
  answer(status: number, headers: Record<string, string>, body: string, code: string): void {
    this.#event.status = status;
    this.#event.code = code;
    this.#event.answerStart = this.context.clock.now();
    // After an Expect that was not met, node:http closes the connection, as it must: a body was announced that will not be read.
    this.response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) });
    if (this.request.method !== 'HEAD') this.#event.bytesOut = Buffer.byteLength(body);
    this.response.end(body);
  }

  #letBodyFlow(): void {
    if (this.#bodyFlows) return;
    this.#bodyFlows = true;
    this.request.on('data', (chunk: Buffer) => {
      this.#event.bytesIn += chunk.length;
      if (!this.#passOn(chunk)) this.request.pause();
    });
    this.request.once('end', () => {
      this.#event.bodyEnd = this.context.clock.now();
      if (this.#chunked) this.#connection?.write(`0\r\n${lines(this.request.rawTrailers)}\r\n`);
      if (!this.#recorded) this.#drained?.();
    });
  }

  /** Passes on a piece of the body, or drops it when there is no connection. False when the connection is full. */
  #passOn(chunk: Buffer): boolean {
    const connection = this.#connection;
    if (!connection) return true;
    if (!this.#chunked) return connection.write(chunk);
    connection.write(`${chunk.length.toString(16)}\r\n`);
    connection.write(chunk);
    return connection.write('\r\n');
  }

  #send(resent?: string): void {
    const { clock, upstream } = this.context;
    const { method, url, rawHeaders } = this.request;
    this.#event.upstream = { start: clock.now(), end: 0, ...(resent !== undefined && { resent }) };
    const connection = upstream.take();
    this.#connection = connection;
    const head = `${method} ${url} HTTP/1.1\r\n${lines(endToEnd(rawHeaders, attemptHeader))}\r\n`;
    connection.send(method as string, head, {
      interim: (status) => this.#interim(status),
      head: (answer) => this.#relayHead(answer),
      body: (chunk) => this.#relayBody(chunk),
      end: (rawTrailers) => this.#relayEnd(rawTrailers),
      drain: () => {
        if (this.#bodyFlows) this.request.resume();
      },
      failed: (error) => this.#upstreamFailed(connection, error),
    });
  }

  #interim(status: number): void {
    // A client that did not ask would take it for the answer.
    if (status !== 100 || !this.context.expectsContinue || this.#bodyFlows) return;
    this.response.writeContinue();
    this.#letBodyFlow();
  }

  #relayHead({ status, message, rawHeaders }: AnswerHead): void {
    const { response, request } = this;
    const upstream = this.#event.upstream as NonNullable<EdgeEvent['upstream']>;
    upstream.answer = this.context.clock.now();
    upstream.status = status;
    this.#reading = new AnswerReading(this.s3.operation, status, header(rawHeaders, 'etag'));

    response.sendDate = false;
    // Answered without asking for the body: the connection will be closed (see `answer`), and that is to be said.
    if (this.context.expectsContinue && !this.#bodyFlows) response.shouldKeepAlive = false;
    // HTTP/1.1 keeps connections open without a word: MinIO says none, so we say none.
    if (response.shouldKeepAlive && request.httpVersionMinor > 0) response.removeHeader('connection');
    // HTTP/1.0 does not know chunks: there the end of the connection is the end of the body.
    const strip = request.httpVersionMinor === 0 ? 'transfer-encoding' : undefined;
    response.writeHead(status, message, endToEnd(rawHeaders, strip));
    response.on('drain', () => this.#connection?.resume());
    this.#event.status = status;
    this.#event.answerStart = upstream.answer;
    // The head must not wait for a body that MinIO takes its time with. Without a body, both go at once.
    if (header(rawHeaders, 'content-length') === '0') return;
    setImmediate(() => {
      if (this.#event.bytesOut === 0 && !response.writableEnded && !response.destroyed) response.flushHeaders();
    });
  }

  #relayBody(chunk: Buffer): void {
    this.#reading?.see(chunk);
    this.#event.bytesOut += chunk.length;
    if (!this.response.write(chunk)) this.#connection?.pause();
  }

  #relayEnd(rawTrailers: string[]): void {
    const upstream = this.#event.upstream as NonNullable<EdgeEvent['upstream']>;
    upstream.end = this.context.clock.now();
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.release(this.#event.bodyEnd !== undefined);
    if (rawTrailers.length > 0) this.response.addTrailers(pairs(rawTrailers));
    this.response.end();
    // What still comes of the body has nowhere to go (see `#passOn`), and is read all the same.
    if (this.#bodyFlows) this.request.resume();
  }

  #upstreamFailed(connection: UpstreamConnection, error: NodeJS.ErrnoException): void {
    const upstream = this.#event.upstream as NonNullable<EdgeEvent['upstream']>;
    const reason = error.code ?? error.message;
    // MinIO ended a kept connection just when it was used again. No fault that anybody injected: nothing was lost, so once more.
    const nothingLost = upstream.answer === undefined && this.#event.bytesIn === 0;
    if (connection.reused && nothingLost && idempotent.has(this.request.method as string)) {
      this.#send(reason);
      return;
    }
    this.#connection = undefined;
    upstream.end = this.context.clock.now();
    upstream.error = error.code === 'EPROTO' ? `EPROTO: ${error.message}` : reason;
    this.#event.cut = 'upstream';
    this.request.socket.destroy();
  }

  readonly #end = (): void => {
    if (this.#recorded) return;
    this.#recorded = true;
    this.request.socket.off('close', this.#end);
    const event = this.#event;
    event.t = this.context.clock.now();
    if (!this.response.writableFinished) event.cut ??= 'client';
    if (event.upstream) {
      if (event.upstream.end === 0) event.upstream.end = event.t;
      const etag = this.#reading?.etag;
      if (etag !== undefined) event.upstream.etag = etag;
      const code = this.#reading?.code;
      if (code !== undefined) event.code = code;
    }
    this.#connection?.destroy();
    this.context.record(event);
  };
}
