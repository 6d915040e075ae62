/**
 * Tempo's policy: what minio-go, as Tempo sets it up, makes of one object (minio-go 7.0.94 and 7.1.0, as Tempo
 * 2.9.5 and 3.0.3 vendor it: api-put-object-streaming.go, core.go). Each request is tried again by itself (tempo-requests.ts).
 *
 * 1. Up to the part size: one PutObject.
 * 2. Above: an upload is created, `partsInFlight` workers take the parts in order, each part a request of its own with its
 *    own attempts; then the upload is completed.
 * 3. When a part or the completion fails, no further part is begun, and the upload is aborted at once, with the operation's own
 *    signal: after a deadline nothing is aborted, and the parts stay behind. Whether the abort worked is not asked. Parts still in
 *    flight are cut off when it is over, as Tempo 2 cancels the context when its flush has failed; Tempo 3 does not, and they run on.
 * 4. Of an object that is read, the answer's head is what is tried again: a body that breaks off is an error.
 */
import { setMaxListeners } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { endedBySignal } from './attempt.ts';
import type { ObjectStore, OpenUpload } from './object-store.ts';
import {
  type AttemptContext,
  type Body,
  NamelessUpload,
  type S3Operations,
  TransportError,
  type UploadedPart,
} from './s3-operations.ts';
import { type Target, TempoRequests, type TempoRequestsOptions } from './tempo-requests.ts';

/** S3's own limits, which minio-go checks before it begins an upload. */
const SMALLEST_PART = 5 * 1024 * 1024;
const MOST_PARTS = 10_000;

export interface TempoObjectStoreOptions extends Omit<TempoRequestsOptions, 'policy'> {
  policy: TempoRequestsOptions['policy'] & { partsInFlight: number };
  /** Bytes. */
  partSize: number;
  /** Tempo 3: when an upload has failed, parts in flight run on for as long as the signal lets them. */
  partsOutliveUpload?: boolean;
}

export function tempoObjectStore(options: TempoObjectStoreOptions): ObjectStore {
  return new TempoObjectStore(options);
}

class TempoObjectStore implements ObjectStore {
  readonly #options: TempoObjectStoreOptions;
  readonly #operations: S3Operations;
  readonly #requests: TempoRequests;

  constructor(options: TempoObjectStoreOptions) {
    this.#options = options;
    this.#operations = options.operations;
    this.#requests = new TempoRequests(options);
  }

  async putObject(key: string, body: Body, signal: AbortSignal): Promise<void> {
    if (body.size > this.#options.partSize) return this.#upload(key, body, signal);
    await this.#request({ operation: 'PutObject', key }, signal, (context) =>
      this.#operations.putObject(key, body, context),
    );
  }

  async checkAccess(signal: AbortSignal): Promise<void> {
    await this.#list('', undefined, signal);
  }

