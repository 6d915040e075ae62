/**
 * What goes over the wire for one object, policy and client and transport together: the requests that a Tempo 2.9.5 was recorded
 * to send under the same faults (methods, sizes, statuses, which of them came on a new connection), and what minio-go 7.0.94 and 7.1.0
 * sent under two more. Waits are a hundredth.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import type { AttemptEvent } from '../history/events.ts';
import { Random } from '../random.ts';
import { probeClient, probeTransport } from './attempt-probe.ts';
import { clientNames } from './clients.ts';
import { readBucket } from './direct-reader.ts';
import { FileBody } from './file-body.ts';
import { loggedWords } from './logged-words.ts';
import { DeadlineExceeded } from './object-store.ts';
import { type RealMinio, startRealMinio } from './real-minio.ts';
import { tempoObjectStore } from './tempo-object-store.ts';
import { errorDocument, ToldServer, type Treat } from './told-server.ts';

const MiB = 1024 * 1024;
const SMALL = 442_069;
const LARGE = 12_435_000;
let folder: string;
let small: FileBody;
let large: FileBody;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tempo-requests-'));
  for (const [name, size] of [
    ['small', SMALL],
    ['large', LARGE],
  ] as const) {
    await writeFile(join(folder, name), randomBytes(size));
  }
  small = await FileBody.whole(join(folder, 'small'));
  large = await FileBody.whole(join(folder, 'large'));
});
afterAll(() => rm(folder, { recursive: true }));

const slowDown = { status: 503, body: errorDocument('SlowDown') };

describe.each(clientNames)('%s sends what Tempo sends', (name) => {
  /** The nth request whose method and URL match is treated so. */
  const faults =
    (method: string, url: RegExp, treatments: ReturnType<Treat>[]): Treat =>
    (request) =>
      (request.method === method && url.test(request.url) && treatments.shift()) || 'ok';

  async function put(treat: Treat, body: FileBody, deadline?: number) {
    await using server = await ToldServer.start(treat);
    const attempts: AttemptEvent[] = [];
    const store = tempoObjectStore({
      operations: await probeClient(name, server.port, probeTransport()),
      policy: { attempts: 10, backoffUnit: 2, backoffCap: 10, partsInFlight: 4 },
      partSize: 5 * MiB,
      clock: realClock,
      random: new Random(1),
      record: (event) => attempts.push(event as AttemptEvent),
      writer: 'w',
    });
    const controller = new AbortController();
    const cancel = deadline
      ? realClock.after(deadline, () => controller.abort(new DeadlineExceeded(deadline)))
      : () => {};
    const error = await store.putObject('t/b/data.parquet', body, controller.signal).catch((e) => e);
    cancel();
    store.close();
    const requests = server.seen.map(({ method, url, size }) => {
      const query = new URL(url, 'http://s3').searchParams;
      if (query.has('partNumber')) return `${method} part ${query.get('partNumber')}: ${size}`;
      if (query.has('uploads')) return `${method} uploads`;
      return query.has('uploadId') ? `${method} uploadId` : `${method}: ${size}`;
    });
    const connections = server.seen.map(({ connection }) => connection);
    return {
      error,
      requests,
      connections,
      attempts,
      statuses: attempts.map(({ status, failure }) => failure ?? status),
    };
  }

  const parts = [`PUT part 1: ${5 * MiB}`, `PUT part 2: ${5 * MiB}`, `PUT part 3: ${LARGE - 10 * MiB}`];

  it('healthy-single-part', async () => {
    const { error, requests } = await put(() => 'ok', small);
    expect(error).toBeUndefined();
    expect(requests).toEqual([`PUT: ${SMALL}`]);
  });

  it('healthy-multipart: each part once, in any order', async () => {
    const { error, requests } = await put(() => 'ok', large);
    expect(error).toBeUndefined();
    expect(requests[0]).toBe('POST uploads');
    expect(requests.slice(1, 4).sort()).toEqual(parts);
    expect(requests.slice(4)).toEqual(['POST uploadId']);
  });

  it('slowdown-3-on-data: three retries on the same connection', async () => {
    const { error, requests, connections, statuses } = await put(
      faults('PUT', /data/, [slowDown, slowDown, slowDown]),
      small,
    );
    expect(error).toBeUndefined();
    expect(requests).toEqual(Array(4).fill(`PUT: ${SMALL}`));
    expect(connections).toEqual([1, 1, 1, 1]);
    expect(statuses).toEqual([503, 503, 503, 200]);
  });

  it('slowdown-12-on-data: ten attempts, then the error', async () => {
    const { error, requests } = await put(faults('PUT', /data/, Array(12).fill(slowDown)), small);
    expect(error).toMatchObject({ status: 503, code: 'SlowDown' });
    expect(requests).toHaveLength(10);
  });

  it('reset-2-on-data: each retry on a new connection', async () => {
    const { error, connections, statuses } = await put(faults('PUT', /data/, ['reset', 'reset']), small);
    expect(error).toBeUndefined();
    expect(connections).toEqual([1, 2, 3]);
    expect(statuses).toEqual(['reset', 'reset', 200]);
  });

  it('access-denied-1-on-data: no retry', async () => {
    const denied = { status: 403, body: errorDocument('AccessDenied', 'x') };
    const { error, requests } = await put(faults('PUT', /data/, [denied]), small);
    expect(error).toMatchObject({ code: 'AccessDenied' });
    expect(requests).toHaveLength(1);
  });

  it('hang-on-data-deadline: one request, and the words that Tempo logs', async () => {
    const { error, requests } = await put(faults('PUT', /data/, ['never']), small, 300);
    expect(error.message).toMatch(/context deadline exceeded$/);
    expect(loggedWords(error)).toMatch(/^Put "http:.*data\.parquet.*": context deadline exceeded$/);
    expect(requests).toHaveLength(1);
  });

  it('multipart-slowdown-2-on-part: that part alone is sent again', async () => {
    const { error, requests } = await put(faults('PUT', /partNumber=2/, [slowDown, slowDown]), large);
    expect(error).toBeUndefined();
    expect(requests.slice(1, -1).sort()).toEqual([parts[0], parts[1], parts[1], parts[1], parts[2]]);
    expect(requests.at(-1)).toBe('POST uploadId');
  });

  it('multipart-complete-200-with-slowdown: the completion is sent again', async () => {
    const hidden = { status: 200, body: errorDocument('SlowDown') };
    const { error, requests, attempts } = await put(faults('POST', /uploadId=/, [hidden]), large);
    expect(error).toBeUndefined();
    expect(requests.slice(4)).toEqual(['POST uploadId', 'POST uploadId']);
    expect(attempts.slice(4)).toMatchObject([
      { outcome: 'fail', status: 200, code: 'SlowDown' },
      { outcome: 'ok', status: 200 },
    ]);
  });

  it('an upload that is created without a name: no part, an abort without a name, the error', async () => {
    const hidden = { status: 200, body: errorDocument('SlowDown') };
    const { error, requests } = await put(faults('POST', /uploads/, [hidden]), large);
    expect(error.message).toMatch(/UploadID cannot be empty\.$/);
    expect(requests).toEqual(['POST uploads', 'DELETE uploadId']);
  });

  it('a part that was answered 200 with an error inside: taken for sent', async () => {
    const hidden = { status: 200, body: errorDocument('SlowDown') };
    const { error, requests } = await put(faults('PUT', /partNumber=2/, [hidden]), large);
    expect(error).toBeUndefined();
    expect(requests.slice(1, 4).sort()).toEqual(parts);
    expect(requests.slice(4)).toEqual(['POST uploadId']);
  });

  it('multipart-complete-commit-then-drop: NoSuchUpload, an abort, the error', async () => {
    const gone = { status: 404, body: errorDocument('NoSuchUpload') };
    const { error, requests, statuses } = await put(faults('POST', /uploadId=/, ['reset', gone]), large);
    expect(error).toMatchObject({ status: 404, code: 'NoSuchUpload' });
    expect(requests.slice(4)).toEqual(['POST uploadId', 'POST uploadId', 'DELETE uploadId']);
    expect(statuses.slice(4)).toEqual(['reset', 404, 204]);
  });
});

