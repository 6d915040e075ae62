/**
 * An object store in memory, that fails as it is told to. Of an object it keeps the size and the hash alone, so that it
 * takes blocks of any size, in virtual time.
 */
import type { Clock } from '../clock.ts';
import type { S3Operation, TransportFailure } from '../history/events.ts';
import { DeadlineExceeded, type ObjectStore } from '../object-store/object-store.ts';
import { type Body, S3Error, TransportError } from '../object-store/s3-operations.ts';

/** What becomes of one put. */
export type PutScript =
  | { answer: 'ok'; afterMs?: number }
  /** The store gives up, having tried for so long: S3 answers 503 SlowDown. */
  | { answer: 'fail'; afterMs?: number }
  /** S3 never answers: only the signal ends it. */
  | { answer: 'hang' }
  /** The object is sent at this rate, and then acknowledged. */
  | { answer: 'slow'; bytesPerSecond: number };

export interface Put {
  key: string;
  size: number;
  /** 1 for the first put of this key. */
  number: number;
}

/** One put as it happened. */
export interface PutRecord extends Put {
  start: number;
  end: number;
  outcome: 'ok' | 'fail' | TransportFailure;
}

export class MemoryObjectStore implements Pick<ObjectStore, 'putObject' | 'checkAccess'> {
  /** The objects that were acknowledged. */
  readonly objects = new Map<string, { size: number; sha256: string }>();
  /** All puts that have ended, in the order of their end. */
  readonly puts: PutRecord[] = [];
  /** What `checkAccess` rejects with. */
  unreachable: Error | undefined;
  readonly #clock: Clock;
  readonly #script: (put: Put) => PutScript;
  readonly #numbers = new Map<string, number>();

  constructor(clock: Clock, script: (put: Put) => PutScript = () => ({ answer: 'ok' })) {
    this.#clock = clock;
    this.#script = script;
  }

  async putObject(key: string, body: Body, signal: AbortSignal): Promise<void> {
    const number = (this.#numbers.get(key) ?? 0) + 1;
    this.#numbers.set(key, number);
    const put = { key, size: body.size, number };
    const start = this.#clock.now();
    const ended = (outcome: PutRecord['outcome']) => this.puts.push({ ...put, start, end: this.#clock.now(), outcome });
    const script = this.#script(put);
    try {
      await this.#pass(script, body.size, signal);
    } catch {
      const error = endedBySignal('PutObject', key, signal);
      ended(error.failure);
      throw error;
    }
    if (script.answer === 'fail') {
      ended('fail');
      throw new S3Error('PutObject', key, 503, 'SlowDown', 'Please reduce your request rate.');
    }
    this.objects.set(key, { size: body.size, sha256: await body.sha256() });
    ended('ok');
  }

  async checkAccess(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw endedBySignal('ListObjectsV2', '', signal);
    if (this.unreachable) throw this.unreachable;
  }

  /** Resolves when the put would be answered; rejects when the signal ends it. */
  #pass(script: PutScript, size: number, signal: AbortSignal): Promise<void> {
    switch (script.answer) {
      case 'hang':
        return new Promise((_, reject) => {
          if (signal.aborted) reject(signal.reason);
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        });
      case 'slow':
        return this.#clock.sleep((size / script.bytesPerSecond) * 1000, signal);
      default:
        return this.#clock.sleep(script.afterMs ?? 0, signal);
    }
  }
}

function endedBySignal(operation: S3Operation, key: string, signal: AbortSignal): TransportError {
  return signal.reason instanceof DeadlineExceeded
    ? new TransportError(operation, key, 'deadline', signal.reason.message)
    : new TransportError(operation, key, 'aborted', 'the writer was stopped');
}
