/** A cap on the connections of a route, as the S3 behind it and the clients before it see it. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, createServer, type IncomingMessage, request, type Server } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import type { EdgeEvent } from '../history/events.ts';
import { Random } from '../random.ts';
import { createAuthority } from '../tls/certificate-authority.ts';
import type { ServerCertificate, SharedBandwidthRule } from './protocol.ts';
import { GatewayRoute } from './route.ts';
import { eventsIn } from './scripted-route.ts';

const MB = 1_000_000;
const cap: SharedBandwidthRule = { kind: 'shared-bandwidth', rule: 'cap', bytesPerSecond: MB, direction: 'upstream' };

let folder: string;
let certificate: ServerCertificate;
let ca: string;
let upstream: Server;
let route: GatewayRoute;
let agent: Agent;
/** Bytes of bodies that S3 has got, all requests together. */
let arrived: number;
let clients: Socket[];

beforeAll(async () => {
  const authority = await createAuthority(new Date());
  ca = authority.certificate;
  certificate = await authority.issue(['localhost', '127.0.0.1']);
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-cap-'));
  arrived = 0;
  clients = [];
  // GET /b/<bytes> is answered with so many; /b/stalled is never read; everything else is answered with the hash of the body.
  upstream = createServer(async (asked, answer) => {
    if (asked.method === 'GET') {
      const size = Number(asked.url?.split('/')[2]);
      answer.writeHead(200, { 'content-length': size });
      new Random(1).stream(size, 'answer').pipe(answer);
      return;
    }
    // An S3 that has stopped reading.
    if (asked.url === '/b/stalled') return;
    const hash = createHash('sha256');
    asked.on('error', () => {});
    asked.on('data', (chunk: Buffer) => {
      arrived += chunk.length;
      hash.update(chunk);
    });
    asked.on('end', () => answer.end(hash.digest('hex')));
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
});

afterEach(async () => {
  for (const client of clients) client.destroy();
  agent?.destroy();
  await route?.close();
  upstream.close();
  upstream.closeAllConnections();
  await rm(folder, { recursive: true });
});

async function open(tls = false): Promise<void> {
  const { port } = upstream.address() as AddressInfo;
  const opened = { route: 'r', upstream: { host: '127.0.0.1', port }, historyFile: join(folder, 'edge.ndjson') };
  route = await GatewayRoute.open({ ...opened, ...(tls && { tls: certificate }) }, realClock);
  agent = tls ? new TlsAgent({ keepAlive: true, ca }) : new Agent({ keepAlive: true });
}

function send(method: string, path: string): ReturnType<typeof request> {
  const options = { host: '127.0.0.1', port: route.port, agent, method, path };
  return agent instanceof TlsAgent ? tlsRequest({ ...options, servername: 'localhost' }) : request(options);
}

async function answerTo(sent: ReturnType<typeof request>): Promise<{ text: Buffer; ms: number }> {
  const start = realClock.now();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return { text: Buffer.concat(chunks), ms: realClock.now() - start };
}

const bodies = new Random(7);

/** Uploads so many bytes; the time that it took. What S3 got has to be what was sent. */
async function put(size: number, name: string | number = 'k'): Promise<number> {
  const body = Buffer.concat(await bodies.stream(size, name).toArray());
  const sent = send('PUT', `/b/${name}`);
  sent.setHeader('content-length', size);
  sent.end(body);
  const { text, ms } = await answerTo(sent);
  expect(text.toString()).toBe(createHash('sha256').update(body).digest('hex'));
  return ms;
}

/** What the route, once closed, has written. */
const history = () => eventsIn(join(folder, 'edge.ndjson'));

async function get(size: number): Promise<number> {
  const sent = send('GET', `/b/${size}`);
  sent.end();
  const { text, ms } = await answerTo(sent);
  const expected = Buffer.concat(await new Random(1).stream(size, 'answer').toArray());
  expect(text.equals(expected)).toBe(true);
  return ms;
}

describe.each([
  ['plain HTTP', false],
  ['TLS', true],
])('over %s', (_what, tls) => {
  beforeEach(() => open(tls));

  it('caps uploads on connections that are open, and lets them go again', async () => {
    expect(await put(600_000)).toBeLessThan(500);
    route.rules.add(cap);
    const capped = await put(600_000);
    expect(capped).toBeGreaterThan(570);
    const { considered, fired, measured } = route.rules.evidence('cap');
    expect([considered, fired]).toEqual([1, 1]);
    expect(measured).toMatchObject({ bytesPerSecond: MB, slowestShare: 1 });
    expect(measured?.upstreamBytes).toBeGreaterThan(600_000);
    expect(measured?.upstreamBytes).toBeLessThan(602_000);
    expect(measured?.seconds).toBeGreaterThanOrEqual(capped / 1000);
    expect(route.rules.remove('cap').fired).toBe(1);
    expect(await put(600_000)).toBeLessThan(500);
  });

  it('tells when the bytes of a request came in, and when they were let through', async () => {
    await put(100_000);
    route.rules.add({ ...cap, bytesPerSecond: 40_000 });
    await put(30_000);
    await route.close();
    const [free, capped] = (await history()).filter((event) => event.type === 'edge') as EdgeEvent[];
    // Without a cap nothing lies between the two.
    expect(free?.wire?.first).toBeLessThanOrEqual(free?.start as number);
    expect((free?.bodyEnd as number) - (free?.wire?.last as number)).toBeLessThan(50);
    // In at once, but for what the lane holds; through at 40 kB/s.
    expect((capped?.wire?.last as number) - (capped?.wire?.first as number)).toBeLessThan(250);
    expect((capped?.bodyEnd as number) - (capped?.wire?.last as number)).toBeGreaterThan(450);
  });

  it('caps uploads on connections that are opened later, and takes none of them for another', async () => {
    route.rules.add(cap);
    const began = realClock.now();
    const all = await Promise.all([1, 2, 3, 4].map((name) => put(200_000, name)));
    const took = realClock.now() - began;
    expect(took).toBeGreaterThan(760);
    // None waits for the others to be done, or has the wire for itself: each takes most of the time.
    expect(Math.min(...all)).toBeGreaterThan(400);
    expect(took).toBeLessThan(1500);
    const { considered, fired, measured } = route.rules.remove('cap');
    expect([considered, fired]).toEqual([4, 4]);
    expect(measured?.slowestShare).toBeGreaterThan(0.8);
  });

  it('caps answers downstream, and leaves uploads alone', async () => {
    route.rules.add({ ...cap, direction: 'downstream' });
    expect(await put(600_000)).toBeLessThan(500);
    expect(await get(600_000)).toBeGreaterThan(570);
    const { measured } = route.rules.remove('cap');
    expect(measured?.downstreamBytes).toBeGreaterThan(600_000);
    expect(measured).not.toHaveProperty('upstreamBytes');
    expect(await get(600_000)).toBeLessThan(500);
  });

  it('can be put on and taken off at any moment: no byte is lost, doubled or out of place', async () => {
    const random = new Random(11);
    let over = false;
    const toggle = async () => {
      for (let turn = 0; !over; turn++) {
        const names = [0, 1, 2].filter((index) => random.uniform('on', turn, index) < 0.5).map(String);
        for (const rule of names) {
          const direction = (['upstream', 'downstream', 'both'] as const)[Number(rule)] as 'both';
          route.rules.add({
            ...cap,
            rule,
            direction,
            bytesPerSecond: 2 * MB + random.uniform('rate', turn, rule) * 40 * MB,
          });
        }
        await realClock.sleep(random.uniform('hold', turn) * 30);
        for (const rule of names) route.rules.remove(rule);
        if (random.uniform('pause', turn) < 0.5) await realClock.sleep(random.uniform('off', turn) * 10);
      }
    };
    const client = async (number: number) => {
      for (let turn = 0; turn < 60; turn++) {
        const size = Math.floor(random.uniform('size', number, turn) ** 4 * MB);
        if (random.uniform('which', number, turn) < 0.6) await put(size, `${number}-${turn}`);
        else await get(size);
      }
    };
    const toggling = toggle();
    await Promise.all([0, 1, 2, 3, 4, 5].map(client));
    over = true;
    await toggling;
    expect(route.rules.names).toEqual([]);
  });
});

describe('in the middle of a body', () => {
  beforeEach(() => open());

  async function begin(size: number, key = 'k'): Promise<Socket> {
    const client = connect({ host: '127.0.0.1', port: route.port });
    clients.push(client);
    client.on('error', () => {});
    client.write(`PUT /b/${key} HTTP/1.1\r\nHost: h\r\nContent-Length: ${size}\r\n\r\n`);
    return client;
  }

  it('holds what comes, and lets all of it go when it is removed', async () => {
    const client = await begin(3 * MB);
    client.write(Buffer.alloc(MB));
    await expect.poll(() => arrived).toBe(MB);
    route.rules.add({ ...cap, bytesPerSecond: 100_000 });
    const began = realClock.now();
    client.write(Buffer.alloc(2 * MB));
    await realClock.sleep(300);
    const due = (realClock.now() - began) * 100;
    expect(arrived - MB).toBeGreaterThan(due / 2);
    expect(arrived - MB).toBeLessThan(due + 5000);
    const released = realClock.now();
    route.rules.remove('cap');
    await expect.poll(() => arrived, { timeout: 10_000 }).toBe(3 * MB);
    expect(realClock.now() - released).toBeLessThan(5000);
  });

  it('makes the client wait, and holds little itself', async () => {
    route.rules.add({ ...cap, bytesPerSecond: 100_000 });
    const client = await begin(64 * MB);
    client.write(Buffer.alloc(64 * MB));
    await realClock.sleep(500);
    expect(client.writableLength).toBeGreaterThan(48 * MB);
    client.destroy();
    await expect.poll(() => route.rules.evidence('cap').considered).toBe(1);
  });

  it('makes the client wait for an S3 that does not read, however high the cap', async () => {
    route.rules.add({ ...cap, bytesPerSecond: 1000 * MB });
    const client = await begin(64 * MB, 'stalled');
    client.write(Buffer.alloc(64 * MB));
    await realClock.sleep(700);
    expect(client.writableLength).toBeGreaterThan(32 * MB);
    expect(route.rules.evidence('cap').measured?.upstreamBytes).toBeLessThan(16 * MB);
  });

  it('lets what a client sent before it ended its half come through, and then the end', async () => {
    route.rules.add({ ...cap, bytesPerSecond: 400_000 });
    const client = await begin(200_000);
    const began = realClock.now();
    client.end(Buffer.alloc(200_000));
    client.resume();
    await once(client, 'end');
    expect(arrived).toBe(200_000);
    expect(realClock.now() - began).toBeGreaterThan(450);
  });

  it('lets a client leave, and the others take its share', async () => {
    route.rules.add(cap);
    const leaving = await begin(64 * MB);
    leaving.write(Buffer.alloc(64 * MB));
    const staying = put(MB);
    await realClock.sleep(200);
    leaving.resetAndDestroy();
    expect(await staying).toBeLessThan(1700);
    await route.close();
    const edges = (await history()).filter((event) => event.type === 'edge');
    expect(edges).toMatchObject([{ cut: 'client' }, { status: 200 }]);
  });

  it('does not keep a route from being closed', async () => {
    route.rules.add({ ...cap, direction: 'both', bytesPerSecond: 1000 });
    const client = await begin(MB);
    client.write(Buffer.alloc(MB));
    const answer = get(100_000).catch(() => 'cut');
    await realClock.sleep(100);
    await route.close();
    expect(await answer).toBe('cut');
  });
});

describe('two caps', () => {
  beforeEach(() => open());

  it('are the lower of both, and each knows what it did', async () => {
    route.rules.add({ ...cap, rule: 'wide', bytesPerSecond: 4 * MB });
    route.rules.add({ ...cap, rule: 'narrow' });
    expect(await put(500_000)).toBeGreaterThan(470);
    const narrow = route.rules.remove('narrow');
    expect(narrow.fired).toBe(1);
    expect(narrow.measured?.upstreamBytes).toBeGreaterThan(500_000);
    // It was there, and nobody had to wait for it.
    expect(route.rules.evidence('wide')).toMatchObject({ considered: 1, fired: 0 });
    const wide = await put(MB);
    expect(wide).toBeGreaterThan(235);
    expect(wide).toBeLessThan(800);
    expect(route.rules.remove('wide').fired).toBe(1);
    // A connection that nobody held back.
    agent.destroy();
    await put(1000);
    await route.close();
    const wires = (await history()).filter((event) => event.type === 'wire');
    expect(wires.map(({ rule }) => rule)).toEqual(['narrow+wide', undefined]);
  });
});

describe('as a rule', () => {
  beforeEach(() => open());

  it.each([
    [{ bytesPerSecond: 0 }, 'rule cap: bytesPerSecond is 0: a number over 0'],
    [{ bytesPerSecond: Number.NaN }, 'rule cap: bytesPerSecond is NaN: a number over 0'],
    [{ direction: 'up' as 'both' }, 'rule cap: direction is up: upstream, downstream or both'],
  ])('%j is refused', (wrong, message) => {
    expect(() => route.rules.add({ ...cap, ...wrong })).toThrow(message);
    expect(route.rules.names).toEqual([]);
  });

  it('has a name of its own, among those of the S3 edge too', () => {
    const slowDown = {
      ...({ kind: 'answer-error', rule: 'burst', seed: 1, match: {} } as const),
      ...{ status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' },
    };
    route.rules.add(slowDown);
    route.rules.add(cap);
    expect(route.rules.names).toEqual(['burst', 'cap']);
    expect(() => route.rules.add({ ...cap, rule: 'burst' })).toThrow('rule burst: the route has one of this name');
    expect(() => route.rules.add({ ...slowDown, rule: 'cap' })).toThrow('rule cap: the route has one of this name');
    expect(() => route.rules.add({ ...cap, rule: 'a+b' })).toThrow('rule: its name is "a+b": a text without +');
    route.rules.remove('burst');
    expect(route.rules.names).toEqual(['cap']);
    expect(() => route.rules.remove('burst')).toThrow('rule burst: the route has none of this name');
    expect(() => route.rules.evidence('burst')).toThrow('rule burst: the route has none of this name');
  });
});
