/** Tempo's policy in virtual time: the exact attempts and waits for a seed. */
import { describe, expect, it } from 'vitest';
import type { AttemptEvent } from '../history/events.ts';
import { Random } from '../random.ts';
import { DeadlineExceeded } from './object-store.ts';
import { S3Error, TransportError } from './s3-operations.ts';
import {
  type Ending,
  MiB,
  RangeBody,
  type ScriptedOperations,
  type ScriptedRequest,
  scriptedStore as setUp,
  TOOK,
} from './scripted-operations.ts';

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
    const script = (_: ScriptedRequest, number: number): Ending => (number < 3 ? slowDown : 'ok');
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
    const script = ({ partNumber }: ScriptedRequest, number: number): Ending =>
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

  it('has failed only when the parts that were cut off are over', async () => {
    const { clock, operations, put } = setUp();
    let under = 0;
    operations.uploadPart = async (key, _, partNumber, __, { signal }) => {
      if (partNumber === 2) throw new S3Error('UploadPart', key, 403, 'AccessDenied', 'no');
      under++;
      await clock.sleep(10_000, signal).catch(() => clock.sleep(5));
      under--;
      throw new TransportError('UploadPart', key, 'aborted', 'cut off');
    };
    await expect(put(160 * MiB)).rejects.toMatchObject({ code: 'AccessDenied' });
    expect(under).toBe(0);
    expect(clock.now()).toBe(2 * TOOK + 5);
  });

  it('leaves the parts in flight alone when Tempo does: they are tried again after the abort', async () => {
    const script = ({ partNumber }: ScriptedRequest, number: number): Ending => {
      if (partNumber === 2) return { status: 403, code: 'AccessDenied' };
      return partNumber && number < 3 ? slowDown : 'ok';
    };
    const { clock, operations, put } = setUp(script, { partsOutliveUpload: true });
    await expect(put(160 * MiB)).rejects.toMatchObject({ code: 'AccessDenied' });
    expect(operations.began.at(-1)).toBe('20 AbortMultipartUpload');
    await clock.advance(10_000);
    const after = operations.began.slice(6).map((line) => line.replace(/^\d+ /, ''));
    expect(after.sort()).toEqual([1, 1, 3, 3, 4, 4].map((part) => `UploadPart ${part}`));
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

describe('what the compactor does', () => {
  const { signal } = new AbortController();
  const names = (operations: ScriptedOperations) => operations.began.map((line) => line.replace(/^\d+ /, ''));

  it('reads an object, or a range of it, with the policy’s retries', async () => {
    const { clock, operations, events, store } = setUp((_, number) => (number === 1 ? slowDown : 'ok'));
    expect((await clock.run(store.getObject('k', signal))).toString()).toBe('0123456789');
    expect((await clock.run(store.getObject('k', signal, { start: 2, end: 5 }))).toString()).toBe('234');
    expect(names(operations)).toEqual(['GetObject', 'GetObject', 'GetObject']);
    expect(events.map(({ outcome }) => outcome)).toEqual(['fail', 'ok', 'ok']);
  });

  it('does not take a part of a range for the range', async () => {
    const { clock, operations, store } = setUp();
    const read = store.getObject('k', signal, { start: 5, end: 15 });
    await expect(clock.run(read)).rejects.toThrow('unexpected EOF after 5 bytes');
    expect(operations.began).toHaveLength(1);
  });

  it('lists page by page, each page a request', async () => {
    const { clock, operations, events, store } = setUp((_, number) => (number === 2 ? 'reset' : 'ok'));
    operations.pages = [['a', 'b'], ['c'], ['d']];
    expect(await clock.run(store.listKeys('', signal))).toEqual(['a', 'b', 'c', 'd']);
    expect(operations.began).toHaveLength(4);
    expect(events.map(({ request }) => request)).toEqual(['w1-1', 'w1-2', 'w1-2', 'w1-3']);
  });

  it('deletes and copies with the policy’s retries', async () => {
    const { clock, operations, store } = setUp((_, number) => (number === 1 ? slowDown : 'ok'));
    await clock.run(store.deleteObject('k', signal));
    await clock.run(store.copyObject('from', 'to', signal));
    expect(names(operations)).toEqual(['DeleteObject', 'DeleteObject', 'CopyObject', 'CopyObject']);
    expect(operations.bodies).toEqual(['from']);
  });

  it('sends the parts of an open upload one after another, each tried again, and completes them in order', async () => {
    const script = ({ partNumber }: ScriptedRequest, number: number): Ending =>
      partNumber === 2 && number < 3 ? slowDown : 'ok';
    const { clock, operations, store } = setUp(script);
    const upload = await clock.run(store.openUpload('k', signal));
    for (const size of [7, 5, 3]) await clock.run(upload.append(new RangeBody(size), signal));
    await clock.run(upload.complete(signal));
    expect(names(operations)).toEqual([
      'CreateMultipartUpload',
      'UploadPart 1',
      'UploadPart 2',
      'UploadPart 2',
      'UploadPart 2',
      'UploadPart 3',
      'CompleteMultipartUpload',
    ]);
    expect(operations.bodies).toEqual(['0+7', '0+5', '0+3']);
    expect(operations.completed).toEqual([[1, 2, 3]]);
  });

  it('never aborts an open upload', async () => {
    const { clock, operations, store } = setUp(({ partNumber }) =>
      partNumber === 2 ? { status: 403, code: 'AccessDenied' } : 'ok',
    );
    const upload = await clock.run(store.openUpload('k', signal));
    await clock.run(upload.append(new RangeBody(7), signal));
    await expect(clock.run(upload.append(new RangeBody(7), signal))).rejects.toMatchObject({ code: 'AccessDenied' });
    expect(names(operations)).toEqual(['CreateMultipartUpload', 'UploadPart 1', 'UploadPart 2']);
    const other = setUp(({ operation }) =>
      operation === 'CompleteMultipartUpload' ? { status: 403, code: 'AccessDenied' } : 'ok',
    );
    const second = await other.clock.run(other.store.openUpload('k', signal));
    await expect(other.clock.run(second.complete(signal))).rejects.toMatchObject({ code: 'AccessDenied' });
    expect(names(other.operations)).toEqual(['CreateMultipartUpload', 'CompleteMultipartUpload']);
  });
});
