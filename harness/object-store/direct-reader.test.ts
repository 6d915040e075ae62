/** The final read, and the buckets of leases, against a real MinIO. */
import { createHash } from 'node:crypto';
import {
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  HeadBucketCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import type { HistoryEvent } from '../history/events.ts';
import { createBucket, deleteBucket, directClient } from './bucket.ts';
import { readBucket } from './direct-reader.ts';
import { type RealMinio, startRealMinio } from './real-minio.ts';
import { errorDocument, ToldServer, type Treat } from './told-server.ts';

const MiB = 1024 * 1024;
const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');
let minio: RealMinio;

beforeAll(async () => {
  minio = await startRealMinio('final-read');
});
afterAll(async () => {
  await minio?.[Symbol.asyncDispose]();
});

async function put(key: string, bytes: Buffer | string, bucket = minio.bucket): Promise<void> {
  const client = directClient(bucket);
  await client.send(new PutObjectCommand({ Bucket: bucket.bucket, Key: key, Body: bytes }));
  client.destroy();
}

/** @returns the upload's id. */
async function beginUpload(key: string, parts: Buffer[], bucket = minio.bucket): Promise<string> {
  const client = directClient(bucket);
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: bucket.bucket, Key: key }));
  for (const [index, Body] of parts.entries()) {
    await client.send(
      new UploadPartCommand({ Bucket: bucket.bucket, Key: key, UploadId, PartNumber: index + 1, Body }),
    );
  }
  client.destroy();
  return UploadId as string;
}

async function read(prefix: string, knownKeys?: string[]) {
  const events: HistoryEvent[] = [];
  const found = await readBucket({ ...minio.bucket, prefix }, (event) => events.push(event), realClock, knownKeys);
  return { found, events };
}

