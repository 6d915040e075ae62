/** What the SDKs, and a real MinIO behind them, make of what the rules do. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import * as aws from '@aws-sdk/client-s3';
import { Client as MinioClient } from 'minio';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import type { EdgeEvent } from '../history/events.ts';
import { type RealMinio, startRealMinio } from '../object-store/real-minio.ts';
import type { EdgeRule } from './protocol.ts';
import { GatewayRoute } from './route.ts';
import { eventsIn } from './scripted-route.ts';

const MiB = 1024 * 1024;
const of = { rule: 'r', seed: 1, match: {} };

let minio: RealMinio;
let folder: string;
let route: GatewayRoute;
let s3: aws.S3Client;
/** Past the gateway. */
let direct: MinioClient;
let Bucket: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-rules-'));
  minio = await startRealMinio('rules-with-sdks');
  Bucket = minio.bucket.bucket;
  direct = minioAt(minio.bucket);
});

afterAll(async () => {
  await minio?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  const { host, port, credentials, region } = minio.bucket;
  const request = { route: 'r', upstream: { host, port }, historyFile: join(folder, 'edge.ndjson') };
  await rm(request.historyFile, { force: true });
  route = await GatewayRoute.open(request, realClock);
  const endpoint = `http://127.0.0.1:${route.port}`;
  s3 = new aws.S3Client({ endpoint, credentials, region, forcePathStyle: true, maxAttempts: 1 });
});

afterEach(async () => {
  s3.destroy();
  await route.close();
});

function minioAt({ host, port }: { host: string; port: number }): MinioClient {
  const { credentials, region } = minio.bucket;
  const { accessKeyId: accessKey, secretAccessKey: secretKey } = credentials;
  return new MinioClient({ endPoint: host, port, useSSL: false, accessKey, secretKey, region });
}

async function edges(): Promise<EdgeEvent[]> {
  s3.destroy();
  await route.close();
  return (await eventsIn(join(folder, 'edge.ndjson'))).filter((event) => event.type === 'edge');
}

async function failure(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'none';
  } catch (error) {
    const { name, code } = error as Error & { code?: string };
    return code ?? name;
  }
}

const put = (Key: string, Body: string | Buffer | Readable, more = {}) =>
  s3.send(new aws.PutObjectCommand({ Bucket, Key, Body, ...more }));
const stored = async (key: string) => buffer(await direct.getObject(Bucket, key));

describe('bits that flip', () => {
  const noisy: EdgeRule = { ...of, kind: 'corrupt', direction: 'request', bits: 1 };
  const body = Buffer.alloc(300_000, '0123456789abcdef!');

  it('in a body with a trailing checksum are caught by MinIO as just that', async () => {
    route.rules.add(noisy);
    const refused = await failure(put('streamed', Readable.from([body]), { ContentLength: body.length }));
    expect(refused).toMatch(/Checksum/);
    expect(await failure(direct.statObject(Bucket, 'streamed'))).toBe('NotFound');
    expect(await edges()).toMatchObject([{ rule: 'r', flipped: 1, status: 400, upstream: { status: 400 } }]);
  });

  it('in a body that nothing covers are stored', async () => {
    route.rules.add(noisy);
    const url = await minioAt({ host: '127.0.0.1', port: route.port }).presignedPutObject(Bucket, 'unsigned');
    const answer = await fetch(url, { method: 'PUT', body });
    expect(answer.status).toBe(200);
    const got = await stored('unsigned');
    expect(got.length).toBe(body.length);
    expect(got.equals(body)).toBe(false);
  });

  it('in an answer reach the reader', async () => {
    await direct.putObject(Bucket, 'read', body);
    route.rules.add({ ...noisy, direction: 'answer' });
    const through = minioAt({ host: '127.0.0.1', port: route.port });
    const got = await buffer(await through.getObject(Bucket, 'read'));
    expect(got.length).toBe(body.length);
    expect(got.equals(body)).toBe(false);
  });
});

describe('what is done, and not said', () => {
  it.each<[string, EdgeRule, RegExp]>([
    ['a lost answer', { ...of, kind: 'cut', when: 'after-apply' }, /ECONNRESET|TimeoutError/],
    [
      'an error after it',
      { ...of, kind: 'answer-error', when: 'after-apply', status: 503, code: 'SlowDown', message: 'm' },
      /SlowDown/,
    ],
    ['half a head', { ...of, kind: 'truncate', bytes: 20 }, /ECONNRESET|HPE_|TimeoutError/],
  ])('%s', async (name, rule, expected) => {
    route.rules.add(rule);
    expect(await failure(put(name, 'done'))).toMatch(expected);
    expect((await stored(name)).toString()).toBe('done');
    expect(await edges()).toMatchObject([{ rule: 'r', upstream: { status: 200, etag: expect.any(String) } }]);
  });

  it('not done, and not said: a connection cut before', async () => {
    route.rules.add({ ...of, kind: 'cut', when: 'before-apply' });
    expect(await failure(put('undone', 'x'))).toMatch(/ECONNRESET|TimeoutError/);
    expect(await failure(direct.statObject(Bucket, 'undone'))).toBe('NotFound');
  });
});

describe('CompleteMultipartUpload that answers 200 and an error', () => {
  it.each([
    [true, 'both-ways'],
    [false, 'not-at-all'],
  ])('applied: %s', async (applied, Key) => {
    route.rules.add({
      ...of,
      kind: 'complete-200-error',
      code: 'InternalError',
      message: 'm',
      applied,
      spacesForMs: 100,
    });
    const { UploadId } = await s3.send(new aws.CreateMultipartUploadCommand({ Bucket, Key }));
    const part = { Bucket, Key, UploadId, PartNumber: 1, Body: Buffer.alloc(5 * MiB, 'x') };
    const { ETag } = await s3.send(new aws.UploadPartCommand(part));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    const complete = new aws.CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload });
    expect(await failure(s3.send(complete))).toBe('InternalError');
    expect(await failure(direct.statObject(Bucket, Key))).toBe(applied ? 'none' : 'NotFound');
    route.rules.remove('r');
    // A retry of one that had been applied finds no upload any more.
    expect(await failure(s3.send(complete))).toBe(applied ? 'NoSuchUpload' : 'none');
  });
});

describe('a client that waits', () => {
  it.each(['before-apply', 'after-apply'] as const)('%s, gets what it asked for, byte by byte', async (when) => {
    route.rules.add({ ...of, kind: 'hold', when, forMs: 100 });
    const body = Buffer.alloc(3 * MiB, '0123456789abcdef!');
    await put('held', body);
    expect((await stored('held')).equals(body)).toBe(true);
    const got = await s3.send(new aws.GetObjectCommand({ Bucket, Key: 'held' }));
    expect(Buffer.from((await got.Body?.transformToByteArray()) as Uint8Array).equals(body)).toBe(true);
    const all = await edges();
    expect(all.map(({ operation }) => operation)).toEqual(['PutObject', 'GetObject']);
    for (const { heldMs } of all) expect(heldMs).toBeGreaterThanOrEqual(100);
  });
});

it('a client gets the answer that comes before its body was sent', async () => {
  route.rules.add({ ...of, kind: 'answer-error', when: 'before-body', status: 503, code: 'SlowDown', message: 'm' });
  const through = minioAt({ host: '127.0.0.1', port: route.port });
  const url = await through.presignedPutObject(Bucket, 'early');
  const answer = await fetch(url, { method: 'PUT', body: Buffer.alloc(20 * MiB, 'x') });
  expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining('<Code>SlowDown</Code>')]);
  expect(await edges()).toMatchObject([{ status: 503 }]);
});
