/** What goes over the wire under each policy, against a server that does as it is told, and against MinIO. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import { DnsError, type Resolver } from '../dns/resolver.ts';
import type { AttemptEvent } from '../history/events.ts';
import { Random } from '../random.ts';
import { tempoDefaults } from '../tempo/defaults.ts';
import type { TempoSettings } from '../tempo/settings.ts';
import { LoopbackResolver } from './attempt-probe.ts';
import { clientNames } from './clients.ts';
import { createObjectStore } from './create-object-store.ts';
import { readBucket } from './direct-reader.ts';
import { FileBody } from './file-body.ts';
import { DeadlineExceeded, type ObjectStore } from './object-store.ts';
import { type RealMinio, startRealMinio } from './real-minio.ts';
import { testAuthority, testCertificate } from './test-certificate.ts';
import { errorDocument, ToldServer, type Treat } from './told-server.ts';

const MiB = 1024 * 1024;
const SMALL = 100_000;
/** Three of the AWS SDK's parts, and one of minio's. */
const LARGE = 12 * MiB;
/** Two of minio's parts. */
const HUGE = 65 * MiB;
let folder: string;
const bodies = new Map<number, FileBody>();
const bodyOf = (size: number) => bodies.get(size) as FileBody;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'create-object-store-'));
  for (const size of [SMALL, LARGE, HUGE]) {
    const path = join(folder, String(size));
    await writeFile(path, randomBytes(size));
    bodies.set(size, await FileBody.whole(path));
  }
});
afterAll(() => rm(folder, { recursive: true }));

