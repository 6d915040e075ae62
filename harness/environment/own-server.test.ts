import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { realClock } from '../clock.ts';
import { quietS3Client } from '../object-store/aws-client.ts';
import { docker } from './docker.ts';
import { findEngine } from './docker-engine.ts';
import type { OwnServer, StartedEnvironment } from './environment.ts';
import { exampleRun } from './example-environment.ts';
import { diagnoseMemoryDisk } from './memory-disk.ts';
import { native } from './native.ts';
import { stillRuns } from './process-identity.ts';
import type { Register } from './register.ts';
import { readRecord } from './run-record.ts';
import { sweep } from './sweep.ts';

// Where nothing may be skipped, docker.test.ts fails for want of an engine.
const kinds = 'client' in (await findEngine()) ? [native, docker] : [native];
const memoryDisk = await diagnoseMemoryDisk();

let state: string;
let register: Register;
let close: () => Promise<void>;
let environment: StartedEnvironment;
const clients: S3Client[] = [];

beforeEach(async () => {
  ({ state, register, close } = await exampleRun());
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await environment?.[Symbol.asyncDispose]();
  await close();
});

/** One attempt of each request, over connections of its own. */
function clientOf({ host, port, credentials }: OwnServer): S3Client {
  const client = quietS3Client({
    endpoint: `http://${host}:${port}`,
    credentials,
    region: 'us-west-2',
    forcePathStyle: true,
    maxAttempts: 1,
  });
  clients.push(client);
  return client;
}

/** `ok`, or the S3 error code, or the error of the connection. */
async function put(server: OwnServer, key: string, bytes = 10): Promise<string> {
  return clientOf(server)
    .send(new PutObjectCommand({ Bucket: 'blocks', Key: key, Body: Buffer.alloc(bytes, key) }))
    .then(
      () => 'ok',
      (error) => error.code ?? error.name,
    );
}

async function get(server: OwnServer, key: string): Promise<string | undefined> {
  const { Body } = await clientOf(server).send(new GetObjectCommand({ Bucket: 'blocks', Key: key }));
  return Body?.transformToString();
}

async function withBucket(limitedDisk = false): Promise<OwnServer> {
  const server = await environment.startServer('lease', { limitedDisk });
  await clientOf(server).send(new CreateBucketCommand({ Bucket: 'blocks' }));
  return server;
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => 'it went well',
    (error: Error) => error.message,
  );

const isPending = (promise: Promise<unknown>) =>
  Promise.race([promise.then(() => false), realClock.sleep(300).then(() => true)]);

