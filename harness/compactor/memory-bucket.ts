/** A bucket in memory, for tests of the compactor: it keeps the bytes, and fails as it is told to. */
import type { Clock } from '../clock.ts';
import type { S3Operation } from '../history/events.ts';
import type { ObjectStore, OpenUpload } from '../object-store/object-store.ts';
import { type Body, S3Error, TransportError } from '../object-store/s3-operations.ts';

export interface BucketRequest {
  operation: S3Operation;
  key: string;
  partNumber?: number;
  range?: { start: number; end: number };
  /** 1 for the first of this operation, key and part. */
  number: number;
}

/** What becomes of one request. `lost`: it is done, and the client is told that it failed. */
export type BucketAnswer = 'ok' | 'fail' | 'lost' | { ok: true; afterMs: number };

/** S3's least size of a part, the last one aside. */
const SMALLEST_PART = 5 * 1024 * 1024;

export class MemoryBucket implements ObjectStore {
  readonly objects = new Map<string, Buffer>();
  /** Parts of uploads that are neither completed nor aborted, by their key. */
  readonly uploads = new Map<string, Buffer[]>();
  /** Every request, in the order in which they came. */
  readonly requests: BucketRequest[] = [];
  script: (request: BucketRequest) => BucketAnswer = () => 'ok';
  readonly #clock: Clock;
  readonly #smallestPart: number;
  readonly #numbers = new Map<string, number>();

  constructor(clock: Clock, { smallestPart = SMALLEST_PART } = {}) {
    this.#clock = clock;
    this.#smallestPart = smallestPart;
  }

  putObject(key: string, body: Body, signal: AbortSignal): Promise<void> {
    return this.#request({ operation: 'PutObject', key }, signal, async () => {
      this.objects.set(key, await bytesOf(body));
    });
  }

  checkAccess(signal: AbortSignal): Promise<void> {
    return this.#request({ operation: 'ListObjectsV2', key: '' }, signal, async () => {});
  }

  getObject(key: string, signal: AbortSignal, range?: { start: number; end: number }): Promise<Buffer> {
    return this.#request({ operation: 'GetObject', key, ...(range && { range }) }, signal, async () => {
      const bytes = this.#bytes('GetObject', key);
      return range ? bytes.subarray(range.start, range.end) : bytes;
    });
  }

  listKeys(prefix: string, signal: AbortSignal): Promise<string[]> {
    return this.#request({ operation: 'ListObjectsV2', key: prefix }, signal, async () =>
      [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort(),
    );
  }

  deleteObject(key: string, signal: AbortSignal): Promise<void> {
    return this.#request({ operation: 'DeleteObject', key }, signal, async () => void this.objects.delete(key));
  }

  copyObject(from: string, to: string, signal: AbortSignal): Promise<void> {
    return this.#request({ operation: 'CopyObject', key: to }, signal, async () => {
      this.objects.set(to, this.#bytes('CopyObject', from));
    });
  }

  async openUpload(key: string, signal: AbortSignal): Promise<OpenUpload> {
    const parts: Buffer[] = [];
    await this.#request({ operation: 'CreateMultipartUpload', key }, signal, async () => {
      this.uploads.set(key, parts);
    });
    return {
      append: (body, partSignal) =>
        this.#request({ operation: 'UploadPart', key, partNumber: parts.length + 1 }, partSignal, async () => {
          parts.push(await bytesOf(body));
        }),
      complete: (completeSignal) =>
        this.#request({ operation: 'CompleteMultipartUpload', key }, completeSignal, async () => {
          if (parts.slice(0, -1).some(({ length }) => length < this.#smallestPart)) {
            const message = 'Your proposed upload is smaller than the minimum allowed object size.';
            throw new S3Error('CompleteMultipartUpload', key, 400, 'EntityTooSmall', message);
          }
          this.objects.set(key, Buffer.concat(parts));
          this.uploads.delete(key);
        }),
    };
  }

  close(): void {}

  #bytes(operation: S3Operation, key: string): Buffer {
    const bytes = this.objects.get(key);
    if (!bytes) throw new S3Error(operation, key, 404, 'NoSuchKey', 'The specified key does not exist.');
    return bytes;
  }

  async #request<T>(about: Omit<BucketRequest, 'number'>, signal: AbortSignal, act: () => Promise<T>): Promise<T> {
    const { operation, key, partNumber = '' } = about;
    const name = `${operation} ${key} ${partNumber}`;
    const number = (this.#numbers.get(name) ?? 0) + 1;
    this.#numbers.set(name, number);
    const request = { ...about, number };
    this.requests.push(request);
    const answer = this.script(request);
    try {
      await this.#clock.sleep(typeof answer === 'object' ? answer.afterMs : 0, signal);
    } catch {
      throw new TransportError(operation, key, 'aborted', 'the compactor was stopped');
    }
    const result = answer === 'fail' ? undefined : await act();
    if (answer === 'fail' || answer === 'lost') {
      throw new S3Error(operation, key, 503, 'SlowDown', 'Please reduce your request rate.');
    }
    return result as T;
  }
}

async function bytesOf(body: Body): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body.open()) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
