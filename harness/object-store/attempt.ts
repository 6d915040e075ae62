/**
 * One attempt, on its way through an SDK. An SDK has no room in its calls for the attempt that a call belongs to, so it travels
 * beside the call (AsyncLocalStorage): the adapter starts it, the SDK builds and signs a request, and the transport finds out
 * which attempt it is sending.
 *
 * 1. `runAttempt` calls the SDK. A body that is a `Body` goes beside the call too: the SDK only signs for it.
 * 2. The transport claims the attempt: a second request within it would be the SDK retrying by itself, and is refused.
 * 3. The transport says how the exchange ended: the event, and the failure as this port has it.
 * 4. When the call has settled too, the event is reported. What the SDK made of a failure is not looked at: the two SDKs lose
 *    different things (minio: the code of every 503), the transport saw everything.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { AttemptEvent, S3Operation } from '../history/events.ts';
import { DeadlineExceeded } from './object-store.ts';
import { type AttemptContext, type Body, type S3Error, TransportError } from './s3-operations.ts';

/** What an attempt is of. */
export interface AttemptTarget {
  operation: S3Operation;
  bucket: string;
  /** Empty for an operation on the bucket. */
  key: string;
  partNumber?: number;
}

const current = new AsyncLocalStorage<Attempt>();

export class Attempt {
  #claimed = false;
  #event: AttemptEvent | undefined;
  #failure: Error | undefined;
  #settled = false;
  #endExchange: () => void = () => {};
  /** Resolves when the exchange is over. */
  readonly exchange = new Promise<void>((resolve) => {
    this.#endExchange = resolve;
  });

  /**
   * What the transport sends as the request's body, in place of what the SDK hands it: an SDK that is given the hash has no business with the
   * bytes, and what they would be piped through costs more than the rest of a small request.
   */
  body: { content: Body; sha256: string } | undefined;

  constructor(
    readonly target: AttemptTarget,
    readonly context: AttemptContext,
  ) {}

  /** The attempt that the running code belongs to. @throws Error outside of `runAttempt`: a harness error. */
  static current(): Attempt {
    const attempt = current.getStore();
    if (!attempt) throw new Error('transport: a request that belongs to no attempt: it must be sent within runAttempt');
    return attempt;
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  /** @throws Error when a request was sent already. */
  claim(): void {
    if (this.#claimed) {
      const { operation, key } = this.target;
      this.#failure = new Error(
        `${operation} ${key}: the SDK sent a second request within one attempt: turn its own retries off`,
      );
      throw this.#failure;
    }
    this.#claimed = true;
  }

  /** The exchange is over. `failure` is what the call rejects with. */
  exchangeEnded(event: AttemptEvent, failure?: S3Error | TransportError | Error): void {
    this.#event = event;
    this.#failure = failure;
    this.#endExchange();
    this.#reportWhenOver();
  }

  /** The SDK could not make sense of an answer that the transport took to be good. */
  answerRefused(error: Error): TransportError {
    const { operation, key } = this.target;
    const status = this.#event?.status;
    const detail = `the answer is not what S3 answers: ${error.message}`;
    if (this.#event) Object.assign(this.#event, { outcome: 'info', failure: 'protocol', message: detail });
    return new TransportError(operation, key, 'protocol', detail, { cause: error, ...(status && { status }) });
  }

  callSettled(): void {
    this.#settled = true;
    this.#reportWhenOver();
  }

  get claimed(): boolean {
    return this.#claimed;
  }

  #reportWhenOver(): void {
    if (this.#event && this.#settled) this.context.report(this.#event);
  }
}

/**
 * Runs `call`, in which an SDK sends one request through the transport.
 * @throws S3Error, TransportError: what the transport saw.
 * @throws Error of another kind: nothing was sent, since the SDK refused its input or the local disk could not be read.
 */
export async function runAttempt<T>(
  target: AttemptTarget,
  context: AttemptContext,
  call: () => Promise<T>,
): Promise<T> {
  const attempt = new Attempt(target, context);
  if (context.signal.aborted) throw endedBySignal(target, context.signal);
  try {
    const result = await current.run(attempt, call);
    // An SDK may take for a success what the transport knows to be none.
    if (attempt.failure) throw attempt.failure;
    return result;
  } catch (error) {
    // Between the steps before the request is sent (hashing the body, signing it) the signal is not watched.
    if (!attempt.claimed) throw context.signal.aborted ? endedBySignal(target, context.signal) : error;
    // An SDK may reject before the transport is through: minio does as soon as the body's stream fails.
    await attempt.exchange;
    throw attempt.failure ?? attempt.answerRefused(error as Error);
  } finally {
    attempt.callSettled();
  }
}

/**
 * The error of an operation whose signal ended it. In the words of Go's context package: they are what Tempo logs. `url`: of the request
 * that was under way.
 */
export function endedBySignal(
  { operation, key }: Pick<AttemptTarget, 'operation' | 'key'>,
  signal: AbortSignal,
  url?: string,
): TransportError {
  const deadline = signal.reason instanceof DeadlineExceeded;
  const words = deadline ? 'context deadline exceeded' : 'context canceled';
  const options = { cause: signal.reason, ...(url !== undefined && { url }) };
  return new TransportError(operation, key, deadline ? 'deadline' : 'aborted', words, options);
}

/** What an answer has to have. @throws Error naming the field, when it has not. */
export function present<T>(field: string, value: T | undefined): T {
  if (value === undefined || value === '') throw new Error(`it has no ${field}`);
  return value;
}
