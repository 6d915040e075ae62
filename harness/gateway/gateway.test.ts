/** The gateway process between real SDKs and a real MinIO. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import * as aws from '@aws-sdk/client-s3';
import { Client as MinioClient } from 'minio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import type { EdgeEvent, HistoryEvent } from '../history/events.ts';
import { type RealMinio, startRealMinio } from '../object-store/real-minio.ts';
import { type Gateway, type Route, startGateway } from './gateway.ts';
import type { EdgeRule } from './protocol.ts';

const MiB = 1024 * 1024;
const oddKeys = ['a b+c', 'ü/日本', 'per%2Fcent', 'double//slash', "quote'&<>", 'dots/../x', '~-_.*()!'];

let minio: RealMinio;
let gateway: Gateway;
let folder: string;
let routes = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-gateway-'));
  [minio, gateway] = await Promise.all([startRealMinio('gateway-test'), startGateway()]);
});

afterAll(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await minio?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

interface OpenRoute extends Route {
  historyFile: string;
}

async function openRoute(): Promise<OpenRoute> {
  const name = `route-${++routes}`;
  const historyFile = join(folder, `${name}.ndjson`);
  const { host, port } = minio.bucket;
  const route = await gateway.openRoute({ route: name, upstream: { host, port }, historyFile });
  return Object.assign(route, { historyFile });
}

async function eventsOf(route: OpenRoute): Promise<HistoryEvent[]> {
  await route.close();
  const text = await readFile(route.historyFile, 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

function awsAt({ host, port }: { host: string; port: number }): aws.S3Client {
  const { credentials, region } = minio.bucket;
  const options = { endpoint: `http://${host}:${port}`, credentials, region, forcePathStyle: true, maxAttempts: 1 };
  return new aws.S3Client(options);
}

function minioAt({ host, port }: { host: string; port: number }): MinioClient {
  const { accessKeyId: accessKey, secretAccessKey: secretKey } = minio.bucket.credentials;
  const { region } = minio.bucket;
  return new MinioClient({ endPoint: host, port, useSSL: false, accessKey, secretKey, region });
}

/** What differs from one answer to the next without anybody's doing. */
const ownToEachAnswer = /^(date|last-modified|x-amz-request-id|x-amz-id-2|x-ratelimit-.*)$/i;

/** Every answer that came to this process on `port` while `act` ran, heads as they came over the wire. */
async function answersAt(
  port: number,
  act: () => Promise<unknown>,
): Promise<{ answers: unknown[]; requests: ClientRequest[] }> {
  const answers: unknown[] = [];
  const requests: ClientRequest[] = [];
  const listener = (message: unknown) => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
    if (request.socket?.remotePort !== port) return;
    const head: string[] = [];
    for (let index = 0; index < response.rawHeaders.length; index += 2) {
      const name = response.rawHeaders[index] as string;
      head.push(ownToEachAnswer.test(name) ? name : `${name}: ${response.rawHeaders[index + 1]}`);
    }
    requests.push(request);
    answers.push([request.method, request.path.split('?', 1)[0], response.statusCode, response.statusMessage, ...head]);
  };
  subscribe('http.client.response.finish', listener);
  try {
    await act();
  } finally {
    unsubscribe('http.client.response.finish', listener);
  }
  return { answers, requests };
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const pattern = (size: number) => Buffer.alloc(size, '0123456789abcdef!');

/** What an SDK's user gets: results, and errors by their code. */
async function outcome(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    const { name, code, message } = error as Error & { code?: string };
    return { name, code, message };
  }
}