interface Setting {
  host?: string;
  port: number;
  settings?: (settings: TempoSettings) => void;
  resolver?: Resolver;
  ca?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

async function open(client: (typeof clientNames)[number], { settings: change, ...setting }: Setting) {
  const settings = tempoDefaults();
  Object.assign(settings.s3, { bucket: 'lease-1', region: 'us-west-2', insecure: true });
  Object.assign(settings.policy, { backoffUnit: 2, backoffCap: 10 });
  settings.client = 'sdk';
  change?.(settings);
  const { resolver = new LoopbackResolver(), ca, host = 's3.chaos.test', port } = setting;
  const events: AttemptEvent[] = [];
  const store = await createObjectStore({
    client,
    settings,
    s3: {
      host,
      port,
      credentials: setting.credentials ?? { accessKeyId: 'key', secretAccessKey: 'secret-key' },
      ...(ca !== undefined && { ca }),
    },
    resolver,
    clock: realClock,
    random: new Random(1),
    record: (event) => events.push(event as AttemptEvent),
    writer: 'w',
  });
  return { store, events, resolver };
}

const { signal } = new AbortController();
const slowDown = { status: 503, body: errorDocument('SlowDown', 'slow down, please') };
const put = (store: ObjectStore, size = SMALL) => store.putObject('t/b/data.parquet', bodyOf(size), signal);
/** `PUT part 2: 5242880`. */
const shown = ({ method, url, size }: { method: string; url: string; size: number }) => {
  const query = new URL(url, 'http://s3').searchParams;
  if (query.has('partNumber')) return `${method} part ${query.get('partNumber')}: ${size}`;
  for (const name of ['uploads', 'uploadId', 'location', 'list-type']) {
    if (query.has(name)) return `${method} ${name}`;
  }
  return `${method}: ${size}`;
};
const ended = (events: AttemptEvent[]) => events.map(({ status, failure }) => failure ?? status);

describe.each(clientNames)('%s', (name) => {
  async function against<T>(
    treat: Treat | undefined,
    act: (parts: Awaited<ReturnType<typeof open>> & { server: ToldServer }) => Promise<T>,
    setting: Omit<Setting, 'port'> = {},
  ): Promise<T> {
    await using server = await ToldServer.start(treat);
    const opened = await open(name, { port: server.port, ...setting });
    try {
      return await act({ ...opened, server });
    } finally {
      opened.store.close();
    }
  }

  describe('with Tempo’s policy', () => {
    const tempo = (settings: TempoSettings) => {
      settings.client = 'tempo';
    };

    it('has ten attempts, and no checksums', () =>
      against(
        () => slowDown,
        async ({ store, server }) => {
          await expect(put(store)).rejects.toMatchObject({ name: 'S3Error', code: 'SlowDown' });
          expect(server.seen).toHaveLength(10);
          expect(Object.keys(server.seen[0]?.headers ?? {}).filter((header) => /checksum/.test(header))).toEqual([]);
        },
        { settings: tempo },
      ));

    it.each([
      ['', ['GET location', `PUT: ${SMALL}`], ['us-east-1', 'eu-north-1']],
      ['us-west-2', [`PUT: ${SMALL}`], ['us-west-2']],
    ])('with the region %j asks, or does not, and signs for what it knows', (region, requests, regions) =>
      against(
        ({ url }) =>
          url.includes('location')
            ? { status: 200, body: '<LocationConstraint xmlns="http://s3">eu-north-1</LocationConstraint>' }
            : 'ok',
        async ({ store, server, events }) => {
          await put(store);
          expect(server.seen.map(shown)).toEqual(requests);
          expect(server.seen.map(({ headers }) => headers.authorization?.split('/')[2])).toEqual(regions);
          expect(events.map(({ operation }) => operation).includes('GetBucketLocation')).toBe(region === '');
        },
        {
          settings: (settings) => {
            tempo(settings);
            settings.s3.region = region;
          },
        },
      ),
    );
  });

  describe('with its own policy', () => {
    it('sends an object as one PutObject, and tells of it in phases', () =>
      against(undefined, async ({ store, events, server, resolver }) => {
        await put(store);
        await put(store);
        expect(server.seen.map(shown)).toEqual([`PUT: ${SMALL}`, `PUT: ${SMALL}`]);
        expect(server.seen.map(({ sha256 }) => sha256)).toEqual(Array(2).fill(await bodyOf(SMALL).sha256()));
        expect(server.seen.map(({ headers }) => headers['x-chaos-attempt'])).toEqual(['w-1.1', 'w-2.1']);
        expect(server.seen[0]?.headers.authorization).not.toContain('chaos');
        const common = { operation: 'PutObject', bucket: 'lease-1', key: 't/b/data.parquet', attempt: 1 };
        const sent = { outcome: 'ok', status: 200, bytesSent: SMALL, bytesReceived: 0, connection: 1 };
        expect(events).toMatchObject([
          { ...common, ...sent, id: 'w-1.1', request: 'w-1', reused: false },
          { ...common, ...sent, id: 'w-2.1', request: 'w-2', reused: true },
        ]);
        const phases = events.map((event) => Object.keys(event.phases).sort());
        expect(phases).toEqual([
          ['connect', 'dns', 'receive', 'send', 'socket', 'wait'],
          ['receive', 'send', 'socket', 'wait'],
        ]);
        for (const event of events) {
          expect(Object.values(event.phases).every((ms) => ms >= 0)).toBe(true);
          expect(Object.values(event.phases).reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(
            event.t - event.start + 0.001,
          );
        }
        expect((resolver as LoopbackResolver).lookups).toBe(1);
      }));

    it('tries again as often as it is told to, and says what S3 said', () =>
      against(
        () => slowDown,
        async ({ store, events, server }) => {
          const error = await put(store).catch((e) => e);
          expect(error).toMatchObject({ name: 'S3Error', status: 503, code: 'SlowDown', operation: 'PutObject' });
          expect(error.serverMessage).toBe('slow down, please');
          expect(error.cause).toBeInstanceOf(Error);
          expect(server.seen).toHaveLength(2);
          expect(events).toMatchObject([
            { id: 'w-1.1', attempt: 1, outcome: 'fail', status: 503, code: 'SlowDown' },
            { id: 'w-1.2', attempt: 2, outcome: 'fail', status: 503, code: 'SlowDown' },
          ]);
          const [first, second] = events as [AttemptEvent, AttemptEvent];
          expect(first.retryIn).toBeCloseTo(second.start - first.t, 6);
          expect(second).not.toHaveProperty('retryIn');
        },
        {
          settings: ({ sdk }) => {
            sdk.maxAttempts = 2;
          },
        },
      ));

    it('is told of a failure on the way as of what it is', async () => {
      for (const [treatment, failure, outcome] of [
        ['reset', 'reset', 'info'],
        ['close', 'reset', 'info'],
        ['garbage', 'protocol', 'info'],
        ['half-answer', 'reset', 'info'],
      ] as const) {
        await against(
          () => treatment,
          async ({ store, events }) => {
            await put(store).catch(() => {});
            expect(events[0]).toMatchObject({ outcome, failure, bytesSent: SMALL });
          },
          {
            settings: ({ sdk }) => {
              sdk.maxAttempts = 1;
            },
          },
        );
      }
    });

    it.each([
      ['no-such-host', 'ENOTFOUND'],
      ['timeout', 'EAI_AGAIN'],
    ] as const)('resolves by the lease’s DNS server: %s is %s', (kind, code) =>
      against(
        undefined,
        async ({ store, events, server }) => {
          const error = await put(store).catch((e) => e);
          expect(error).toMatchObject({ name: 'TransportError', failure: 'dns' });
          expect(error.message).toContain(`getaddrinfo ${code} s3.chaos.test`);
          expect(events[0]).toMatchObject({ outcome: 'fail', failure: 'dns', bytesSent: 0 });
          expect(events[0]).not.toHaveProperty('connection.id');
          expect(server.connections).toBe(0);
        },
        {
          resolver: {
            resolve: async (host) => {
              throw new DnsError(kind, host, '127.0.0.1:53', 'told so', true);
            },
          },
        },
      ),
    );

    it('tells of a connect that was refused', async () => {
      const server = await ToldServer.start();
      const { port } = server;
      await server[Symbol.asyncDispose]();
      const { store, events } = await open(name, { port });
      await expect(put(store)).rejects.toMatchObject({ name: 'TransportError', failure: 'connect' });
      expect(events[0]).toMatchObject({ outcome: 'fail', failure: 'connect', bytesSent: 0 });
      store.close();
    });

    it('ends with the deadline, in the words of Tempo’s log', () =>
      against(
        () => 'never',
        async ({ store, events, server }) => {
          const deadline = new AbortController();
          const call = store.putObject('k', bodyOf(SMALL), deadline.signal).catch((e) => e);
          await expect.poll(() => server.seen.length).toBe(1);
          deadline.abort(new DeadlineExceeded(1000));
          expect(await call).toMatchObject({
            name: 'TransportError',
            failure: 'deadline',
            message: 'PutObject k: context deadline exceeded',
          });
          // minio cannot be told: its request stays until the store is closed.
          if (name === 'minio') expect([server.open, events]).toEqual([1, []]);
          else {
            await expect.poll(() => server.open).toBe(0);
            expect(events).toMatchObject([{ outcome: 'info', failure: 'deadline' }]);
          }
          store.close();
          await expect.poll(() => server.open).toBe(0);
          await expect(store.putObject('k', bodyOf(SMALL), deadline.signal)).rejects.toMatchObject({
            failure: 'deadline',
          });
        },
      ));

    it('trusts the lease’s authority, and nobody else’s', async () => {
      await using server = await ToldServer.start(undefined, testCertificate);
      const secure = (settings: TempoSettings) => {
        settings.s3.insecure = false;
        settings.sdk.maxAttempts = 1;
      };
      const trusting = await open(name, { port: server.port, ca: testAuthority, settings: secure });
      await put(trusting.store);
      // The AWS SDK sends parts by agents that it makes for each.
      await put(trusting.store, LARGE);
      expect(trusting.events[0]?.phases).toHaveProperty('tls');
      const sent = server.seen.length;
      trusting.store.close();
      const other = await open(name, { port: server.port, settings: secure });
      await expect(put(other.store)).rejects.toMatchObject({ failure: 'tls' });
      expect(other.events[0]).toMatchObject({ outcome: 'fail', failure: 'tls' });
      other.store.close();
      expect(server.seen).toHaveLength(sent);
    });

    it('puts the bucket into the host’s name when it is told to', () =>
      against(
        undefined,
        async ({ store, events, server }) => {
          await put(store);
          expect(server.seen[0]?.headers.host).toBe(`lease-1.s3.chaos.test:${server.port}`);
          expect(events[0]).toMatchObject({ operation: 'PutObject', bucket: 'lease-1', key: 't/b/data.parquet' });
        },
        {
          settings: ({ s3 }) => {
            s3.bucketLookupType = 1;
          },
        },
      ));

    it('takes the pages of a listing for requests of their own', () => {
      const page = (key: string, more: string) => ({
        status: 200,
        body: `<ListBucketResult xmlns="http://s3"><KeyCount>1</KeyCount>${more}<Contents><Key>${key}</Key><LastModified>2026-01-02T03:04:05.678Z</LastModified><ETag>"e"</ETag><Size>5</Size></Contents></ListBucketResult>`,
      });
      const more = '<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>';
      return against(
        ({ url }) => (url.includes('continuation') ? page('b', '<IsTruncated>false</IsTruncated>') : page('a', more)),
        async ({ store, events }) => {
          expect(await store.listKeys('', signal)).toEqual(['a', 'b']);
          expect(events).toMatchObject([
            { id: 'w-1.1', operation: 'ListObjectsV2', key: '', outcome: 'ok' },
            { id: 'w-2.1', operation: 'ListObjectsV2', key: '', outcome: 'ok' },
          ]);
        },
      );
    });

    it('does not touch requests of others', () =>
      against(undefined, async ({ server, events }) => {
        const http = (await import('node:http')).default;
        const status = await new Promise((resolve) => {
          http.get({ port: server.port, host: '127.0.0.1', path: '/lease-1/k' }, (response) => {
            response.resume();
            resolve(response.statusCode);
          });
        });
        expect(status).toBe(200);
        expect(server.seen[0]?.headers).not.toHaveProperty('x-chaos-attempt');
        expect(events).toEqual([]);
      }));
  });
});

describe('the AWS SDK’s own way', () => {
  const parts = [`PUT part 1: ${5 * MiB}`, `PUT part 2: ${5 * MiB}`, `PUT part 3: ${2 * MiB}`];

  async function send(treat: Treat, body: FileBody = bodyOf(LARGE)) {
    await using server = await ToldServer.start(treat);
    const { store, events } = await open('aws-sdk', { port: server.port });
    const error = await store.putObject('t/b/data.parquet', body, signal).catch((e) => e);
    store.close();
    return { error, events, requests: server.seen.map(shown), seen: server.seen };
  }

  it('is parts of 5 MiB, with checksums, each of 2 MiB or more on a connection of its own', async () => {
    const { error, requests, seen, events } = await send(() => 'ok');
    expect(error).toBeUndefined();
    expect([requests[0], ...requests.slice(1, 4).sort(), ...requests.slice(4)]).toEqual([
      'POST uploads',
      ...parts,
      'POST uploadId',
    ]);
    const sent = seen.slice(1, 4);
    expect(sent.every(({ headers }) => headers['x-amz-checksum-crc32'] && headers.expect === '100-continue')).toBe(
      true,
    );
    expect(new Set(sent.map(({ connection }) => connection)).size).toBe(3);
    expect(sent.some(({ connection }) => connection === seen[0]?.connection)).toBe(false);
    expect(events.filter(({ partNumber }) => partNumber).every(({ phases }) => phases.dns !== undefined)).toBe(true);
  });

  it('goes on to the last part when one has failed, and then aborts', async () => {
    const denied = { status: 403, body: errorDocument('AccessDenied'), early: true };
    const ten = bodyOf(HUGE).slice(0, 50 * MiB);
    const { error, requests } = await send(({ url }) => (/partNumber=1&/.test(url) ? denied : 'ok'), ten);
    expect(error).toMatchObject({ operation: 'UploadPart', code: 'AccessDenied' });
    // What was answered before it was read is not among them.
    const others = [2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => `PUT part ${n}: ${5 * MiB}`);
    expect(requests.slice(1, 10).sort()).toEqual(others.sort());
    expect(requests.slice(10)).toEqual(['DELETE uploadId']);
  });

  it('tries a completion again that was answered 200 with an error inside', async () => {
    let completions = 0;
    const { error, events } = await send(({ method, url }) =>
      method === 'POST' && /uploadId=/.test(url) && ++completions === 1
        ? { status: 200, body: errorDocument('InternalError') }
        : 'ok',
    );
    expect(error).toBeUndefined();
    const completed = events.filter(({ operation }) => operation === 'CompleteMultipartUpload');
    expect(completed).toMatchObject([
      { attempt: 1, outcome: 'fail', status: 200, code: 'InternalError' },
      { attempt: 2, outcome: 'ok' },
    ]);
  });

  it('has three attempts, and takes up transport errors', async () => {
    const { error, events } = await send(() => 'reset', bodyOf(SMALL));
    expect(error).toMatchObject({ name: 'TransportError', failure: 'reset' });
    expect(ended(events)).toEqual(['reset', 'reset', 'reset']);
    expect(events.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  it('aborts the upload when its deadline ends', async () => {
    await using server = await ToldServer.start(({ url }) => (/partNumber=2/.test(url) ? 'never' : 'ok'));
    const { store } = await open('aws-sdk', { port: server.port });
    const deadline = new AbortController();
    const call = store.putObject('k', bodyOf(LARGE), deadline.signal).catch((e) => e);
    await expect.poll(() => server.seen.length).toBe(4);
    deadline.abort(new DeadlineExceeded(1000));
    expect(await call).toMatchObject({ failure: 'deadline' });
    await expect.poll(() => server.seen.map(shown).at(-1)).toBe('DELETE uploadId');
    store.close();
  });

  it('takes its timeouts from the settings: a request timeout is but a warning', async () => {
    await using server = await ToldServer.start(({ number }) => (number === 1 ? 'never' : 'ok'));
    const { store, events } = await open('aws-sdk', {
      port: server.port,
      settings: ({ sdk }) => {
        sdk.requestTimeout = 50;
      },
    });
    const deadline = new AbortController();
    const call = store.putObject('k', bodyOf(SMALL), deadline.signal).catch((e) => e);
    await expect.poll(() => server.seen.length).toBe(1);
    await realClock.sleep(300);
    expect(events).toEqual([]);
    deadline.abort(new DeadlineExceeded(1000));
    await call;
    store.close();
  });
});

describe('minio’s own way', () => {
  async function send(treat: Treat, size: number, maxAttempts?: number) {
    await using server = await ToldServer.start(treat);
    const { store, events } = await open('minio', {
      port: server.port,
      settings: ({ sdk }) => {
        if (maxAttempts !== undefined) sdk.maxAttempts = maxAttempts;
      },
    });
    const error = await put(store, size).catch((e) => e);
    const { open: left } = server;
    store.close();
    return { error, events, requests: server.seen.map(shown), left };
  }

  it('is one request up to 64 MiB; above, it looks for old uploads and sends part after part, from number 2 on', async () => {
    expect((await send(() => 'ok', LARGE)).requests).toEqual([`PUT: ${LARGE}`]);
    const noUploads = {
      status: 200,
      body: '<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>',
    };
    const done = {
      status: 200,
      body: '<CompleteMultipartUploadResult><Location>l</Location><Bucket>b</Bucket><Key>k</Key><ETag>"e"</ETag></CompleteMultipartUploadResult>',
    };
    const { error, requests } = await send(({ method, url }) => {
      if (method === 'GET') return noUploads;
      return method === 'POST' && url.includes('uploadId') ? done : 'ok';
    }, HUGE);
    expect(error).toBeUndefined();
    expect(requests).toEqual([
      'GET uploads',
      'POST uploads',
      `PUT part 2: ${64 * MiB}`,
      `PUT part 3: ${MiB}`,
      'POST uploadId',
    ]);
  });

  it('has two attempts, leaves what it does not read on an open connection, and takes up no transport error', async () => {
    const busy = await send(() => slowDown, SMALL);
    expect(ended(busy.events)).toEqual([503, 503]);
    expect(busy.events.every(({ bytesReceived }) => bytesReceived === slowDown.body.length)).toBe(true);
    expect(busy.left).toBe(2);
    expect(ended((await send(() => 'reset', SMALL)).events)).toEqual(['reset']);
  });
});

describe('against MinIO, at real time', () => {
  let minio: RealMinio;
  beforeAll(async () => {
    minio = await startRealMinio('policies');
  });
  afterAll(async () => {
    await minio?.[Symbol.asyncDispose]();
  });

  it.each(clientNames.flatMap((name) => [[name, 'sdk'] as const, [name, 'tempo'] as const]))(
    '%s, policy %s: every method does what it says',
    async (name, policy) => {
      const { host, port, credentials, bucket, region } = minio.bucket;
      const { store, events } = await open(name, {
        host,
        port,
        credentials,
        settings: (settings) => {
          settings.client = policy;
          Object.assign(settings.s3, { bucket, region: policy === 'tempo' ? '' : region });
        },
      });
      const prefix = `${name}-${policy}/`;
      await store.checkAccess(signal);
      for (const size of [SMALL, LARGE]) await store.putObject(`${prefix}${size}`, bodyOf(size), signal);
      const upload = await store.openUpload(`${prefix}opened`, signal);
      await upload.append(bodyOf(LARGE).slice(0, 6 * MiB), signal);
      await upload.append(bodyOf(LARGE).slice(6 * MiB, LARGE), signal);
      await upload.complete(signal);
      await store.copyObject(`${prefix}${SMALL}`, `${prefix}c d+e`, signal);
      const keys = ['c d+e', String(SMALL), String(LARGE), 'opened'].map((key) => prefix + key);
      expect((await store.listKeys(prefix, signal)).sort()).toEqual(keys.sort());
      const found = new Map<string, unknown>();
      await readBucket(
        { ...minio.bucket, prefix },
        (event) => 'sha256' in event && 'key' in event && found.set(event.key, event.sha256),
        realClock,
      );
      const [small, large] = [await bodyOf(SMALL).sha256(), await bodyOf(LARGE).sha256()];
      expect(found).toEqual(
        new Map([
          [`${prefix}${SMALL}`, small],
          [`${prefix}c d+e`, small],
          [`${prefix}${LARGE}`, large],
          [`${prefix}opened`, large],
        ]),
      );
      const whole = await store.getObject(`${prefix}${SMALL}`, signal);
      expect(whole).toHaveLength(SMALL);
      expect(await store.getObject(`${prefix}${SMALL}`, signal, { start: 10, end: 20 })).toEqual(
        whole.subarray(10, 20),
      );
      for (const key of keys) await store.deleteObject(key, signal);
      expect(await store.listKeys(prefix, signal)).toEqual([]);
      await expect(store.getObject(`${prefix}gone`, signal)).rejects.toMatchObject({ status: 404, code: 'NoSuchKey' });
      store.close();
      expect(events.slice(0, -1).every(({ outcome }) => outcome === 'ok')).toBe(true);
      expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    },
  );
});
