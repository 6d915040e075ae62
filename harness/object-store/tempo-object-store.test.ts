/** Tempo's policy in virtual time: the exact attempts and waits for a seed. */
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../clock.ts';
import type { AttemptEvent, S3Operation } from '../history/events.ts';
import { Random } from '../random.ts';
import { endedBySignal } from './attempt.ts';
import { DeadlineExceeded } from './object-store.ts';
import { type AttemptContext, type Body, S3Error, type S3Operations, TransportError } from './s3-operations.ts';
import { tempoObjectStore } from './tempo-object-store.ts';

const MiB = 1024 * 1024;
/** What each exchange takes, milliseconds. */
const TOOK = 10;

/** How an attempt ends. `committed`: it took effect, and its answer was lost. */
type Ending = 'ok' | 'reset' | 'committed' | 'hang' | { status: number; code: string };

interface Request {
  operation: S3Operation;
  key: string;
  partNumber?: number;
}

/** S3 as a script has it, that knows what an upload is. */
class ScriptedOperations implements S3Operations {
  readonly client = 'scripted';
  /** Each attempt when it began: `1234 UploadPart 2`. */
  readonly began: string[] = [];
  readonly bodies: string[] = [];
  readonly completed: number[][] = [];
  readonly #clock: VirtualClock;
  readonly #script: (request: Request, number: number) => Ending;
  readonly #numbers = new Map<string, number>();
  readonly #uploads = new Set<string>();
  #uploadCount = 0;

  /** `number`: how often this very request has come, 1 for the first. */
  constructor(clock: VirtualClock, script: (request: Request, number: number) => Ending = () => 'ok') {
    this.#clock = clock;
    this.#script = script;
  }

  async #attempt<T>(request: Request, context: AttemptContext, effect: () => T): Promise<T> {
    const { operation, key, partNumber } = request;
    const start = this.#clock.now();
    const name = partNumber === undefined ? operation : `${operation} ${partNumber}`;
    this.began.push(`${Math.round(start)} ${name}`);
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
      report({ outcome: 'fail', ...ending });
      throw new S3Error(operation, key, ending.status, ending.code, 'told so');
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

  #known(uploadId: string, request: Request): void {
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

  listObjectsV2(_prefix: string, _token: string | undefined, context: AttemptContext) {
    return this.#attempt({ operation: 'ListObjectsV2', key: '' }, context, () => ({ objects: [] }));
  }

  getObject(): never {
    throw new Error('the policy reads nothing');
  }
  headObject(): never {
    throw new Error('the policy reads nothing');
  }
  deleteObject(): never {
    throw new Error('the policy deletes nothing');
  }
  close() {}
}