async function withAws(s3: aws.S3Client): Promise<unknown[]> {
  const Bucket = minio.bucket.bucket;
  const seen: unknown[] = [];
  const put = async (Key: string, Body: string | Buffer | Readable, more = {}) => {
    const { ETag, ChecksumCRC32 } = await s3.send(new aws.PutObjectCommand({ Bucket, Key, Body, ...more }));
    seen.push([Key, ETag, ChecksumCRC32]);
  };
  const get = async (Key: string, more = {}) => {
    const answer = await s3.send(new aws.GetObjectCommand({ Bucket, Key, ...more }));
    const bytes = (await answer.Body?.transformToByteArray()) ?? Buffer.alloc(0);
    seen.push([Key, answer.ETag, answer.ContentRange, answer.Metadata, bytes.length, sha256(bytes)]);
  };
  await put('empty', Buffer.alloc(0));
  await get('empty');
  await put('small', 'hello', { Metadata: { Owner: 'tempo' }, ContentType: 'text/plain' });
  await get('small');
  await put('stream', Readable.from([pattern(70_000), pattern(30_001)]), { ContentLength: 100_001 });
  await get('stream');
  await put('large', pattern(3 * MiB));
  await get('large');
  await get('large', { Range: 'bytes=1048576-1048585' });
  for (const Key of oddKeys) {
    // MinIO refuses some of them: then that is what both sides must get.
    seen.push(await outcome(put(Key, Key)), await outcome(get(Key)));
  }
  const head = await s3.send(new aws.HeadObjectCommand({ Bucket, Key: 'large' }));
  seen.push([head.ContentLength, head.ETag]);
  seen.push(await outcome(s3.send(new aws.HeadObjectCommand({ Bucket, Key: 'absent' }))));
  seen.push(await outcome(s3.send(new aws.GetObjectCommand({ Bucket, Key: 'absent' }))));
  seen.push(await outcome(s3.send(new aws.GetObjectCommand({ Bucket, Key: 'small', IfNoneMatch: '*' }))));
  seen.push(
    await outcome(s3.send(new aws.PutObjectCommand({ Bucket: 'no-such-bucket', Key: 'k', Body: pattern(3 * MiB) }))),
  );

  const { UploadId } = await s3.send(new aws.CreateMultipartUploadCommand({ Bucket, Key: 'parts' }));
  const upload = { Bucket, Key: 'parts', UploadId };
  const Parts = [];
  for (const [index, size] of [5 * MiB, 1].entries()) {
    const part = { ...upload, PartNumber: index + 1, Body: pattern(size) };
    const { ETag, ChecksumCRC32 } = await s3.send(new aws.UploadPartCommand(part));
    Parts.push({ PartNumber: index + 1, ETag, ChecksumCRC32 });
  }
  seen.push(
    Parts,
    (await s3.send(new aws.ListPartsCommand(upload))).Parts?.map(({ ETag, Size }) => [ETag, Size]),
  );
  const complete = new aws.CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } });
  seen.push((await s3.send(complete)).ETag);
  await get('parts');
  const aborted = await s3.send(new aws.CreateMultipartUploadCommand({ Bucket, Key: 'parts' }));
  await s3.send(new aws.AbortMultipartUploadCommand({ Bucket, Key: 'parts', UploadId: aborted.UploadId }));

  const listed = await s3.send(new aws.ListObjectsV2Command({ Bucket }));
  const keys = listed.Contents?.map(({ Key, Size, ETag }) => ({ Key, Size, ETag })) ?? [];
  seen.push(keys);
  for (const { Key } of keys.slice(1)) await s3.send(new aws.DeleteObjectCommand({ Bucket, Key }));
  await s3.send(new aws.DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: keys[0]?.Key }] } }));
  return seen;
}

async function withMinio(s3: MinioClient): Promise<unknown[]> {
  const { bucket } = minio.bucket;
  const seen: unknown[] = [];
  const get = async (key: string, stream: Promise<Readable>) => seen.push([key, sha256(await buffer(await stream))]);
  for (const key of ['small', ...oddKeys]) {
    seen.push(await outcome(s3.putObject(bucket, key, key)), await outcome(get(key, s3.getObject(bucket, key))));
  }
  seen.push((await s3.putObject(bucket, 'empty', Buffer.alloc(0))).etag);
  await get('empty', s3.getObject(bucket, 'empty'));
  await get('small', s3.getPartialObject(bucket, 'small', 1, 2));
  s3.partSize = 5 * MiB;
  seen.push((await s3.putObject(bucket, 'parts', pattern(11 * MiB))).etag);
  await get('parts', s3.getObject(bucket, 'parts'));
  const { size, etag } = await s3.statObject(bucket, 'parts');
  seen.push(
    [size, etag],
    await outcome(s3.statObject(bucket, 'absent')),
    await outcome(s3.getObject(bucket, 'absent')),
  );
  const keys: string[] = [];
  for await (const { name } of s3.listObjectsV2(bucket, '', true)) if (name !== undefined) keys.push(name);
  seen.push(keys);
  await s3.removeObject(bucket, 'small');
  await s3.removeObjects(
    bucket,
    keys.filter((key) => key !== 'small'),
  );
  return seen;
}

