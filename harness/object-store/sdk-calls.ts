/**
 * Calls of an SDK that retries by itself, and what it sends for them, seen below its retries: at Node's `http.request`.
 *
 * 1. A call runs within a scope (AsyncLocalStorage). Each request that the SDK sends within it is an attempt: it is told by its method
 *    and path what it is of, gets the attempt's id as a header, which is outside the signature, and is watched (node-request.ts).
 * 2. A request like one that has failed before in the same call is the next attempt of it. That a failed one is followed by another is
 *    known when that begins, so its event waits till then, or for the end of the call: `retryIn` is what was measured.
 * 3. A call that fails rejects with what the last failed attempt saw. What an SDK makes of an error is its own (minio loses the code of a
 *    503); it is the `cause`.
 * 4. When the signal ends, the call is over for the caller. What the SDK still does, as minio does, which cannot be told to stop, is
 *    watched on.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https, { type RequestOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import { identify, type S3Request } from '../gateway/s3-operation.ts';
import type { AttemptEvent, Recorder, S3Operation } from '../history/events.ts';
import { endedBySignal } from './attempt.ts';
import { inNanoseconds } from './in-nanoseconds.ts';
import { type NodeRequestEnd, watchRequest } from './node-request.ts';
import { mayHideError } from './s3-answer.ts';
import { S3Error, TransportError } from './s3-operations.ts';
import { attemptHeader } from './transport.ts';
import { readErrorDocument } from './xml.ts';

export interface SdkCallsOptions {
  clock: Clock;
  /** Takes the `attempt` events. */
  record: Recorder;
  /** Unique in the run: request and attempt ids begin with it. */
  writer: string;
  /** The endpoint's own name, when buckets are in front of it. */
  domain?: string;
  /**
   * The certificate authority (PEM) that signs for the endpoint; absent: those that Node trusts. It goes into each request, as if the
   * machine trusted it: an agent's would not do, since the AWS SDK makes a new one for each request with `Expect`.
   */
  ca?: string;
}

interface Target {
  operation: S3Operation;
  key: string;
}

export class SdkCalls {
  readonly #options: SdkCallsOptions;
  readonly #connections = new WeakMap<Socket, number>();
  #connectionCount = 0;
  #requests = 0;
  #closed = false;

  constructor(options: SdkCallsOptions) {
    this.#options = options;
    interceptNodeRequests();
  }

