/** For tests: S3 as a script has it, in virtual time, and Tempo's store above it. */
import { Readable } from 'node:stream';
import { VirtualClock } from '../clock.ts';
import type { AttemptEvent, S3Operation } from '../history/events.ts';
import { Random } from '../random.ts';
import { endedBySignal } from './attempt.ts';
import { DeadlineExceeded } from './object-store.ts';
import { type AttemptContext, type Body, S3Error, type S3Operations, TransportError } from './s3-operations.ts';
import { tempoObjectStore } from './tempo-object-store.ts';

export const MiB = 1024 * 1024;
/** What each exchange takes, milliseconds. */
export const TOOK = 10;

/** How an attempt ends. `committed`: it took effect, and its answer was lost. */
export type Ending = 'ok' | 'reset' | 'committed' | 'hang' | { status: number; code: string; region?: string };

export interface ScriptedRequest {
  operation: S3Operation;
  key: string;
  partNumber?: number;
}

/** S3 as a script has it, that knows what an upload is. */
export class ScriptedOperations implements S3Operations {
  readonly client = 'scripted';
  /** Each attempt when it began: `1234 UploadPart 2`. */
  readonly began: string[] = [];
  /** Which region each attempt was to be signed for. */
  readonly regions: (string | undefined)[] = [];
  readonly bodies: string[] = [];
  readonly completed: number[][] = [];
  /** Of every object. */
  content = Buffer.from('0123456789');
  /** Of the bucket. */
  location = '';
  /** The pages of a listing. */
  pages: string[][] = [[]];
  readonly #clock: VirtualClock;
  readonly #script: (request: ScriptedRequest, number: number) => Ending;
  readonly #numbers = new Map<string, number>();
  readonly #uploads = new Set<string>();
  #uploadCount = 0;

  /** `number`: how often this very request has come, 1 for the first. */
  constructor(clock: VirtualClock, script: (request: ScriptedRequest, number: number) => Ending = () => 'ok') {
    this.#clock = clock;
    this.#script = script;
  }

  async #attempt<T>(request: ScriptedRequest, context: AttemptContext, effect: () => T): Promise<T> {
    const { operation, key, partNumber } = request;
    const start = this.#clock.now();
    const name = partNumber === undefined ? operation : `${operation} ${partNumber}`;
    this.began.push(`${Math.round(start)} ${name}`);
    this.regions.push(context.region);
    const number = (this.#numbers.get(`${name} ${key}`) ?? 0) + 1;
    this.#numbers.set(`${name} ${key}`, number);
    const ending = this.#script(request, number);
    const report = (result: Partial<AttemptEvent>) =>
      context.report({
        type: 'attempt',
        t: this.#clock.now(),
        start,
        ...request,
        bucket: 'b',
        id: context.id,
        request: context.request,
        attempt: context.attempt,
        phases: {},
        bytesSent: 0,
        bytesReceived: 0,
        outcome: 'ok',
        ...result,
      });
    try {
      await this.#clock.sleep(ending === 'hang' ? 10 ** 9 : TOOK, context.signal);
    } catch {
      const ended = endedBySignal(request, context.signal);
      report({ outcome: 'info', failure: ended.failure });
      throw ended;
    }
    if (ending === 'reset' || ending === 'committed') {
      if (ending === 'committed') effect();
      report({ outcome: 'info', failure: 'reset' });
      throw new TransportError(operation, key, 'reset', 'EOF');
    }
    if (typeof ending === 'object') {
      const { status, code, region } = ending;
      report({ outcome: 'fail', status, code });
      throw new S3Error(operation, key, status, code, 'told so', region);
    }
    try {
      const result = effect();
      report({ status: 200 });
      return result;
    } catch (error) {
      report({ outcome: 'fail', status: 404 });
      throw error;
    }
  }

  #known(uploadId: string, request: ScriptedRequest): void {
    if (!this.#uploads.has(uploadId)) throw new S3Error(request.operation, request.key, 404, 'NoSuchUpload', 'gone');
  }