describe('an SDK gets through the gateway what it gets from MinIO', () => {
  it('@aws-sdk/client-s3: results, and the head of every answer', async () => {
    await using route = await openRoute();
    const sides = [];
    for (const at of [minio.bucket, route]) {
      const s3 = awsAt(at);
      let seen: unknown[] = [];
      const { answers, requests } = await answersAt(at.port, async () => {
        seen = await withAws(s3);
      });
      s3.destroy();
      sides.push({ seen, answers, requests });
    }
    const [direct, through] = sides as [(typeof sides)[number], (typeof sides)[number]];
    expect(through.seen).toEqual(direct.seen);
    expect(through.answers).toEqual(direct.answers);
    // What makes these requests hard to pass on was really there.
    expect(through.requests.filter((request) => request.getHeader('expect') === '100-continue').length).toBeGreaterThan(
      1,
    );
    expect(through.requests.some((request) => request.getHeader('x-amz-trailer') !== undefined)).toBe(true);
    expect(through.answers.length).toBeGreaterThan(40);

    const edges = (await eventsOf(route)).filter((event) => event.type === 'edge');
    // As many as the client sent, every one of them named, none cut.
    expect(edges.length).toBe(through.requests.length);
    expect(edges.filter(({ cut, operation }) => cut !== undefined || operation === 'Unknown')).toEqual([]);
    expect(edges.map(({ key }) => key)).toEqual(
      expect.arrayContaining(['a b+c', 'ü/日本', 'per%2Fcent', 'double//slash']),
    );
    const complete = edges.find(({ operation }) => operation === 'CompleteMultipartUpload');
    expect(complete?.upstream?.etag).toMatch(/^[0-9a-f]{32}-2$/);
    expect(edges.filter(({ code }) => code === 'NoSuchBucket')).toHaveLength(1);
  });

  it('minio: results, and the head of every answer', async () => {
    await using route = await openRoute();
    const sides = [];
    for (const at of [minio.bucket, route]) {
      let seen: unknown[] = [];
      const { answers } = await answersAt(at.port, async () => {
        seen = await withMinio(minioAt(at));
      });
      sides.push({ seen, answers: answers.map((answer) => JSON.stringify(answer)).sort() });
    }
    const [direct, through] = sides as [(typeof sides)[number], (typeof sides)[number]];
    expect(through.seen).toEqual(direct.seen);
    expect(through.answers).toEqual(direct.answers);
  });

  it('presigned URLs, whose signature covers the Host', async () => {
    await using route = await openRoute();
    const signed = await minioAt(route).presignedPutObject(minio.bucket.bucket, 'presigned+ key');
    expect((await exchange('PUT', signed, 'by URL')).status).toBe(200);
    const url = await minioAt(route).presignedGetObject(minio.bucket.bucket, 'presigned+ key');
    expect(await exchange('GET', url)).toMatchObject({ status: 200, body: 'by URL' });
    const elsewhere = url.replace(`:${route.port}/`, `:${minio.bucket.port}/`);
    expect((await exchange('GET', elsewhere)).status).toBe(403);
  });
});