describe.each(kinds)('in the $name environment', (kind) => {
  beforeEach(async () => {
    environment = await kind.start(() => {}, register);
  });

  test.each(['kill', 'stop'] as const)(
    'it is ended by %s and comes back with its address and its data',
    async (how) => {
      const server = await withBucket();
      expect(server.credentials).not.toEqual(environment.minio.credentials);
      expect(await put(server, 'one')).toBe('ok');
      await server.end(how);
      expect(server.inForce()).toEqual(['ended']);
      expect(await put(server, 'two')).toBe('ECONNREFUSED');
      await server.start();
      expect(server.inForce()).toEqual([]);
      expect(await get(server, 'one')).toBe('oneoneoneo');
      expect(await put(server, 'two')).toBe('ok');
      expect(await isPending(server.died)).toBe(true);
    },
  );

  test('paused it accepts connections and answers nothing; resumed it answers what came in between', async () => {
    const server = await withBucket();
    await server.pause();
    expect(server.inForce()).toEqual(['paused']);
    const answer = put(server, 'one');
    expect(await isPending(answer)).toBe(true);
    const socket = connect(server.port, server.host);
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    socket.destroy();
    await server.resume();
    expect(await answer).toBe('ok');
    expect(server.inForce()).toEqual([]);
  });

  test('started with settings it has them, and started without it is as it was', async () => {
    const server = await withBucket();
    const together = () => Promise.all(Array.from({ length: 8 }, (_, index) => put(server, `${index}`, 4_000_000)));
    expect(new Set(await together())).toEqual(new Set(['ok']));
    await server.end('stop');
    await server.start({ MINIO_API_REQUESTS_MAX: '1' });
    expect(server.inForce()).toEqual(['settings']);
    expect(new Set(await together())).toEqual(new Set(['ok', 'TooManyRequests']));
    await server.end('stop');
    await server.start();
    expect(server.inForce()).toEqual([]);
    expect(new Set(await together())).toEqual(new Set(['ok']));
  });

  test('a disk that was filled refuses what is larger than what was left, and takes it again the moment it was emptied', async () => {
    const server = await withBucket(true);
    if (!server.disk.limited) throw new Error(server.disk.problem);
    expect(await put(server, 'before', 3_000_000)).toBe('ok');
    await server.fill(2_000_000);
    expect(server.inForce()).toEqual(['filled']);
    // MinIO has the disk's room from up to a second ago: until then it tries, and the write itself fails.
    expect(await put(server, 'first', 3_000_000)).toMatch(/^(InternalError|XMinioStorageFull)$/);
    await expect.poll(() => put(server, 'second', 3_000_000), { timeout: 3000 }).toBe('XMinioStorageFull');
    expect((await get(server, 'before'))?.length).toBe(3_000_000);
    await server.empty();
    expect(await put(server, 'second', 3_000_000)).toBe('ok');
    expect(server.inForce()).toEqual([]);
    // It is not the worse for it.
    await server.fill(2_000_000);
    await server.empty();
    expect(await put(server, 'third', 30_000_000)).toBe('ok');
  });

  test('what is on a disk with a size stays while the server is down', async () => {
    const server = await withBucket(true);
    expect(server.disk).toMatchObject({ limited: true });
    expect(await put(server, 'one')).toBe('ok');
    await server.end('kill');
    await server.start();
    expect(await get(server, 'one')).toBe('oneoneoneo');
  });

  test('a disk cannot be filled until more is left than is free, and then it is not', async () => {
    const server = await withBucket(true);
    if (!server.disk.limited) throw new Error(server.disk.problem);
    expect(await failure(server.fill(server.disk.bytes))).toMatch(
      /^MinIO of lease lease cannot have its disk filled: .*\d+ (bytes )?are free on its data disk/,
    );
    expect(server.inForce()).toEqual([]);
    expect(await put(server, 'one', 10_000_000)).toBe('ok');
  });

  test('a disk without a size of its own is not filled', async () => {
    const server = await withBucket();
    expect(server.disk).toMatchObject({ limited: false, remedy: expect.any(String) });
    expect(await failure(server.fill(1))).toContain('on a disk that it shares with others');
    expect(server.inForce()).toEqual([]);
  });

  test('it is taken down paused, ended, or with its environment, and nothing of it stays', async () => {
    const [paused, ended, running] = (await Promise.all([
      environment.startServer('paused', { limitedDisk: true }),
      environment.startServer('ended', { limitedDisk: true }),
      environment.startServer('running'),
    ])) as [OwnServer, OwnServer, OwnServer];
    expect(new Set([paused.port, ended.port, running.port, environment.minio.port]).size).toBe(4);
    const entered = readRecord(register.id).processes;
    await paused.pause();
    await ended.end('kill');
    await paused[Symbol.asyncDispose]();
    await ended[Symbol.asyncDispose]();
    expect(await failure(paused.start())).toBe('MinIO of lease paused cannot be started: it is being taken down');
    await environment[Symbol.asyncDispose]();
    expect(entered.filter(stillRuns)).toEqual([]);
    expect(readRecord(register.id)).toMatchObject({ processes: [], containers: 0 });
    const folder = join(state, 'runs', register.id);
    expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
    expect(await volumes()).toEqual([]);
    expect(await isPending(Promise.race([paused.died, ended.died, running.died]))).toBe(true);
  });

  test('what it cannot do now is refused with the reason', async () => {
    const server = await environment.startServer('lease');
    expect(await failure(server.resume())).toBe('MinIO of lease lease cannot be resumed: it is running');
    expect(await failure(server.start())).toBe('MinIO of lease lease cannot be started: it is running');
    expect(await failure(server.empty())).toBe('MinIO of lease lease cannot have its disk emptied: it was not filled');
    await server.pause();
    expect(await failure(server.end('stop'))).toBe('MinIO of lease lease cannot be ended: it is paused');
    await server.resume();
    await server.end('stop');
    expect(await failure(server.pause())).toBe('MinIO of lease lease cannot be paused: it is ended');
  });

  test('a sweep removes a paused server of a killed run, and its disk', async () => {
    const server = await environment.startServer('lease', { limitedDisk: true });
    await server.pause();
    const record = readRecord(register.id);
    const file = join(state, 'runs', `${register.id}.json`);
    writeFileSync(file, JSON.stringify({ ...record, owner: { ...record.owner, startedAt: '1' } }));
    expect(await sweep(() => {})).toHaveLength(1);
    expect(record.processes.filter(stillRuns)).toEqual([]);
    expect(existsSync(file)).toBe(false);
    expect(await volumes()).toEqual([]);
    expect(await server.died).toMatch(/^MinIO of lease lease (ended|cannot be followed)/);
  });
});

