/** Many at once, and clients that use what HTTP allows: pipelining, connections that are closed on one side, bodies of any size. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import { GatewayRoute } from './route.ts';
import { eventsIn } from './scripted-route.ts';

let folder: string;
let server: Server;
let route: GatewayRoute;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-crowd-'));
  server = createServer((request, response) => {
    const hash = createHash('sha256');
    request.on('data', (chunk) => hash.update(chunk));
    request.once('end', () => response.end(`${request.url} ${hash.digest('hex')}\n`));
  });
  server.listen({ host: '127.0.0.1', port: 0, backlog: 2048 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  route = await GatewayRoute.open(
    { route: 'r', upstream: { host: '127.0.0.1', port }, historyFile: join(folder, 'edge.ndjson') },
    realClock,
  );
});

afterEach(async () => {
  await route.close();
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

const put = (target: string, body: Buffer) =>
  Buffer.concat([
    Buffer.from(`PUT ${target} HTTP/1.1\r\nhost: bucket\r\ncontent-length: ${body.length}\r\n\r\n`, 'latin1'),
    body,
  ]);

const sha256 = (body: Buffer) => createHash('sha256').update(body).digest('hex');

/** Sends the bytes, and gives the bodies of as many answers as it waits for. */
function converse(bytes: Buffer, answers: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: route.port, allowHalfOpen: true });
    let text = '';
    const bodies = () => text.match(/^\/bucket\/.*$/gm) ?? [];
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (bodies().length < answers) return;
      socket.destroy();
      resolve(bodies());
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`the connection ended after ${bodies().length} of ${answers} answers`)));
    socket.write(bytes);
  });
}

describe('the gateway without faults', () => {
  it('serves 1,000 connections at once, each what it asked for', { timeout: 60_000 }, async () => {
    const bodies = Array.from({ length: 1000 }, (_, index) => Buffer.alloc(1000 + index * 17, index));
    const asked = bodies.map((body, index) => converse(put(`/bucket/key-${index}`, body), 1));
    const answers = await Promise.all(asked);
    for (const [index, answer] of answers.entries()) {
      expect(answer).toEqual([`/bucket/key-${index} ${sha256(bodies[index] as Buffer)}`]);
    }
    await route.close();
    const types = (await eventsIn(join(folder, 'edge.ndjson'))).map(({ type }) => type);
    expect(types.filter((type) => type === 'edge')).toHaveLength(1000);
    expect(types.filter((type) => type === 'wire')).toHaveLength(1000);
  });

  it('answers pipelined requests in their order, although the first takes the longest', async () => {
    const large = Buffer.alloc(3_000_000, 'x');
    const bytes = Buffer.concat([
      put('/bucket/first', large),
      put('/bucket/second', Buffer.alloc(0)),
      put('/bucket/third', Buffer.from('3')),
    ]);
    expect(await converse(bytes, 3)).toEqual([
      `/bucket/first ${sha256(large)}`,
      `/bucket/second ${sha256(Buffer.alloc(0))}`,
      `/bucket/third ${sha256(Buffer.from('3'))}`,
    ]);
  });

  it('takes clients that close their own side for gone, as MinIO does (499), and serves those beside them', async () => {
    const body = Buffer.alloc(200_000, 'h');
    const ended = Array.from({ length: 100 }, async (_, index) => {
      const socket = connect({ host: '127.0.0.1', port: route.port, allowHalfOpen: true });
      socket.on('error', () => {}).resume();
      socket.end(put(`/bucket/half-${index}`, body).subarray(0, 100 + index * 2000));
      await once(socket, 'close');
    });
    expect(await converse(put('/bucket/beside', body), 1)).toEqual([`/bucket/beside ${sha256(body)}`]);
    await Promise.all(ended);
  });

  it('takes a head byte by byte, as long as it takes', async () => {
    const socket = connect({ host: '127.0.0.1', port: route.port, noDelay: true });
    const answered = once(socket, 'data');
    for (const byte of put('/bucket/slowly', Buffer.from('s'))) {
      socket.write(Buffer.of(byte));
      await realClock.sleep(1);
    }
    const [answer] = await answered;
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    socket.destroy();
  });

  it('lets 300 slow senders wait, and serves those beside them', { timeout: 30_000 }, async () => {
    const slow = Array.from({ length: 300 }, (_, index) => {
      const socket = connect({ host: '127.0.0.1', port: route.port });
      socket.on('error', () => {});
      socket.write(`PUT /bucket/slow-${index} HTTP/1.1\r\ncontent-length: 1000000\r\nx: ${'y'.repeat(index * 10)}`);
      return socket;
    });
    const body = Buffer.from('a block');
    const beside = await Promise.all(
      Array.from({ length: 50 }, (_, index) => converse(put(`/bucket/beside-${index}`, body), 1)),
    );
    expect(beside.flat()).toHaveLength(50);
    for (const socket of slow) socket.destroy();
  });

  it('passes a body of 5 GiB, the largest that S3 takes in one PUT', { timeout: 180_000 }, async () => {
    const bytes = 5 * 1024 ** 3;
    let passed = 0;
    server.removeAllListeners('request');
    server.on('request', (request, response) => {
      request.on('data', (chunk: Buffer) => {
        passed += chunk.length;
      });
      request.once('end', () => response.end(`/bucket/${request.headers['content-length']} ${passed}\n`));
    });
    const chunk = Buffer.alloc(1024 * 1024, 'g');
    const socket = connect({ host: '127.0.0.1', port: route.port });
    const answered = once(socket, 'data');
    socket.write(`PUT /bucket/largest HTTP/1.1\r\nhost: bucket\r\ncontent-length: ${bytes}\r\n\r\n`);
    for (let sent = 0; sent < bytes; sent += chunk.length) {
      if (!socket.write(chunk)) await once(socket, 'drain');
    }
    const [answer] = await answered;
    expect(String(answer)).toContain(`/bucket/${bytes} ${bytes}\n`);
    socket.destroy();
  });

  it('refuses a head that is larger than any S3 client sends, and nothing else with it', async () => {
    const head = `GET /bucket/large HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(1024 * 1024)}\r\n\r\n`;
    await expect(converse(Buffer.from(head), 1)).rejects.toThrow();
    const body = Buffer.from('a block');
    expect(await converse(put('/bucket/after', body), 1)).toHaveLength(1);
  });
});
