import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { realClock } from '../clock.ts';
import { type Gateway, startGateway } from '../gateway/gateway.ts';
import type { EdgeEvent, HistoryEvent } from '../history/events.ts';
import { packageRoot } from '../process/child.ts';
import type { StartedEnvironment } from './environment.ts';
import { type Neighbours, openNeighbours } from './neighbours.ts';
import { freePort } from './start-answering.ts';

let gateway: Gateway;
let folder: string;
let port: number;
const opened: Neighbours[] = [];
const sockets: Socket[] = [];

beforeAll(async () => {
  gateway = await startGateway();
  folder = mkdtempSync(join(tmpdir(), 'neighbours-'));
  port = await freePort();
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(opened.splice(0).map((neighbours) => neighbours.close()));
});
afterAll(async () => {
  await gateway?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function neighboursOf(name: string, changes: { port?: number } = {}): Neighbours {
  // Nothing that comes to a neighbour goes to MinIO.
  const environment = { minio: { host: '127.0.0.1', port: 1 } } as StartedEnvironment;
  const neighbours = openNeighbours(
    { gateway, environment },
    { name, port, domain: `${name}.s3.chaos.test`, partsFolder: folder, ...changes },
  );
  opened.push(neighbours);
  return neighbours;
}

/** How the connect ends, and when. */
function connecting(host: string, at = port): { how: Promise<string>; now(): string } {
  const socket = connect(at, host);
  sockets.push(socket);
  let state = 'pending';
  const how = new Promise<string>((resolve) => {
    const settle = (end: string) => {
      state = end;
      resolve(end);
    };
    socket.once('connect', () => settle('accepted'));
    socket.once('error', ({ code = '' }: NodeJS.ErrnoException) => settle(code));
  });
  return { how, now: () => state };
}

describe('a dead neighbour', () => {
  it('refuses connects, at an address that no system uses for itself', async () => {
    const neighbour = await neighboursOf('dead').dead();
    expect(neighbour.address).toMatch(/^127\.(1[6-9]|[2-9]\d|1\d\d|2\d\d)\.\d+\.\d+$/);
    expect(await connecting(neighbour.address).how).toBe('ECONNREFUSED');
    expect(await neighbour.connections()).toBeNull();
  });

  it('is at an address that was not given out before, since clients may still know that', async () => {
    const neighbours = neighboursOf('again');
    const first = await neighbours.dead();
    await first.close();
    expect((await neighbours.dead()).address).not.toBe(first.address);
  });

  it('is elsewhere when something listens where it would be', async () => {
    const first = await neighboursOf('taken').dead();
    const server = createServer().listen({ host: first.address, port });
    await once(server, 'listening');
    const second = await neighboursOf('taken').dead();
    expect(second.address).not.toBe(first.address);
    expect(await connecting(second.address).how).toBe('ECONNREFUSED');
    server.close();
  });
});

describe('a hanging neighbour', () => {
  it('leaves connects pending, and when it is closed they are refused, and new ones at once', async () => {
    const neighbour = await neighboursOf('hanging').hanging();
    const pending = [1, 2, 3].map(() => connecting(neighbour.address));
    await realClock.sleep(300);
    expect(pending.map((one) => one.now())).toEqual(['pending', 'pending', 'pending']);
    expect(await neighbour.connections()).toBeNull();
    await neighbour.close();
    expect(await connecting(neighbour.address).how).toBe('ECONNREFUSED');
    // When the system tries them again: a second after they began.
    expect(await Promise.all(pending.map((one) => one.how))).toEqual(Array(3).fill('ECONNREFUSED'));
  });

  it('ends with its process, however that ends', async () => {
    const [host, at] = ['127.99.1.1', await freePort()];
    const script = `
      const { Worker } = require('node:worker_threads');
      new Worker(${JSON.stringify(join(packageRoot, 'dist', 'full-backlog.js'))}, {
        workerData: { host: '${host}', port: ${at} },
      }).on('message', (message) => console.log(message));`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');
    expect(await connecting(host, at).how).toBe('accepted');
    child.kill('SIGKILL');
    await ended;
    expect(await connecting(host, at).how).toBe('ECONNREFUSED');
  });
});

describe('a wrong S3', () => {
  it('answers every request 403 InvalidAccessKeyId, counts its connections, and is in the history', async () => {
    const neighbours = neighboursOf('wrong');
    const neighbour = await neighbours.wrongS3();
    const client = new S3Client({
      endpoint: `http://${neighbour.address}:${port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'ours', secretAccessKey: 'secret' },
      forcePathStyle: true,
    });
    const put = () => client.send(new PutObjectCommand({ Bucket: 'blocks', Key: 'one', Body: 'x' }));
    await expect(put()).rejects.toMatchObject({ name: 'InvalidAccessKeyId', $metadata: { httpStatusCode: 403 } });
    await expect(put()).rejects.toMatchObject({ name: 'InvalidAccessKeyId' });
    expect(await neighbour.connections()).toBe(1);
    client.destroy();
    await neighbour.close();
    expect(await connecting(neighbour.address).how).toBe('ECONNREFUSED');
    const events = readFileSync(join(folder, 'wrong-s3-1.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as HistoryEvent)
      .filter((event): event is EdgeEvent => event.type === 'edge');
    const refused = { operation: 'PutObject', key: 'one', rule: 'wrong-s3', status: 403, code: 'InvalidAccessKeyId' };
    expect(events).toMatchObject([refused, refused]);
    expect(events.filter(({ upstream }) => upstream !== undefined)).toEqual([]);
  });
});

describe('neighbours', () => {
  it('have addresses of their own, tell what is open, and are closed together, and once', async () => {
    const [one, other] = [neighboursOf('one'), neighboursOf('other')];
    const all = await Promise.all([one.dead(), one.hanging(), one.wrongS3(), one.dead(), other.dead()]);
    expect(new Set(all.map(({ address }) => address)).size).toBe(5);
    expect([...one.open()].sort()).toEqual(['dead', 'dead', 'hanging', 'wrong-s3']);
    await all[3]?.close();
    await all[3]?.close();
    expect([...one.open()].sort()).toEqual(['dead', 'hanging', 'wrong-s3']);
    await one.close();
    expect(one.open()).toEqual([]);
    for (const { address } of all) expect(await connecting(address).how).toBe('ECONNREFUSED');
    await one.close();
    expect(other.open()).toEqual(['dead']);
  });

  it('that cannot be had are refused, with what would make them possible', async () => {
    const listen = vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server) {
      const error = Object.assign(new Error('listen EADDRNOTAVAIL'), { code: 'EADDRNOTAVAIL' });
      queueMicrotask(() => this.emit('error', error));
      return this;
    });
    const neighbours = neighboursOf('nowhere');
    await expect(neighbours.hanging()).rejects.toThrow(
      /^lease nowhere: cannot have (127[\d.]+):\d+ as a neighbour \(hanging\): the system does not have this address.*sudo ifconfig lo0 alias \1\)$/,
    );
    expect(listen).toHaveBeenCalledTimes(1);
    expect(neighbours.open()).toEqual([]);
  });

  it('at a port that is none are refused', async () => {
    await expect(neighboursOf('port', { port: 70_000 }).dead()).rejects.toThrow(
      /cannot have 127[\d.]+:70000 as a neighbour \(dead\): .*port/,
    );
  });
});
