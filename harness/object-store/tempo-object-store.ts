/**
 * Tempo's policy: what minio-go, as Tempo sets it up, makes of one object (minio-go 7.0.94 and 7.1.0, as Tempo
 * 2.9.5 and 3.0.3 vendor it: api.go, retry.go, api-put-object-streaming.go).
 *
 * A request needed:
 * 1. Up to `attempts` attempts. An error that minio-go does not retry ends it at once.
 * 2. After each failed attempt that could be retried it waits, full jitter, after the last one too.
 * 3. Once the operation's signal has ended, that is the error, and hides whatever S3 said.
 *
 * An object:
 * 1. Up to the part size: one PutObject.
 * 2. Above: an upload is created, `partsInFlight` workers take the parts in order, each part a request of its own with its
 *    own attempts; then the upload is completed.
 * 3. When a part or the completion fails, no further part is begun, and the upload is aborted at once, with the operation's own
 *    signal: after a deadline nothing is aborted, and the parts stay behind. Whether the abort worked is not asked. Parts still in
 *    flight are cut off when it is over, as Tempo cancels the context when its flush has failed.
 */
import { setMaxListeners } from 'node:events';
import type { Clock } from '../clock.ts';
import type { AttemptEvent, Recorder, S3Operation } from '../history/events.ts';
import type { Random } from '../random.ts';
import type { ClientPolicySettings } from '../tempo/settings.ts';
import { endedBySignal } from './attempt.ts';
import { backoff } from './backoff.ts';
import type { ObjectStore } from './object-store.ts';
import { isRetryable } from './retryable.ts';
import type { AttemptContext, Body, S3Operations, UploadedPart } from './s3-operations.ts';

/** S3's own limits, which minio-go checks before it begins an upload. */
const SMALLEST_PART = 5 * 1024 * 1024;
const MOST_PARTS = 10_000;

export interface TempoObjectStoreOptions {
  operations: S3Operations;
  policy: Pick<ClientPolicySettings, 'attempts' | 'backoffUnit' | 'backoffCap' | 'partsInFlight'>;
  /** Bytes. */
  partSize: number;
  clock: Clock;
  random: Random;
  /** Takes the `attempt` events. */
  record: Recorder;
  /** Unique in the run: request and attempt ids begin with it. */
  writer: string;
}

export function tempoObjectStore(options: TempoObjectStoreOptions): ObjectStore {
  return new TempoObjectStore(options);
}

/** What a request is of. */
interface Target {
  operation: S3Operation;
  key: string;
  partNumber?: number;
}

class TempoObjectStore implements ObjectStore {
  readonly #options: TempoObjectStoreOptions;
  #requests = 0;
  /**
   * How many times each request was needed (a block that is flushed again needs the same ones). It goes into the key of the
   * draws: their order of arrival must not. Grows by the objects written, some 100 bytes each.
   */
  readonly #needed = new Map<string, number>();

  constructor(options: TempoObjectStoreOptions) {
    this.#options = options;
  }