describe('against MinIO', () => {
  let minio: RealMinio;
  beforeAll(async () => {
    minio = await startRealMinio('requests');
  });
  afterAll(async () => {
    await minio?.[Symbol.asyncDispose]();
  });

  it.each(clientNames)('%s: both kinds of object arrive byte for byte', async (name) => {
    const { host, port, ...rest } = minio.bucket;
    const store = tempoObjectStore({
      operations: await probeClient(name, port, probeTransport(), { ...rest, endpoint: { host, port, secure: false } }),
      policy: { attempts: 10, backoffUnit: 200, backoffCap: 1000, partsInFlight: 4 },
      partSize: 5 * MiB,
      clock: realClock,
      random: new Random(1),
      record: () => {},
      writer: 'w',
    });
    const { signal } = new AbortController();
    await store.checkAccess(signal);
    await store.putObject(`${name}/large`, large, signal);
    await store.putObject(`${name}/small`, small, signal);
    store.close();
    const found: unknown[] = [];
    await readBucket({ ...minio.bucket, prefix: `${name}/` }, (event) => found.push(event), realClock);
    expect(found).toHaveLength(3);
    expect(found).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ key: `${name}/large`, size: LARGE, sha256: await large.sha256() }),
        expect.objectContaining({ key: `${name}/small`, size: SMALL, sha256: await small.sha256() }),
        expect.objectContaining({ type: 'final.read', objects: 2 }),
      ]),
    );
  });
});