  getObject(key: string, signal: AbortSignal, range?: { start: number; end: number }): Promise<Buffer> {
    return this.#request({ operation: 'GetObject', key }, signal, async (context) => {
      const { body } = await this.#operations.getObject(key, context, range);
      const bytes = await buffer(body);
      if (range && bytes.length < range.end - range.start) {
        const status = 206;
        throw new TransportError('GetObject', key, 'protocol', `unexpected EOF after ${bytes.length} bytes`, {
          status,
        });
      }
      return bytes;
    });
  }

  async listKeys(prefix: string, signal: AbortSignal): Promise<string[]> {
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const { objects, next } = await this.#list(prefix, token, signal);
      keys.push(...objects.map(({ key }) => key));
      token = next;
    } while (token !== undefined);
    return keys;
  }

  async deleteObject(key: string, signal: AbortSignal): Promise<void> {
    await this.#request({ operation: 'DeleteObject', key }, signal, (context) =>
      this.#operations.deleteObject(key, context),
    );
  }

  async copyObject(from: string, to: string, signal: AbortSignal): Promise<void> {
    await this.#request({ operation: 'CopyObject', key: to }, signal, (context) =>
      this.#operations.copyObject(from, to, context),
    );
  }

  async openUpload(key: string, signal: AbortSignal): Promise<OpenUpload> {
    const uploadId = await this.#create(key, signal);
    const parts: UploadedPart[] = [];
    return {
      append: async (body, partSignal) => {
        parts.push(await this.#sendPart(key, uploadId, { partNumber: parts.length + 1, body }, partSignal));
      },
      complete: (completeSignal) => this.#complete(key, uploadId, parts, completeSignal),
    };
  }

  close(): void {
    this.#operations.close();
  }

  async #upload(key: string, body: Body, signal: AbortSignal): Promise<void> {
    const parts = split(key, body, this.#options.partSize);
    const uploadId = await this.#create(key, signal).catch(async (error) => {
      // minio-go finds out when it is to send a part, and gives up what it has no name for.
      if (error instanceof NamelessUpload) await this.#abort(key, '', signal);
      throw error;
    });
    const cutOff = new AbortController();
    const partsSignal = AbortSignal.any([signal, cutOff.signal]);
    // Each part in flight listens: that many listeners are not a leak, which is what Node would print.
    setMaxListeners(0, partsSignal);
    const sending = this.#sendParts(key, uploadId, parts, partsSignal);
    try {
      await this.#complete(key, uploadId, await sending.firstFailureOrAll, signal);
    } catch (error) {
      await this.#abort(key, uploadId, signal);
      if (!this.#options.partsOutliveUpload) {
        cutOff.abort(new Error('the upload has failed'));
        await sending.over;
      }
      throw signal.aborted ? endedBySignal({ operation: 'PutObject', key }, signal) : error;
    }
  }

  #sendParts(key: string, uploadId: string, parts: readonly Part[], signal: AbortSignal) {
    const left = parts.values();
    const uploaded: UploadedPart[] = [];
    let failed = false;
    const worker = async () => {
      for (const part of left) {
        if (failed) return;
        try {
          uploaded.push(await this.#sendPart(key, uploadId, part, signal));
        } catch (error) {
          failed = true;
          throw error;
        }
      }
    };
    const workers = Array.from({ length: this.#options.policy.partsInFlight }, worker);
    return {
      firstFailureOrAll: Promise.all(workers).then(() => uploaded.sort((a, b) => a.partNumber - b.partNumber)),
      over: Promise.allSettled(workers),
    };
  }

  async #create(key: string, signal: AbortSignal): Promise<string> {
    const { uploadId } = await this.#request({ operation: 'CreateMultipartUpload', key }, signal, (context) =>
      this.#operations.createMultipartUpload(key, context),
    );
    return uploadId;
  }

  #sendPart(key: string, uploadId: string, { partNumber, body }: Part, signal: AbortSignal): Promise<UploadedPart> {
    return this.#request({ operation: 'UploadPart', key, partNumber }, signal, (context) =>
      this.#operations.uploadPart(key, uploadId, partNumber, body, context),
    );
  }

  async #complete(key: string, uploadId: string, parts: readonly UploadedPart[], signal: AbortSignal): Promise<void> {
    await this.#request({ operation: 'CompleteMultipartUpload', key }, signal, (context) =>
      this.#operations.completeMultipartUpload(key, uploadId, parts, context),
    );
  }

  /** Never rejects. */
  async #abort(key: string, uploadId: string, signal: AbortSignal): Promise<void> {
    await this.#request({ operation: 'AbortMultipartUpload', key }, signal, (context) =>
      this.#operations.abortMultipartUpload(key, uploadId, context),
    ).catch(() => {});
  }

  #list(prefix: string, token: string | undefined, signal: AbortSignal) {
    return this.#request({ operation: 'ListObjectsV2', key: '' }, signal, (context) =>
      this.#operations.listObjectsV2(prefix, token, context),
    );
  }

  #request<T>(target: Target, signal: AbortSignal, send: (context: AttemptContext) => Promise<T>): Promise<T> {
    return this.#requests.request(target, signal, send);
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