  async putObject(key: string, body: Body, signal: AbortSignal): Promise<void> {
    const { operations, partSize } = this.#options;
    if (body.size <= partSize) {
      await this.#request({ operation: 'PutObject', key }, signal, (context) =>
        operations.putObject(key, body, context),
      );
    } else {
      await this.#upload(key, body, signal);
    }
  }

  async checkAccess(signal: AbortSignal): Promise<void> {
    const { operations } = this.#options;
    await this.#request({ operation: 'ListObjectsV2', key: '' }, signal, (context) =>
      operations.listObjectsV2('', undefined, context),
    );
  }

  close(): void {
    this.#options.operations.close();
  }

  async #upload(key: string, body: Body, signal: AbortSignal): Promise<void> {
    const { operations, partSize } = this.#options;
    const parts = split(key, body, partSize);
    const { uploadId } = await this.#request({ operation: 'CreateMultipartUpload', key }, signal, (context) =>
      operations.createMultipartUpload(key, context),
    );
    const cutOff = new AbortController();
    const partsSignal = AbortSignal.any([signal, cutOff.signal]);
    // Each part in flight listens: that many listeners are not a leak, which is what Node would print.
    setMaxListeners(0, partsSignal);
    const sending = this.#sendParts(key, uploadId, parts, partsSignal);
    try {
      const uploaded = await sending.firstFailureOrAll;
      await this.#request({ operation: 'CompleteMultipartUpload', key }, signal, (context) =>
        operations.completeMultipartUpload(key, uploadId, uploaded, context),
      );
    } catch (error) {
      await this.#request({ operation: 'AbortMultipartUpload', key }, signal, (context) =>
        operations.abortMultipartUpload(key, uploadId, context),
      ).catch(() => {});
      cutOff.abort(new Error('the upload has failed'));
      await sending.over;
      throw signal.aborted ? endedBySignal({ operation: 'PutObject', key }, signal) : error;
    }
  }

  #sendParts(key: string, uploadId: string, parts: readonly Part[], signal: AbortSignal) {
    const { operations, policy } = this.#options;
    const left = parts.values();
    const uploaded: UploadedPart[] = [];
    let failed = false;
    const worker = async () => {
      for (const { partNumber, body } of left) {
        if (failed) return;
        try {
          const target = { operation: 'UploadPart', key, partNumber } as const;
          const send = (context: AttemptContext) => operations.uploadPart(key, uploadId, partNumber, body, context);
          uploaded.push(await this.#request(target, signal, send));
        } catch (error) {
          failed = true;
          throw error;
        }
      }
    };
    const workers = Array.from({ length: policy.partsInFlight }, worker);
    return {
      firstFailureOrAll: Promise.all(workers).then(() => uploaded.sort((a, b) => a.partNumber - b.partNumber)),
      over: Promise.allSettled(workers),
    };
  }

  /** One request needed: as many attempts as it takes, or as the policy has. */
  async #request<T>(target: Target, signal: AbortSignal, send: (context: AttemptContext) => Promise<T>): Promise<T> {
    const { policy, clock, record, writer } = this.#options;
    const { operation, key } = target;
    const request = `${writer}-${++this.#requests}`;
    const jitter = this.#jitter(target);
    let lastError: unknown;
    for (let attempt = 1; attempt <= policy.attempts; attempt++) {
      if (signal.aborted) throw endedBySignal(target, signal);
      let event: AttemptEvent | undefined;
      const report = (happened: AttemptEvent) => {
        event = happened;
      };
      try {
        const result = await send({ id: `${request}.${attempt}`, request, attempt, signal, report });
        if (event) record(event);
        return result;
      } catch (error) {
        lastError = error;
      }
      const wait = isRetryable(lastError) && !signal.aborted ? backoff(attempt, policy, jitter(attempt)) : undefined;
      const again = wait !== undefined && attempt < policy.attempts;
      if (event) record(again ? { ...event, retryIn: wait } : event);
      if (signal.aborted) throw endedBySignal(target, signal);
      if (wait === undefined) throw lastError;
      await clock.sleep(wait, signal).catch(() => {
        throw endedBySignal({ operation, key }, signal);
      });
    }
    throw lastError;
  }

  #jitter({ operation, key, partNumber = 0 }: Target): (attempt: number) => number {
    const name = `${operation} ${partNumber} ${key}`;
    const time = (this.#needed.get(name) ?? 0) + 1;
    this.#needed.set(name, time);
    return (attempt) => this.#options.random.uniform('backoff', operation, key, partNumber, time, attempt);
  }
}

interface Part {
  partNumber: number;
  body: Body;
}

/** @throws Error when S3 would not take the parts. */
function split(key: string, body: Body, partSize: number): Part[] {
  const count = Math.ceil(body.size / partSize);
  if (partSize < SMALLEST_PART) {
    throw new Error(
      `PutObject ${key}: ${body.size} bytes need a multipart upload, and part_size ${partSize} is below S3's smallest part: ` +
        `set storage.trace.s3.part_size to ${SMALLEST_PART} or more`,
    );
  }
  if (count > MOST_PARTS) {
    const least = Math.ceil(body.size / MOST_PARTS);
    throw new Error(
      `PutObject ${key}: ${body.size} bytes are ${count} parts of part_size ${partSize}, and S3 takes ${MOST_PARTS}: ` +
        `set storage.trace.s3.part_size to ${least} or more`,
    );
  }
  return Array.from({ length: count }, (_, index) => {
    const start = index * partSize;
    return { partNumber: index + 1, body: body.slice(start, Math.min(start + partSize, body.size)) };
  });
}
