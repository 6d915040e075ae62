/**
 * One request and its answer, at the S3 edge. It is forwarded, or rules make something else of it; either way it becomes one `edge`
 * event of the history.
 *
 * How it is forwarded:
 * 1. The head goes on as it came: method, target, headers in their order and case. What belongs to the connection is left out, and
 *    the attempt id.
 * 2. The body streams on, chunk by chunk; when MinIO's connection is full, the client's is no longer read. With
 *    `Expect: 100-continue`, the client is told to send it when MinIO says so.
 * 3. The answer streams back in the same way. If it comes before the whole body was sent, the rest of the body is read and dropped.
 * 4. Whoever ends a connection in the middle, the other one is ended too: no answer is made up.
 *
 * What rules can do with it: prepare it (`wait`, `alterBody`, `alterAnswer`), and then set it going in one way (`forward`, `apply`,
 * `drain`, `ignoreBody`). What is answered in MinIO's place goes into `reply`, the same way to the client as MinIO's answers.
 *
 * How it waits, on its way to MinIO and on the way back (`wait`):
 * 1. The last `KEPT_BACK` bytes of the body are kept back, and with them the head if the body has no more: so MinIO cannot do what is
 *    asked before the time has come, and nothing large is held in memory.
 * 2. When the body was read to its end, the waits before MinIO run, one after the other; then the rest goes on to MinIO. So that MinIO
 *    does not give up meanwhile, it is fed a byte from time to time.
 * 3. The answer is kept back, up to a buffer's size, while the waits after MinIO run. One that comes early, because MinIO did not want
 *    the whole body, waits for those before MinIO as well.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Cancel, Clock } from '../clock.ts';
import type { EdgeEvent, JudgedBy, Recorder } from '../history/events.ts';
import type { AnswerHead } from './answer-parser.ts';
import { AnswerReading } from './answer-reading.ts';
import type { AnswerSink } from './answer-sink.ts';
import { ClientAnswer } from './client-answer.ts';
import { attemptHeader, endToEnd, header, lines } from './headers.ts';
import { HeldAnswer } from './held-answer.ts';
import type { S3Request } from './s3-operation.ts';
import type { Upstream, UpstreamConnection } from './upstream.ts';

/** Sending these again leaves S3 as sending them once does (RFC 9110, 9.2.2). */
const idempotent = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']);

/** Bytes. */
const KEPT_BACK = 64 * 1024;
/**
 * Milliseconds. MinIO (at its default, `--idle-timeout 30s`) answered 503 RequestTimeout when nothing of a body had come for 60 s, as it
 * reads twice for 30 s.
 */
const FEED_MS = 10_000;

export interface ExchangeContext {
  route: string;
  connection: number;
  /** When those bytes of the connection came in at the wire stage that are being read from it, on the clock. */
  arrival: () => number;
  /** The exchange's own, in its route, from 1 on. */
  number: number;
  clock: Clock;
  record: Recorder;
  upstream: Upstream;
  /** The client waits for `100 Continue` before it sends the body. */
  expectsContinue: boolean;
}

/** Begins to wait, and calls `over` later; what is returned ends the waiting early. `undefined`: there is nothing to wait for. */
export type Wait = (over: () => void) => Cancel | undefined;

/** Where a request waits: before MinIO can have done what it asks, or when its answer is there. */
export type WaitingPlace = 'before-apply' | 'after-apply';