/** The volumes that are left of this run, of an engine if there is one. */
async function volumes(): Promise<string[]> {
  const engine = await findEngine();
  if (!('client' in engine)) return [];
  const { Volumes } = await engine.client.container.dockerode.listVolumes({
    filters: { label: [`io.github.tempo-s3-chaos.run=${register.id}`] },
  });
  return (Volumes ?? []).map(({ Name }) => Name);
}

describe('on this machine', () => {
  let others: Server[] = [];
  beforeEach(async () => {
    others = [];
    environment = await native.start(() => {}, register);
  });
  afterEach(() => {
    for (const other of others) other.close();
  });
  const minioOf = (port: number) =>
    readRecord(register.id).processes.find(({ pid, name }) => name === 'minio' && listensOn(pid, port))?.pid as number;

  test.runIf(memoryDisk.works)('its own file system is to be seen from nowhere else', async () => {
    const server = await withBucket(true);
    expect(await put(server, 'one', 1_000_000)).toBe('ok');
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(state);
    const folder = join(state, 'runs', register.id);
    const [own] = readdirSync(folder).filter((name) => name.startsWith('server-lease-')) as [string];
    expect(readdirSync(join(folder, own, 'disk'))).toEqual([]);
  });

  test('killed by somebody else it has died, and is in force no more', async () => {
    const server = await environment.startServer('lease');
    process.kill(minioOf(server.port), 'SIGKILL');
    expect(await server.died).toMatch(/^MinIO of lease lease ended by SIGKILL/);
    expect(server.inForce()).toEqual(['ended']);
    expect(await failure(server.pause())).toBe('MinIO of lease lease cannot be paused: it is dead');
    await server[Symbol.asyncDispose]();
  });

  test('killed by somebody else after it was started again it has died too', async () => {
    const server = await environment.startServer('lease');
    await server.end('kill');
    await server.start();
    process.kill(minioOf(server.port), 'SIGKILL');
    expect(await server.died).toMatch(/^MinIO of lease lease ended by SIGKILL/);
  });

  test('a port that somebody takes while it is down is told', async () => {
    const server = await environment.startServer('lease');
    await server.end('stop');
    const other = createServer((socket) => socket.destroy());
    others.push(other);
    await new Promise<void>((resolve) => other.listen(server.port, '127.0.0.1', resolve));
    expect(await failure(server.start())).toMatch(
      new RegExp(`^MinIO of lease lease cannot be started: .*127.0.0.1:${server.port} `),
    );
    expect(server.inForce()).toEqual(['ended']);
    await new Promise((resolve) => other.close(resolve));
    await server.start();
    expect(await failure(server.pause())).toBe('it went well');
  });

  test('eight come up side by side', async () => {
    const servers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => environment.startServer(`lease-${index}`, { limitedDisk: true })),
    );
    expect(new Set(servers.map(({ port }) => port)).size).toBe(8);
    await Promise.all(servers.map((server) => server.end('kill')));
    await Promise.all(servers.map((server) => server.start()));
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  });
});

function listensOn(pid: number, port: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`127.0.0.1:${port}\0`);
}