describe('the final read', () => {
  it('finds every object below the prefix, with size and hash, and ends with the sums', async () => {
    const large = Buffer.alloc(3 * MiB, 'block');
    await put('all/t/b1/data.parquet', large);
    await put('all/t/b1/empty', '');
    await put('all/t/b1/meta.json', '{}');
    await put('other/meta.json', 'not asked for');
    const { found, events } = await read('all/');
    expect(found).toEqual({ objects: 3, bytes: 3 * MiB + 2, uploads: 0 });
    const objects = events
      .slice(0, -1)
      .map((event) => (event.type === 'final.object' ? [event.key, event.size, event.sha256] : event));
    expect(objects.sort()).toEqual([
      ['all/t/b1/data.parquet', 3 * MiB, sha256(large)],
      ['all/t/b1/empty', 0, sha256('')],
      ['all/t/b1/meta.json', 2, sha256('{}')],
    ]);
    expect(events.at(-1)).toMatchObject({ type: 'final.read', objects: 3, bytes: 3 * MiB + 2 });
    const [first] = events;
    const age = Date.parse(first?.type === 'final.object' ? first.lastModified : '') - realClock.date().getTime();
    expect(Math.abs(age)).toBeLessThan(60_000);
  });

  /** Two pages of objects, two of one upload's parts. */
  const pages: Treat = ({ url }) => {
    const query = new URL(url, 'http://s3').searchParams;
    if (query.has('uploads')) {
      const upload = '<Upload><Key>pages/u</Key><UploadId>U</UploadId></Upload>';
      return { status: 200, body: `<ListMultipartUploadsResult>${upload}</ListMultipartUploadsResult>` };
    }
    if (query.has('uploadId')) {
      const last = query.get('part-number-marker') === '1';
      const more = `<IsTruncated>${!last}</IsTruncated><NextPartNumberMarker>${last ? 0 : 1}</NextPartNumberMarker>`;
      return {
        status: 200,
        body: `<ListPartsResult>${more}<Part><PartNumber>1</PartNumber><Size>10</Size></Part></ListPartsResult>`,
      };
    }
    if (query.has('list-type')) {
      const last = query.get('continuation-token') === 'more';
      const more = last ? '' : '<NextContinuationToken>more</NextContinuationToken>';
      const entry = `<Contents><Key>pages/${last ? 2 : 1}</Key></Contents>`;
      return {
        status: 200,
        body: `<ListBucketResult><IsTruncated>${!last}</IsTruncated>${more}${entry}</ListBucketResult>`,
      };
    }
    return { status: 200, body: 'content', headers: { 'last-modified': 'Fri, 02 Jan 2026 03:04:05 GMT' } };
  };

  it('reads more than one page of a listing has', async () => {
    await using server = await ToldServer.start(pages);
    const events: HistoryEvent[] = [];
    const told = { ...minio.bucket, host: '127.0.0.1', port: server.port, prefix: 'pages/' };
    await readBucket(told, (event) => events.push(event), realClock);
    expect(events).toMatchObject([
      { key: 'pages/1', size: 7, sha256: sha256('content'), lastModified: '2026-01-02T03:04:05.000Z' },
      { key: 'pages/2', size: 7 },
      { type: 'final.upload', key: 'pages/u', uploadId: 'U', parts: 2, bytes: 20 },
      { type: 'final.read', objects: 2, bytes: 14 },
    ]);
  });

  it('does not take an object whose connection broke off for one that is short', async () => {
    await using server = await ToldServer.start((request) =>
      request.url.includes('pages/2') ? 'half-answer' : pages(request),
    );
    const events: HistoryEvent[] = [];
    const told = { ...minio.bucket, host: '127.0.0.1', port: server.port, prefix: 'pages/' };
    await expect(readBucket(told, (event) => events.push(event), realClock)).rejects.toThrow('final read of bucket');
    expect(events.filter(({ type }) => type !== 'final.object')).toEqual([]);
    expect(events.filter((event) => event.type === 'final.object' && event.key === 'pages/2')).toEqual([]);
  });

  it('finds the uploads that were left behind, below the prefix', async () => {
    const ghost = await beginUpload('left/ghost', [Buffer.alloc(5 * MiB), Buffer.alloc(100)]);
    const bare = await beginUpload('left/ghost', []);
    await put('left/rewritten', 'x');
    const rewritten = await beginUpload('left/rewritten', [Buffer.alloc(7)]);
    await beginUpload('elsewhere', [Buffer.alloc(7)]);
    for (const knownKeys of [undefined, [], ['left/ghost', 'left/never']]) {
      const { found, events } = await read('left/', knownKeys);
      expect(found).toEqual({ objects: 1, bytes: 1, uploads: 3 });
      const uploads = events.flatMap((event) =>
        event.type === 'final.upload' ? [[event.key, event.uploadId, event.parts, event.bytes]] : [],
      );
      expect(uploads.sort()).toEqual(
        [
          ['left/ghost', ghost, 2, 5 * MiB + 100],
          ['left/ghost', bare, 0, 0],
          ['left/rewritten', rewritten, 1, 7],
        ].sort(),
      );
    }
  });

  it('asks for uploads key by key of a server that may have been started anew, and of no other', async () => {
    const asked: string[] = [];
    await using server = await ToldServer.start((request) => {
      const query = new URL(request.url, 'http://s3').searchParams;
      if (query.has('uploads')) asked.push(query.get('prefix') ?? '');
      return pages(request);
    });
    const told = { ...minio.bucket, host: '127.0.0.1', port: server.port, prefix: 'pages/' };
    await readBucket(told, () => {}, realClock);
    expect(asked.splice(0).sort()).toEqual(['', 'pages/']);
    await readBucket(told, () => {}, realClock, ['pages/2', 'pages/never']);
    expect(asked.sort()).toEqual(['', 'pages/', 'pages/1', 'pages/2', 'pages/never']);
  });

  it('does not take an upload for one that is left behind that is gone by the time its parts are asked for', async () => {
    const answered = (status: number, code: string): Treat => {
      return (request) => (request.url.includes('uploadId=') ? { status, body: errorDocument(code) } : pages(request));
    };
    await using gone = await ToldServer.start(answered(404, 'NoSuchUpload'));
    const events: HistoryEvent[] = [];
    const told = { ...minio.bucket, host: '127.0.0.1', prefix: 'pages/' };
    const found = await readBucket({ ...told, port: gone.port }, (event) => events.push(event), realClock);
    expect(found).toMatchObject({ objects: 2, uploads: 0 });
    expect(events.map(({ type }) => type)).toEqual(['final.object', 'final.object', 'final.read']);
    // Any other refusal says nothing of it.
    await using refusing = await ToldServer.start(answered(403, 'AccessDenied'));
    await expect(readBucket({ ...told, port: refusing.port }, () => {}, realClock)).rejects.toThrow(
      'final read of bucket',
    );
  });

  it('says nothing of the end when it could not read everything', async () => {
    const events: HistoryEvent[] = [];
    const missing = { ...minio.bucket, bucket: 'no-such-bucket', prefix: '' };
    await expect(readBucket(missing, (event) => events.push(event), realClock)).rejects.toThrow(
      'final read of bucket no-such-bucket',
    );
    expect(events).toEqual([]);
  });
});

describe('a lease’s bucket', () => {
  it('is deleted with all that is in it', async () => {
    const bucket = { ...minio.bucket, bucket: 'lease-full' };
    await createBucket(bucket);
    await put('a/b', 'x', bucket);
    await put('c', 'y', bucket);
    await beginUpload('a/unfinished', [Buffer.alloc(10)], bucket);
    await deleteBucket(bucket);
    const client = directClient(bucket);
    await expect(client.send(new HeadBucketCommand({ Bucket: bucket.bucket }))).rejects.toMatchObject({
      name: 'NotFound',
    });
    client.destroy();
  });

  it('is not made of one that is there, and one that this run did not make is not deleted', async () => {
    const bucket = { ...minio.bucket, bucket: 'not-ours' };
    await createBucket(bucket);
    await expect(createBucket(bucket)).rejects.toThrow('bucket not-ours: cannot create it at 127.0.0.1:');
    await deleteBucket(bucket);
    await expect(deleteBucket(bucket)).rejects.toThrow('this run did not make it');
    const client = directClient(bucket);
    await expect(client.send(new DeleteBucketCommand({ Bucket: bucket.bucket }))).rejects.toThrow();
    client.destroy();
  });

  it('tells where and what when the server does not answer', async () => {
    const bucket = { ...minio.bucket, port: 1, bucket: 'nowhere' };
    await expect(createBucket(bucket)).rejects.toThrow(
      /bucket nowhere: cannot create it at 127.0.0.1:1: .*ECONNREFUSED/,
    );
  });
});