  /** @throws S3Error, TransportError: of the last attempt that failed, or that `signal` has ended. */
  async run<T>(target: Target, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    if (signal.aborted) throw endedBySignal(target, signal);
    const scope = new Scope(this, this.#options, signal);
    let onAbort = () => {};
    const ended = new Promise<never>((_, reject) => {
      onAbort = () => reject(endedBySignal(target, signal));
      signal.addEventListener('abort', onAbort, { once: true });
    });
    const called = current.run(scope, call).finally(() => scope.settle());
    try {
      return await Promise.race([called, ended]);
    } catch (error) {
      throw signal.aborted ? endedBySignal(target, signal) : (scope.failure(error as Error) ?? error);
    } finally {
      // Whoever loses the race may still reject: nobody waits for it.
      called.catch(() => {});
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** What happens from here on is not recorded: whoever records has gone. */
  close(): void {
    this.#closed = true;
  }

  record(event: AttemptEvent): void {
    if (!this.#closed) this.#options.record(event);
  }

  newRequest(): string {
    return `${this.#options.writer}-${++this.#requests}`;
  }

  connectionId(socket: Socket): number {
    const known = this.#connections.get(socket) ?? ++this.#connectionCount;
    this.#connections.set(socket, known);
    return known;
  }
}

/** A request needed: its attempts so far, and the event of a failed one that waits to be told whether another follows. */
interface Needed {
  id: string;
  attempts: number;
  failed: boolean;
  waiting?: AttemptEvent | undefined;
}

class Scope {
  readonly #calls: SdkCalls;
  readonly #options: SdkCallsOptions;
  readonly #signal: AbortSignal;
  readonly #needed = new Map<string, Needed>();
  readonly #watched = new Set<() => void>();
  #last: { event: AttemptEvent; region: string | undefined } | undefined;
  #settled = false;

  constructor(calls: SdkCalls, options: SdkCallsOptions, signal: AbortSignal) {
    this.#calls = calls;
    this.#options = options;
    this.#signal = signal;
  }

  send(original: RequestFunction, options: RequestOptions, onResponse?: OnResponse): ClientRequest {
    const { ca, clock, domain } = this.#options;
    const headers = options.headers as Record<string, string>;
    const host = headers.host ?? headers.Host;
    const copySource = headers['x-amz-copy-source'];
    const about = identify(
      options.method ?? 'GET',
      options.path ?? '/',
      { host, 'x-amz-copy-source': copySource },
      domain,
    );
    const start = clock.now();
    const needed = this.#attemptOf(about, start);
    const attempt = needed.attempts;
    const id = `${needed.id}.${attempt}`;
    const own = { headers: { ...headers, [attemptHeader]: id }, ...(ca !== undefined && { ca }) };
    const request = original({ ...options, ...own }, onResponse);
    const stop = watchRequest(request, start, clock, (end) => {
      this.#watched.delete(stop);
      this.#attemptEnded(needed, this.#event(about, { id, request: needed.id, attempt, start }, end), end);
    });
    this.#watched.add(stop);
    return request;
  }

  /** The SDK has answered the caller: nothing is tried again any more, and an answer that it leaves unread will not be read. */
  settle(): void {
    this.#settled = true;
    for (const stop of [...this.#watched]) stop();
    for (const needed of this.#needed.values()) this.#tell(needed);
  }

  /** What the attempt saw that failed last, or `undefined` if none did: then the SDK has a reason of its own. */
  failure(cause: Error): Error | undefined {
    if (!this.#last) return undefined;
    const { event, region } = this.#last;
    const { operation, key, status, code, message = '', failure } = event;
    if (failure === undefined) {
      return Object.assign(new S3Error(operation, key, status ?? 0, code, message, region), { cause });
    }
    return new TransportError(operation, key, failure, message, { cause, ...(status !== undefined && { status }) });
  }

  #attemptOf(about: S3Request, start: number): Needed {
    const name = `${about.operation} ${about.partNumber ?? ''} ${about.bucket} ${about.key}`;
    let needed = this.#needed.get(name);
    if (needed?.failed) this.#tell(needed, start);
    else {
      needed = { id: this.#calls.newRequest(), attempts: 0, failed: false };
      this.#needed.set(name, needed);
    }
    needed.attempts++;
    needed.failed = false;
    return needed;
  }

  #attemptEnded(needed: Needed, event: AttemptEvent, { answer }: NodeRequestEnd): void {
    if (event.outcome === 'ok') {
      // What failed before has been made good.
      if (this.#last?.event.request === event.request) this.#last = undefined;
      this.#calls.record(event);
      return;
    }
    const region = readErrorDocument(answer?.text ?? '')?.region;
    this.#last = { event, region };
    needed.failed = true;
    needed.waiting = event;
    if (this.#settled) this.#tell(needed);
  }

  /** `nextStart`: when the next attempt begins. Absent: there is none. */
  #tell(needed: Needed, nextStart?: number): void {
    const { waiting } = needed;
    if (!waiting) return;
    needed.waiting = undefined;
    this.#calls.record(nextStart === undefined ? waiting : { ...waiting, retryIn: nextStart - waiting.t });
  }

  #event(
    { operation, bucket, key, partNumber }: S3Request,
    which: Pick<AttemptEvent, 'id' | 'request' | 'attempt' | 'start'>,
    end: NodeRequestEnd,
  ): AttemptEvent {
    const { phases, bytesSent, bytesReceived, connection } = end;
    return {
      t: this.#options.clock.now(),
      type: 'attempt',
      operation,
      bucket,
      key,
      ...(partNumber !== undefined && { partNumber }),
      ...which,
      phases: inNanoseconds(phases),
      bytesSent,
      bytesReceived,
      ...this.#result(operation, end),
      ...(connection && { connection: this.#calls.connectionId(connection.socket), reused: connection.reused }),
    };
  }

  #result(operation: S3Operation, end: NodeRequestEnd): Pick<AttemptEvent, 'outcome' | 'status' | 'code' | 'message'> {
    const { answer, failure } = end;
    const status = answer && { status: answer.status };
    if (failure && this.#signal.aborted) {
      const ended = endedBySignal({ operation, key: '' }, this.#signal);
      const message = ended.message.slice(`${operation} : `.length);
      return { outcome: end.anySent ? 'info' : 'fail', ...status, ...{ failure: ended.failure, message } };
    }
    const document = answer && readErrorDocument(answer.text);
    const refused = answer && (answer.status >= 300 || (document && mayHideError(operation)));
    // An error that the SDK did not read to its end is one all the same.
    if (refused) {
      const message = document?.message || `${answer.status} ${answer.statusText}`;
      return { outcome: 'fail', ...status, ...(document && { code: document.code }), message };
    }
    if (!failure) return { outcome: 'ok', ...status };
    const { kind, message } = failure;
    return { outcome: end.anySent ? 'info' : 'fail', ...status, ...{ failure: kind, message } };
  }
}

type OnResponse = (response: IncomingMessage) => void;
type RequestFunction = (options: RequestOptions, onResponse?: OnResponse) => ClientRequest;

const current = new AsyncLocalStorage<Scope>();
let intercepting = false;

/** Once in a process. Outside of a call nothing is different. */
function interceptNodeRequests(): void {
  if (intercepting) return;
  intercepting = true;
  for (const module of [http, https]) {
    const original = module.request as RequestFunction;
    // Others may call it in any of its ways, the SDKs in this one.
    const request = (...all: Parameters<RequestFunction>) => {
      const scope = current.getStore();
      return scope ? scope.send(original, ...all) : original(...all);
    };
    Object.assign(module, { request });
  }
}