export class Exchange {
  readonly #event: EdgeEvent;
  /** Where answers go: to the client, through what rules have put in the way. */
  #answer: AnswerSink;
  readonly #client: ClientAnswer;
  /** Ours from the sending of the request to the end of the answer. */
  #connection: UpstreamConnection | undefined;
  #reading: AnswerReading | undefined;
  /** The body's framing on the way to MinIO is the one that it came in. */
  readonly #chunked: boolean;
  /** What the connection is to become after an Expect that was met. */
  readonly #keepAlive: boolean;
  readonly #waits: Record<WaitingPlace, Wait[]> = { 'before-apply': [], 'after-apply': [] };
  #waiting: { since: number; cancel: Cancel } | undefined;
  /** How far the waits before MinIO are; `none`: nobody asked for any, here or there. */
  #beforeApply: 'none' | 'due' | 'waiting' | 'over' = 'none';
  /** What is to happen when they are over. */
  #whenOver: (() => void)[] = [];
  /** The request goes on to MinIO. */
  #forwards = false;
  /** The last bytes of the body, while there may be something to wait for. */
  #tail: Buffer | undefined;
  #alterBody: ((chunk: Buffer) => Buffer) | undefined;
  /** MinIO's answer is read to its end and not passed on; then this is called. */
  #applied: (() => void) | undefined;
  #bodyRead: (() => void)[] = [];
  #bodyFlows = false;
  /** The S3 error code of an answer that MinIO did not give. */
  #code: string | undefined;
  #rules: ((forwarded: boolean) => string | undefined) | undefined;
  #ending: (() => void)[] = [];
  #recorded = false;
  /** Since when the body waits for MinIO to take more of it. */
  #blockedSince: number | undefined;

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    readonly s3: S3Request,
    readonly context: ExchangeContext,
  ) {
    const id = request.headers[attemptHeader];
    this.#chunked = 'transfer-encoding' in request.headers;
    this.#keepAlive = response.shouldKeepAlive;
    // Answered without asking for the body: the connection must be closed, and that is to be said.
    if (context.expectsContinue) response.shouldKeepAlive = false;
    const came = context.arrival();
    this.#event = {
      t: 0,
      type: 'edge',
      ...(typeof id === 'string' && { id }),
      route: context.route,
      connection: context.connection,
      ...s3,
      method: request.method as string,
      wire: { first: came, last: came },
      start: context.clock.now(),
      bytesIn: 0,
      bytesOut: 0,
    };
    this.#client = new ClientAnswer(request, response, context.clock, this.#event, () => this.#connection?.resume());
    this.#answer = this.#client;
    response.once('close', this.#end);
    // A request that waits behind another one of its connection is not told by its response when the connection ends.
    request.socket.once('close', this.#end);
  }

  get number(): number {
    return this.context.number;
  }

  /**
   * `names` is asked when it is over, with whether the request was sent to MinIO, which rules decided what became of it. `judged`: what
   * each rule had decided of it before.
   */
  ruledBy(names: (forwarded: boolean) => string | undefined, judged: readonly JudgedBy[]): void {
    this.#rules = names;
    if (judged.length > 0) this.#event.judged = judged;
  }

  /** Makes it wait there, after what it was already to wait for. */
  wait(where: WaitingPlace, wait: Wait): void {
    this.#waits[where].push(wait);
    if (where === 'before-apply') this.#beforeApply = 'due';
    else if (this.#beforeApply === 'none') this.#beforeApply = 'over';
  }

  /** What goes on to MinIO of the body goes through `alter`. */
  alterBody(alter: (chunk: Buffer) => Buffer): void {
    const earlier = this.#alterBody;
    this.#alterBody = earlier ? (chunk) => alter(earlier(chunk)) : alter;
  }

  /** What the client is answered goes through what `alter` makes of its way there. */
  alterAnswer(alter: (way: AnswerSink) => AnswerSink): void {
    this.#answer = alter(this.#answer);
  }

  /** For the history: bits of a body were flipped. */
  flipped(bits: number): void {
    this.#event.flipped = (this.#event.flipped ?? 0) + bits;
  }

  /** Sends the request on to MinIO, and MinIO's answer back. */
  forward(): void {
    this.#forwards = true;
    this.#holdAnswer();
    // With an Expect, the body starts to flow when MinIO asks for it. Without, first of all: what of the body came with the head
    // leaves with the head.
    if (!this.context.expectsContinue) this.#letBodyFlow();
    // With something to wait for, it is sent with the body.
    if (this.#beforeApply !== 'due' || this.context.expectsContinue) this.#send();
  }

  /** Sends the request on to MinIO, reads MinIO's answer to its end, and calls `then` in place of passing it on. */
  apply(then: () => void): void {
    this.#applied = then;
    this.forward();
  }

  /** Reads the body to its end, and drops it; then calls `then`. A body that the client waits to send is not asked for. */
  drain(then: () => void): void {
    this.#holdAnswer();
    this.#letBodyFlow();
    if (this.context.expectsContinue) this.#afterWaits(then);
    else this.#bodyRead.push(() => this.#afterWaits(then));
  }

  /** Calls `then` without waiting for the body; what comes of it is read and dropped. */
  ignoreBody(then: () => void): void {
    this.#holdAnswer();
    this.#letBodyFlow();
    this.#afterWaits(then);
  }

  /** Calls `then` when the body was read to its end. */
  whenBodyRead(then: () => void): void {
    this.#bodyRead.push(then);
  }

  /** Takes the answer that is given in MinIO's place. `code` is its S3 error code, for the history. */
  reply(code: string | undefined): AnswerSink {
    this.#code = code;
    return this.#answer;
  }

  /** Ends the client's connection in place of an answer, when an answer would be given. */
  cut(took: () => void): void {
    this.#answer.cut(took);
  }

  /** Ends the client's connection at once, whatever it waits for. */
  sever(): void {
    this.#client.cut();
  }

  /** Calls `then` in so many milliseconds, unless the exchange has ended by then. */
  after(ms: number, then: () => void): Cancel {
    const cancel = this.context.clock.after(ms, then);
    this.whenEnded(cancel);
    return cancel;
  }

  /** Calls `then` when the exchange is over. */
  whenEnded(then: () => void): void {
    this.#ending.push(then);
  }

  /** Puts what holds answers back in their way, if there is something to wait for: MinIO's as well as those in its place. */
  #holdAnswer(): void {
    if (this.#beforeApply === 'none') return;
    this.#answer = new HeldAnswer(this.#answer, (open) => {
      // MinIO answered, and did not ask for the body: its end will not come.
      if (this.context.expectsContinue && !this.#bodyFlows) this.#afterWaits(() => {});
      const then = () => this.#runWaits(this.#waits['after-apply'], open);
      if (this.#beforeApply === 'over') then();
      else this.#whenOver.push(then);
    });
  }

  /** Runs the waits before MinIO, then `then`. */
  #afterWaits(then: () => void): void {
    if (this.#beforeApply === 'none' || this.#beforeApply === 'over') {
      then();
      return;
    }
    this.#whenOver.push(then);
    if (this.#beforeApply === 'waiting') return;
    this.#beforeApply = 'waiting';
    this.after(FEED_MS, this.#feed);
    this.#runWaits(this.#waits['before-apply'], () => {
      this.#beforeApply = 'over';
      for (const next of this.#whenOver.splice(0)) next();
    });
  }

  #runWaits(waits: Wait[], then: () => void): void {
    const { clock } = this.context;
    for (let wait = waits.shift(); wait; wait = waits.shift()) {
      const since = clock.now();
      const cancel = wait(() => {
        this.#stopWaiting();
        this.#runWaits(waits, then);
      });
      if (!cancel) continue;
      this.#waiting = { since, cancel };
      return;
    }
    then();
  }

  #stopWaiting(): void {
    if (!this.#waiting) return;
    this.#event.heldMs = (this.#event.heldMs ?? 0) + this.context.clock.now() - this.#waiting.since;
    this.#waiting = undefined;
  }

  #letBodyFlow(): void {
    if (this.#bodyFlows) return;
    this.#bodyFlows = true;
    this.request.on('data', (chunk: Buffer) => {
      this.#event.bytesIn += chunk.length;
      this.#cameIn();
      if (this.#passOn(chunk)) return;
      this.#blockedSince ??= this.context.clock.now();
      this.request.pause();
    });
    this.request.once('end', () => this.#bodyEnded());
  }

  /** What is being read of the request is the last of it that has come in so far. */
  #cameIn(): void {
    const { wire } = this.#event;
    if (wire) wire.last = this.context.arrival();
  }

  /** MinIO takes more of the body, or what is left of it goes nowhere. */
  #unblocked(): void {
    const { upstream } = this.#event;
    if (upstream && this.#blockedSince !== undefined) {
      upstream.blockedMs = (upstream.blockedMs ?? 0) + this.context.clock.now() - this.#blockedSince;
    }
    this.#blockedSince = undefined;
  }

  #bodyEnded(): void {
    this.#cameIn();
    this.#event.bodyEnd = this.context.clock.now();
    if (this.#recorded) return;
    for (const then of this.#bodyRead.splice(0)) then();
    if (this.#forwards) this.#afterWaits(() => this.#finishSending());
    // The answer came early, and the body was what was left of the exchange.
    if (this.response.writableFinished) this.#end();
  }

  /** Passes on a piece of the body, or drops it when it has nowhere to go. False when the connection is full. */
  #passOn(chunk: Buffer): boolean {
    if (!this.#forwards) return true;
    if (this.#beforeApply !== 'due') return this.#write(chunk);
    const all = this.#tail ? Buffer.concat([this.#tail, chunk]) : chunk;
    const passes = Math.max(0, all.length - KEPT_BACK);
    this.#tail = all.subarray(passes);
    if (passes === 0) return true;
    if (!this.#event.upstream) this.#send();
    return this.#write(all.subarray(0, passes));
  }

  readonly #feed = (): void => {
    if (this.#beforeApply !== 'waiting' || !this.#connection || !this.#tail || this.#tail.length < 2) return;
    this.#write(this.#tail.subarray(0, 1));
    this.#tail = this.#tail.subarray(1);
    this.after(FEED_MS, this.#feed);
  };

  /** Sends what was kept back, and the body's end. */
  #finishSending(): void {
    if (!this.#event.upstream) this.#send();
    if (this.#tail) this.#write(this.#tail);
    if (this.#chunked) this.#connection?.write(`0\r\n${lines(this.request.rawTrailers)}\r\n`);
  }

  #write(piece: Buffer): boolean {
    const connection = this.#connection;
    if (!connection) return true;
    const chunk = this.#alterBody ? this.#alterBody(piece) : piece;
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
        this.#unblocked();
        if (this.#bodyFlows) this.request.resume();
      },
      failed: (error) => this.#upstreamFailed(connection, error),
    });
  }

  #interim(status: number): void {
    // A client that did not ask would take it for the answer.
    if (status !== 100 || !this.context.expectsContinue || this.#bodyFlows) return;
    this.response.shouldKeepAlive = this.#keepAlive;
    this.response.writeContinue();
    this.#letBodyFlow();
  }

  #relayHead(answer: AnswerHead): void {
    const upstream = this.#event.upstream as NonNullable<EdgeEvent['upstream']>;
    upstream.answer = this.context.clock.now();
    upstream.status = answer.status;
    this.#reading = new AnswerReading(this.s3.operation, answer.status, header(answer.rawHeaders, 'etag'));
    if (!this.#applied) this.#answer.head(answer);
  }

  #relayBody(chunk: Buffer): void {
    this.#reading?.see(chunk);
    if (!this.#applied && !this.#answer.body(chunk)) this.#connection?.pause();
  }

  #relayEnd(rawTrailers: string[]): void {
    const upstream = this.#event.upstream as NonNullable<EdgeEvent['upstream']>;
    upstream.end = this.context.clock.now();
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.release(this.#event.bodyEnd !== undefined);
    if (this.#applied) this.#applied();
    else this.#answer.end(rawTrailers);
    // What still comes of the body has nowhere to go (see `#write`), and is read all the same.
    this.#unblocked();
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
    const { request, response } = this;
    // Answered early: what still comes of the body belongs to this exchange.
    if (this.#bodyFlows && this.#event.bodyEnd === undefined && response.writableFinished && !request.socket.destroyed)
      return;
    this.#recorded = true;
    request.socket.off('close', this.#end);
    this.#waiting?.cancel();
    this.#stopWaiting();
    for (const ended of this.#ending.splice(0)) ended();
    const event = this.#event;
    event.t = this.context.clock.now();
    if (!response.writableFinished) event.cut ??= 'client';
    this.#unblocked();
    if (event.upstream) {
      if (event.upstream.end === 0) event.upstream.end = event.t;
      const etag = this.#reading?.etag;
      if (etag !== undefined) event.upstream.etag = etag;
    }
    const code = this.#code ?? (this.#applied ? undefined : this.#reading?.code);
    if (event.status !== undefined && code !== undefined) event.code = code;
    const rule = this.#rules?.(event.upstream !== undefined);
    if (rule !== undefined) event.rule = rule;
    this.#connection?.destroy();
    this.context.record(event);
  };
}