async function exchange(
  method: string,
  url: string,
  body?: string,
): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      url,
      { method, agent: false, headers: body ? { 'content-length': body.length } : {} },
      async (answer) => {
        resolve({ status: answer.statusCode, body: (await buffer(answer)).toString() });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('a rule', () => {
  const rule: EdgeRule = {
    ...{
      kind: 'answer-error',
      rule: 'burst',
      seed: 42,
      status: 503,
      code: 'SlowDown',
      message: 'Please reduce your rate.',
    },
    match: { operations: ['PutObject'], key: '^t/', probability: 0.5 },
  };

  it('answers as S3 does, as often as its seed says, and never after its removal', async () => {
    await using route = await openRoute();
    await using s3 = Object.assign(awsAt(route), { [Symbol.asyncDispose]: async () => {} });
    const Bucket = minio.bucket.bucket;
    const put = async (Key: string) => {
      const result = await outcome(s3.send(new aws.PutObjectCommand({ Bucket, Key, Body: pattern(3 * MiB) })));
      return (result as { name?: string }).name ?? 'ok';
    };
    await route.addRule(rule);
    const sequence = [];
    for (let count = 0; count < 8; count++) sequence.push(await put('t/a'));
    // The first eight draws of (42, 'burst', 'PutObject', 't/a', 0, n), below a half.
    const expected = 'x...x.xx';
    expect(sequence.map((name) => (name === 'SlowDown' ? 'x' : name === 'ok' ? '.' : name)).join('')).toBe(expected);
    expect(await put('elsewhere')).toBe('ok');
    const fired = expected.replaceAll('.', '').length;
    expect(await route.evidence('burst')).toEqual({ considered: 8, fired });
    expect(await route.removeRule('burst')).toEqual({ considered: 8, fired });
    for (let count = 0; count < 4; count++) expect(await put('t/a')).toBe('ok');
    s3.destroy();

    const edges = (await eventsOf(route)).filter((event): event is EdgeEvent => event.type === 'edge');
    expect(
      edges
        .slice(0, 8)
        .map(({ status }) => (status === 503 ? 'x' : '.'))
        .join(''),
    ).toBe(expected);
    const ruled = edges.filter((edge) => edge.rule === 'burst');
    expect(ruled).toHaveLength(fired);
    expect(ruled.every(({ upstream, code }) => upstream === undefined && code === 'SlowDown')).toBe(true);
  });

  it('that is wrong is refused with the reason', async () => {
    await using route = await openRoute();
    await expect(route.addRule({ ...rule, match: { key: '(' } })).rejects.toThrow(
      /400: rule burst: key "\(" is not a regular/,
    );
    await expect(route.evidence('burst')).rejects.toThrow('404: rule burst: the route has none of this name');
  });
});

it('refuses a route whose name is taken, and orders for a route that is not open', async () => {
  await using route = await openRoute();
  const { host, port } = minio.bucket;
  const again = gateway.openRoute({ route: route.name, upstream: { host, port }, historyFile: join(folder, 'x') });
  await expect(again).rejects.toThrow(`409: route ${route.name} is open`);
  await route.close();
  await expect(route.evidence('r')).rejects.toThrow(`404: no route ${route.name} is open`);
});

it('says how late it was itself', async () => {
  await using route = await openRoute();
  await realClock.sleep(1200);
  const late = (await eventsOf(route)).filter((event) => event.type === 'lateness');
  expect(late.length).toBeGreaterThanOrEqual(1);
  expect(late[0]).toMatchObject({ process: 'gateway', maxMs: expect.any(Number), intervalMs: expect.any(Number) });
});

it('tells when it died, and not when it was asked to end', async () => {
  const killed = await startGateway();
  process.kill(killed.pid, 'SIGKILL');
  expect(await killed.died).toContain('the gateway process ended (SIGKILL)');
  const asked = await startGateway();
  await asked[Symbol.asyncDispose]();
  expect(await Promise.race([asked.died, realClock.sleep(100)])).toBeUndefined();
});

it('passes 1 GiB up and down without growing', { timeout: 180_000 }, async () => {
  await using own = await startGateway();
  const { host, port, bucket } = minio.bucket;
  const historyFile = join(folder, 'large.ndjson');
  await using route = await own.openRoute({ route: 'large', upstream: { host, port }, historyFile });
  const s3 = minioAt(route);
  // Node takes memory for its buffers once, and how much of it differs between its versions: what counts is that it stops.
  await passThrough(s3, bucket, 256 * MiB);
  const before = residentMiB(own.pid);
  let highest = before;
  let over = false;
  const watch = (async () => {
    while (!over) {
      highest = Math.max(highest, residentMiB(own.pid));
      await realClock.sleep(50);
    }
  })();
  await passThrough(s3, bucket, 1024 * MiB);
  over = true;
  await watch;
  expect(highest - before).toBeLessThan(64);
});

/** Puts an object of so many bytes, never whole in memory, and gets it again. */
async function passThrough(s3: ReturnType<typeof minioAt>, bucket: string, size: number): Promise<void> {
  const chunk = pattern(MiB);
  const url = await s3.presignedPutObject(bucket, 'large');
  const sent = httpRequest(url, { method: 'PUT', agent: false, headers: { 'content-length': size } });
  const answered = new Promise<IncomingMessage>((resolve, reject) => sent.on('response', resolve).on('error', reject));
  await pipeline(
    Readable.from(
      (function* () {
        for (let left = size; left > 0; left -= MiB) yield chunk;
      })(),
    ),
    sent,
  );
  const answer = await answered;
  answer.resume();
  expect(answer.statusCode).toBe(200);
  let received = 0;
  for await (const part of await s3.getObject(bucket, 'large')) received += part.length;
  expect(received).toBe(size);
}

function residentMiB(pid: number): number {
  if (process.platform !== 'linux') return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)])) / 1024;
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
