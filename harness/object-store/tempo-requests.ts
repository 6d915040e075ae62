/**
 * One request as minio-go makes it (7.0.94 and 7.1.0: api.go, retry.go, bucket-cache.go): as many attempts as it takes, or as the
 * policy has.
 *
 * 1. There are `attempts` turns. Once the operation's signal has ended, that is the error, and hides whatever S3 said.
 * 2. A client that has no region finds out first where the bucket is, for as long as nobody has told it: that takes an attempt of
 *    GetBucketLocation, signed for us-east-1. A failure of it ends the request, but for the S3 codes that are retried: they cost a turn.
 *    A refusal that names a region is an answer, and one that names none means us-east-1.
 * 3. Then the request is sent. An error that is not retried ends it. To a client that has no region, an error that may be due to a wrong
 *    one ends it when it names no region, and is retried, for the region that it names, when that is news.
 * 4. After each failed turn that may be followed by another it waits, full jitter, after the last one too.
 */
import type { Clock } from '../clock.ts';
import type { AttemptEvent, Recorder, S3Operation } from '../history/events.ts';
import type { Random } from '../random.ts';
import type { ClientPolicySettings } from '../tempo/settings.ts';
import { endedBySignal } from './attempt.ts';
import { backoff } from './backoff.ts';
import { asksAgain, DEFAULT_REGION, isAboutRegion, regionOf } from './bucket-region.ts';
import { isRetryable } from './retryable.ts';
import { type AttemptContext, type S3Operations, TransportError } from './s3-operations.ts';

export interface TempoRequestsOptions {
  operations: S3Operations;
  policy: Pick<ClientPolicySettings, 'attempts' | 'backoffUnit' | 'backoffCap'>;
  /** The client has no region: S3 is asked. Otherwise the operations sign for the one that they were made with. */
  askRegion?: boolean;
  clock: Clock;
  random: Random;
  /** Takes the `attempt` events. */
  record: Recorder;
  /** Unique in the run: request and attempt ids begin with it. */
  writer: string;
}

/** What a request is of. */
export interface Target {
  operation: S3Operation;
  key: string;
  partNumber?: number;
}

type Send<T> = (context: AttemptContext) => Promise<T>;

/** A request needed, and how many attempts of it there were. */
interface Needed {
  id: string;
  attempts: number;
}

type Ended<T> = { value: T } | { error: unknown; mayRetry: boolean };

export class TempoRequests {
  readonly #options: TempoRequestsOptions;
  #requests = 0;
  /** Where S3 says that the bucket is. */
  #region: string | undefined;
  /**
   * How many times each request was needed (a block that is flushed again needs the same ones). It goes into the key of the
   * draws: their order of arrival must not. Grows by the objects written, some 100 bytes each.
   */
  readonly #needed = new Map<string, number>();

  constructor(options: TempoRequestsOptions) {
    this.#options = options;
  }

  /** @throws what the last attempt ended with, or, once `signal` has ended, a TransportError that says so. */
  async request<T>(target: Target, signal: AbortSignal, send: Send<T>): Promise<T> {
    const { policy, clock } = this.#options;
    const needed = this.#newRequest();
    const question = this.#options.askRegion ? this.#newRequest() : undefined;
    const jitter = this.#jitter(target);
    for (let turn = 1; ; turn++) {
      if (signal.aborted) throw endedBySignal(target, signal);
      const wait = () => backoff(turn, policy, jitter(turn));
      const retryIn = turn < policy.attempts ? wait : undefined;
      const ended = await this.#turn(needed, question, signal, send, retryIn);
      if ('value' in ended) return ended.value;
      if (signal.aborted) throw saysSo(ended.error) ? ended.error : endedBySignal(target, signal);
      if (!ended.mayRetry) throw ended.error;
      await clock.sleep(wait(), signal).catch(() => {
        throw endedBySignal(target, signal);
      });
      if (turn === policy.attempts) throw ended.error;
    }
  }

  async #turn<T>(
    needed: Needed,
    question: Needed | undefined,
    signal: AbortSignal,
    send: Send<T>,
    retryIn: (() => number) | undefined,
  ): Promise<Ended<T>> {
    if (!question) return this.#attempt(needed, signal, undefined, send, isRetryable, retryIn);
    const found = await this.#findRegion(question, signal, retryIn);
    if ('error' in found) return found;
    const signedFor = found.value;
    return this.#attempt(needed, signal, signedFor, send, (error) => this.#triesAgain(error, signedFor), retryIn);
  }

  async #findRegion(
    question: Needed,
    signal: AbortSignal,
    retryIn: (() => number) | undefined,
  ): Promise<Ended<string>> {
    if (this.#region !== undefined) return { value: this.#region };
    const { operations } = this.#options;
    const ask: Send<string> = (context) => operations.getBucketLocation(context);
    const answer = await this.#attempt(question, signal, DEFAULT_REGION, ask, asksAgain, retryIn);
    if ('value' in answer) this.#region = regionOf(answer.value);
    else if (isAboutRegion(answer.error)) this.#region = answer.error.region || DEFAULT_REGION;
    else return answer;
    return { value: this.#region };
  }

  /** Of a client that has no region of its own. */
  #triesAgain(error: unknown, signedFor: string): boolean {
    if (!isAboutRegion(error)) return isRetryable(error);
    if (!error.region) return false;
    if (error.region === signedFor) return isRetryable(error);
    this.#region = error.region;
    return true;
  }

  async #attempt<T>(
    needed: Needed,
    signal: AbortSignal,
    region: string | undefined,
    send: Send<T>,
    mayRetry: (error: unknown) => boolean,
    retryIn: (() => number) | undefined,
  ): Promise<Ended<T>> {
    const { record } = this.#options;
    const attempt = ++needed.attempts;
    let event: AttemptEvent | undefined;
    const report = (happened: AttemptEvent) => {
      event = happened;
    };
    const context = { id: `${needed.id}.${attempt}`, request: needed.id, attempt, signal, report };
    let ended: Ended<T>;
    try {
      ended = { value: await send(region === undefined ? context : { ...context, region }) };
    } catch (error) {
      ended = { error, mayRetry: mayRetry(error) && !signal.aborted };
    }
    if (event) record('error' in ended && ended.mayRetry && retryIn ? { ...event, retryIn: retryIn() } : event);
    return ended;
  }

  #newRequest(): Needed {
    // Named when it is first sent: a question that is not asked is no request.
    const name = () => `${this.#options.writer}-${++this.#requests}`;
    let id: string | undefined;
    return {
      attempts: 0,
      get id() {
        id ??= name();
        return id;
      },
    };
  }

  #jitter({ operation, key, partNumber = 0 }: Target): (turn: number) => number {
    const name = `${operation} ${partNumber} ${key}`;
    const time = (this.#needed.get(name) ?? 0) + 1;
    this.#needed.set(name, time);
    return (turn) => this.#options.random.uniform('backoff', operation, key, partNumber, time, turn);
  }
}

/** An attempt that the signal has ended says which request that was. */
function saysSo(error: unknown): boolean {
  return error instanceof TransportError && (error.failure === 'deadline' || error.failure === 'aborted');
}