/** A body that says which of its bytes it is. */
class RangeBody implements Body {
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

function setUp(
  script?: (request: Request, number: number) => Ending,
  options: { seed?: number; attempts?: number; partSize?: number } = {},
) {
  const clock = new VirtualClock();
  const operations = new ScriptedOperations(clock, script);
  const events: AttemptEvent[] = [];
  const store = tempoObjectStore({
    operations,
    policy: { ...policy, attempts: options.attempts ?? policy.attempts },
    partSize: options.partSize ?? 16 * MiB,
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

const slowDown = { status: 503, code: 'SlowDown' };
const waits = (events: AttemptEvent[]) =>
  events.map(({ retryIn }) => (retryIn === undefined ? undefined : Math.round(retryIn)));

describe('a small object', () => {
  it('is one PutObject, up to the part size itself', async () => {
    const { operations, events, put } = setUp();
    await put(16 * MiB);
    expect(operations.began).toEqual(['0 PutObject']);
    expect(operations.bodies).toEqual([`0+${16 * MiB}`]);
    expect(events).toMatchObject([{ id: 'w1-1.1', request: 'w1-1', attempt: 1, outcome: 'ok' }]);
    expect(events[0]).not.toHaveProperty('retryIn');
  });

  it('is tried ten times, with the waits of the seed, and one more wait at the end', async () => {
    const { clock, operations, events, put } = setUp(() => slowDown);
    await expect(put(100)).rejects.toThrow(S3Error);
    expect(operations.began.map((line) => line.split(' ')[1])).toEqual(Array(10).fill('PutObject'));
    expect(waits(events)).toEqual([61, 128, 770, 821, 863, 86, 952, 492, 350, undefined]);
    expect(events.map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, i) => `w1-1.${i + 1}`));
    const between = events.reduce((sum, { retryIn = 0 }) => sum + retryIn, 0);
    const last = 1000 * (1 - new Random(42).uniform('backoff', 'PutObject', 'data.parquet', 0, 1, 10));
    expect(clock.now()).toBeCloseTo(10 * TOOK + between + last, 6);
  });

  it.each([1, 2, 3])('waits within minio-go’s bounds, seed %i', async (seed) => {
    const { events, put } = setUp(() => 'reset', { seed });
    await expect(put(100)).rejects.toThrow(TransportError);
    for (const [index, { retryIn }] of events.slice(0, 9).entries()) {
      expect(retryIn).toBeGreaterThan(0);
      expect(retryIn).toBeLessThanOrEqual(Math.min(1000, 200 * 2 ** index));
    }
    expect(events[9]).not.toHaveProperty('retryIn');
  });

  it('waits after its only attempt too', async () => {
    const { clock, operations, put } = setUp(() => slowDown, { attempts: 1 });
    await expect(put(100)).rejects.toThrow(S3Error);
    expect(operations.began).toHaveLength(1);
    expect(clock.now()).toBeGreaterThan(TOOK);
  });

  it('draws other waits for another seed, another key, and the same key needed again', async () => {
    const { events, put } = setUp((_, number) => (number % 2 ? slowDown : 'ok'));
    await put(1);
    await put(1);
    await put(1, { key: 'meta.json' });
    const other = setUp((_, number) => (number % 2 ? slowDown : 'ok'), { seed: 43 });
    await other.put(1);
    const all = [...events, ...other.events].flatMap(({ retryIn }) => retryIn ?? []);
    expect(new Set(all).size).toBe(4);
  });

  it('draws by what is asked for, not by the order of arrival', async () => {
    const script = (_: Request, number: number): Ending => (number < 3 ? slowDown : 'ok');
    const drawn = async (keys: string[]) => {
      const { events, put } = setUp(script);
      for (const key of keys) await put(1, { key });
      return Object.fromEntries(events.map(({ key, attempt, retryIn }) => [`${key} ${attempt}`, retryIn]));
    };
    const inOrder = await drawn(['a', 'b']);
    expect(Object.values(inOrder).filter((wait) => wait !== undefined)).toHaveLength(4);
    expect(await drawn(['b', 'a'])).toEqual(inOrder);
  });

  it('is given up at once when S3 says no', async () => {
    const { clock, operations, events, put } = setUp(() => ({ status: 403, code: 'AccessDenied' }));
    await expect(put(100)).rejects.toMatchObject({ code: 'AccessDenied' });
    expect(operations.began).toEqual(['0 PutObject']);
    expect(events[0]).not.toHaveProperty('retryIn');
    expect(clock.now()).toBe(TOOK);
  });

  it('is retried when its answer was lost', async () => {
    const { operations, events, put } = setUp((_, number) => (number === 1 ? 'committed' : 'ok'));
    await put(100);
    expect(operations.bodies).toHaveLength(2);
    expect(events.map(({ outcome }) => outcome)).toEqual(['info', 'ok']);
  });
});

describe('the deadline', () => {
  it('ends a hanging attempt, exactly when it is over, in the words of Tempo’s log', async () => {
    const { clock, events, put } = setUp(() => 'hang');
    const error = await put(100, { deadline: 10_000 }).catch((e) => e);
    expect(error).toBeInstanceOf(TransportError);
    expect(error).toMatchObject({ failure: 'deadline', key: 'data.parquet' });
    expect(error.message).toMatch(/context deadline exceeded$/);
    expect(clock.now()).toBe(10_000);
    expect(events).toMatchObject([{ failure: 'deadline', outcome: 'info' }]);
    expect(events[0]).not.toHaveProperty('retryIn');
  });

  it('hides the S3 error when it ends a wait, the one after the last attempt included', async () => {
    const whole = setUp(() => slowDown);
    await whole.put(100).catch(() => {});
    for (const deadline of [300, whole.clock.now() - 1]) {
      const { clock, put } = setUp(() => slowDown);
      await expect(put(100, { deadline })).rejects.toMatchObject({ failure: 'deadline' });
      expect(clock.now()).toBe(deadline);
    }
  });

  it('hides an S3 error that comes when it is over', async () => {
    const { operations, store, clock } = setUp();
    const deadline = new AbortController();
    operations.putObject = async (key) => {
      deadline.abort(new DeadlineExceeded(1));
      throw new S3Error('PutObject', key, 403, 'AccessDenied', 'no');
    };
    const put = store.putObject('k', new RangeBody(100), deadline.signal);
    await expect(clock.run(put)).rejects.toMatchObject({ failure: 'deadline' });
  });

  it('sends nothing once it is over', async () => {
    const { operations, store, clock } = setUp();
    const signal = AbortSignal.abort(new DeadlineExceeded(1));
    await expect(clock.run(store.putObject('k', new RangeBody(100), signal))).rejects.toMatchObject({
      failure: 'deadline',
    });
    expect(operations.began).toEqual([]);
  });

  it('is told from a stop', async () => {
    const { store, clock } = setUp(() => 'hang');
    const stop = new AbortController();
    clock.after(500, () => stop.abort(new Error('stop')));
    const put = store.putObject('k', new RangeBody(100), stop.signal);
    await expect(clock.run(put)).rejects.toMatchObject({
      failure: 'aborted',
      message: 'PutObject k: context canceled',
    });
  });

  it('leaves an upload as it is: no abort, the parts in flight cut off', async () => {
    const { operations, events, put } = setUp(({ partNumber }) => (partNumber === 2 ? 'hang' : 'ok'));
    const error = await put(100 * MiB, { deadline: 5000 }).catch((e) => e);
    expect(error).toMatchObject({ failure: 'deadline', message: 'PutObject data.parquet: context deadline exceeded' });
    expect(operations.began.filter((line) => /Abort|Complete/.test(line))).toEqual([]);
    expect(events.at(-1)).toMatchObject({ operation: 'UploadPart', partNumber: 2, failure: 'deadline' });
  });
});

describe('an object larger than a part', () => {
  it('goes up four parts at a time, in order', async () => {
    const { operations, put } = setUp();
    await put(100 * MiB);
    expect(operations.began).toEqual([
      '0 CreateMultipartUpload',
      '10 UploadPart 1',
      '10 UploadPart 2',
      '10 UploadPart 3',
      '10 UploadPart 4',
      '20 UploadPart 5',
      '20 UploadPart 6',
      '20 UploadPart 7',
      '30 CompleteMultipartUpload',
    ]);
    expect(operations.completed).toEqual([[1, 2, 3, 4, 5, 6, 7]]);
    expect(operations.bodies).toEqual(
      [0, 1, 2, 3, 4, 5, 6].map((i) => `${i * 16 * MiB}+${i === 6 ? 4 * MiB : 16 * MiB}`),
    );
  });

  it('is retried part by part, and completed in the order of the parts', async () => {
    const script = ({ partNumber }: Request, number: number): Ending =>
      partNumber === 1 && number < 3 ? slowDown : 'ok';
    const { operations, events, put } = setUp(script);
    await put(48 * MiB);
    expect(operations.began.filter((line) => line.endsWith('UploadPart 1'))).toHaveLength(3);
    expect(operations.began.filter((line) => /UploadPart [23]/.test(line))).toHaveLength(2);
    expect(operations.completed).toEqual([[1, 2, 3]]);
    const first = events.filter(({ partNumber }) => partNumber === 1);
    expect(new Set(first.map(({ request }) => request)).size).toBe(1);
    expect(first.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  it('is aborted at once when a part fails; the others in flight are cut off, and no more begun', async () => {
    const { operations, events, put } = setUp(({ partNumber }) =>
      partNumber === 2 ? { status: 403, code: 'AccessDenied' } : partNumber ? 'hang' : 'ok',
    );
    await expect(put(160 * MiB)).rejects.toMatchObject({ code: 'AccessDenied' });
    expect(operations.began).toEqual([
      '0 CreateMultipartUpload',
      '10 UploadPart 1',
      '10 UploadPart 2',
      '10 UploadPart 3',
      '10 UploadPart 4',
      '20 AbortMultipartUpload',
    ]);
    const ends = events.map(({ operation, partNumber, failure, outcome }) => [
      operation,
      partNumber,
      failure ?? outcome,
    ]);
    expect(ends.slice(-4)).toEqual([
      ['AbortMultipartUpload', undefined, 'ok'],
      ['UploadPart', 1, 'aborted'],
      ['UploadPart', 3, 'aborted'],
      ['UploadPart', 4, 'aborted'],
    ]);
  });

  it('begins no part once one has failed, while the abort is under way', async () => {
    const { operations, put } = setUp(({ partNumber }) =>
      partNumber === 2 ? { status: 403, code: 'AccessDenied' } : 'ok',
    );
    await expect(put(160 * MiB)).rejects.toMatchObject({ code: 'AccessDenied' });
    // Part 1 is through before part 2 has failed; 3 and 4 are after.
    expect(operations.began.slice(5)).toEqual(['20 UploadPart 5', '20 AbortMultipartUpload']);
  });

  it('takes NoSuchUpload after a completion whose answer was lost for an answer: no retry, an abort', async () => {
    const { operations, put } = setUp(({ operation }, number) =>
      operation === 'CompleteMultipartUpload' && number === 1 ? 'committed' : 'ok',
    );
    await expect(put(20 * MiB)).rejects.toMatchObject({
      operation: 'CompleteMultipartUpload',
      status: 404,
      code: 'NoSuchUpload',
    });
    expect(operations.began.map((line) => line.replace(/^\d+ /, ''))).toEqual([
      'CreateMultipartUpload',
      'UploadPart 1',
      'UploadPart 2',
      'CompleteMultipartUpload',
      'CompleteMultipartUpload',
      'AbortMultipartUpload',
    ]);
  });

  it('tries a completion again that was answered 200 with SlowDown inside', async () => {
    const { operations, put } = setUp(({ operation }, number) =>
      operation === 'CompleteMultipartUpload' && number === 1 ? { status: 200, code: 'SlowDown' } : 'ok',
    );
    await put(20 * MiB);
    expect(operations.began.filter((line) => line.includes('Complete'))).toHaveLength(2);
    expect(operations.completed).toEqual([[1, 2]]);
  });

  it('fails with its own error when the abort fails too', async () => {
    const { operations, put } = setUp(({ operation }) =>
      operation === 'UploadPart'
        ? { status: 403, code: 'AccessDenied' }
        : operation === 'AbortMultipartUpload'
          ? slowDown
          : 'ok',
    );
    await expect(put(20 * MiB)).rejects.toMatchObject({ operation: 'UploadPart', code: 'AccessDenied' });
    expect(operations.began.filter((line) => line.includes('Abort'))).toHaveLength(10);
  });

  it('is nothing to abort when the upload was never created', async () => {
    const { operations, put } = setUp(() => ({ status: 403, code: 'AccessDenied' }));
    await expect(put(20 * MiB)).rejects.toMatchObject({ operation: 'CreateMultipartUpload' });
    expect(operations.began).toEqual(['0 CreateMultipartUpload']);
  });

  it('is refused, with the remedy, when S3 would not take the parts', async () => {
    const small = setUp(undefined, { partSize: 1024 });
    await expect(small.put(2000)).rejects.toThrow('set storage.trace.s3.part_size to 5242880 or more');
    const many = setUp(undefined, { partSize: 5 * MiB });
    await expect(many.put(50_001 * MiB)).rejects.toThrow('10001 parts');
    expect([...small.operations.began, ...many.operations.began]).toEqual([]);
  });
});

describe('checkAccess', () => {
  it('lists the bucket, with the policy’s retries', async () => {
    const { clock, operations, events, store } = setUp((_, number) => (number === 1 ? 'reset' : 'ok'));
    await clock.run(store.checkAccess(new AbortController().signal));
    expect(operations.began.map((line) => line.split(' ')[1])).toEqual(['ListObjectsV2', 'ListObjectsV2']);
    expect(events).toHaveLength(2);
  });
});