  putObject(key: string, body: Body, context: AttemptContext) {
    return this.#attempt({ operation: 'PutObject', key }, context, () => {
      this.bodies.push((body as RangeBody).range);
      return { etag: 'e' };
    });
  }

  createMultipartUpload(key: string, context: AttemptContext) {
    return this.#attempt({ operation: 'CreateMultipartUpload', key }, context, () => {
      const uploadId = `u${++this.#uploadCount}`;
      this.#uploads.add(uploadId);
      return { uploadId };
    });
  }

  uploadPart(key: string, uploadId: string, partNumber: number, body: Body, context: AttemptContext) {
    const request = { operation: 'UploadPart' as const, key, partNumber };
    return this.#attempt(request, context, () => {
      this.#known(uploadId, request);
      this.bodies.push((body as RangeBody).range);
      return { partNumber, etag: `e${partNumber}` };
    });
  }

  completeMultipartUpload(
    key: string,
    uploadId: string,
    parts: readonly { partNumber: number }[],
    context: AttemptContext,
  ) {
    const request = { operation: 'CompleteMultipartUpload' as const, key };
    return this.#attempt(request, context, () => {
      this.#known(uploadId, request);
      this.#uploads.delete(uploadId);
      this.completed.push(parts.map(({ partNumber }) => partNumber));
      return { etag: 'e' };
    });
  }

  abortMultipartUpload(key: string, uploadId: string, context: AttemptContext) {
    return this.#attempt(
      { operation: 'AbortMultipartUpload', key },
      context,
      () => void this.#uploads.delete(uploadId),
    );
  }

  listObjectsV2(_prefix: string, token: string | undefined, context: AttemptContext) {
    return this.#attempt({ operation: 'ListObjectsV2', key: '' }, context, () => {
      const page = Number(token ?? 0);
      const objects = (this.pages[page] as string[]).map((key) => ({
        key,
        size: 1,
        etag: 'e',
        lastModified: new Date(0),
      }));
      return { objects, ...(page + 1 < this.pages.length && { next: String(page + 1) }) };
    });
  }

  getObject(key: string, context: AttemptContext, range?: { start: number; end: number }) {
    return this.#attempt({ operation: 'GetObject', key }, context, () => {
      const bytes = this.content.subarray(range?.start, range?.end);
      return { size: bytes.length, body: Readable.from([bytes]) };
    });
  }
  headObject(): never {
    throw new Error('the policy asks for no head');
  }
  deleteObject(key: string, context: AttemptContext) {
    return this.#attempt({ operation: 'DeleteObject', key }, context, () => {});
  }
  copyObject(from: string, to: string, context: AttemptContext) {
    return this.#attempt({ operation: 'CopyObject', key: to }, context, () => void this.bodies.push(from));
  }
  getBucketLocation(context: AttemptContext) {
    return this.#attempt({ operation: 'GetBucketLocation', key: '' }, context, () => this.location);
  }
  close() {}
}

/** A body that says which of its bytes it is. */
export class RangeBody implements Body {
  constructor(
    readonly size: number,
    readonly start = 0,
  ) {}
  get range(): string {
    return `${this.start}+${this.size}`;
  }
  sha256 = async () => 'f'.repeat(64);
  open = () => Readable.from([]);
  slice(start: number, end: number): Body {
    return new RangeBody(end - start, this.start + start);
  }
}

const policy = { attempts: 10, backoffUnit: 200, backoffCap: 1000, partsInFlight: 4 };

export function scriptedStore(
  script?: (request: ScriptedRequest, number: number) => Ending,
  options: {
    seed?: number;
    attempts?: number;
    partSize?: number;
    askRegion?: boolean;
    partsOutliveUpload?: boolean;
  } = {},
) {
  const clock = new VirtualClock();
  const operations = new ScriptedOperations(clock, script);
  const events: AttemptEvent[] = [];
  const store = tempoObjectStore({
    operations,
    policy: { ...policy, attempts: options.attempts ?? policy.attempts },
    partSize: options.partSize ?? 16 * MiB,
    askRegion: options.askRegion ?? false,
    partsOutliveUpload: options.partsOutliveUpload ?? false,
    clock,
    random: new Random(options.seed ?? 42),
    record: (event) => events.push(event as AttemptEvent),
    writer: 'w1',
  });
  const put = (size: number, { deadline, key = 'data.parquet' }: { deadline?: number; key?: string } = {}) => {
    const controller = new AbortController();
    const cancel =
      deadline === undefined ? () => {} : clock.after(deadline, () => controller.abort(new DeadlineExceeded(deadline)));
    return clock.run(store.putObject(key, new RangeBody(size), controller.signal).finally(cancel));
  };
  return { clock, operations, events, store, put };
}
