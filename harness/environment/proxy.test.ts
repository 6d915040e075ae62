import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { realClock } from '../clock.ts';
import type { StartedEnvironment } from './environment.ts';
import { native } from './native.ts';
import { LeaseProxy } from './proxy.ts';
import { openRegister, type Register } from './register.ts';

let state: string;
let register: Register;
let environment: StartedEnvironment;
let echo: Server;
let upstream: { host: string; port: number };
/** The echo server's sides of all connections. */
const served: Socket[] = [];

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), 'proxy-'));
  vi.stubEnv('TEMPO_S3_CHAOS_STATE', state);
  register = await openRegister(() => {});
  environment = await native.start(() => {}, register);
  echo = createServer((socket) => {
    served.push(socket);
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  upstream = { host: '127.0.0.1', port: (echo.address() as AddressInfo).port };
});
afterAll(async () => {
  for (const socket of served) socket.destroy();
  echo?.close();
  await environment?.[Symbol.asyncDispose]();
  await register?.close();
  vi.unstubAllEnvs();
  rmSync(state, { recursive: true, force: true });
});

let count = 0;
async function opened() {
  const name = `lease-${++count}`;
  const proxy = await LeaseProxy.open(environment.toxiproxy, name, upstream);
  return { name, proxy };
}

async function connected({ host, port }: LeaseProxy): Promise<Socket> {
  const socket = connect(port, host);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Milliseconds until the echo of one byte is back. */
async function roundTrip(socket: Socket): Promise<number> {
  const start = realClock.now();
  socket.write('x');
  await once(socket, 'data');
  return realClock.now() - start;
}

async function proxies(): Promise<Record<string, { listen: string; toxics: { name: string }[] }>> {
  const { host, port } = environment.toxiproxy;
  return (await (await fetch(`http://${host}:${port}/proxies`)).json()) as never;
}

describe('a proxy', () => {
  it('passes bytes on, from a loopback port of its own, until it is closed', async () => {
    const { name, proxy } = await opened();
    expect(proxy.host).toBe('127.0.0.1');
    expect((await proxies())[name]?.listen).toBe(`127.0.0.1:${proxy.port}`);
    const socket = await connected(proxy);
    await roundTrip(socket);
    const over = once(socket, 'close');
    await proxy.close();
    await over;
    expect((await proxies())[name]).toBeUndefined();
    const [error] = await once(connect(proxy.port, proxy.host), 'error');
    expect(error.code).toBe('ECONNREFUSED');
  });

  it('cannot have a name that is taken', async () => {
    const { name, proxy } = await opened();
    await expect(LeaseProxy.open(environment.toxiproxy, name, upstream)).rejects.toThrow(
      `Toxiproxy: cannot open proxy ${name}: there is one of this name already`,
    );
    await proxy.close();
  });
});

describe('a toxic', () => {
  it('acts on open connections from when it is added until it is removed, and on no neighbour', async () => {
    const { name, proxy } = await opened();
    const { proxy: neighbour } = await opened();
    const [socket, beside] = [await connected(proxy), await connected(neighbour)];
    expect(await roundTrip(socket)).toBeLessThan(150);
    await proxy.addToxic({
      name: '1-latency-downstream',
      type: 'latency',
      stream: 'downstream',
      attributes: { latency: 200, jitter: 0 },
    });
    expect((await proxies())[name]?.toxics).toMatchObject([
      {
        name: '1-latency-downstream',
        type: 'latency',
        stream: 'downstream',
        toxicity: 1,
        attributes: { latency: 200, jitter: 0 },
      },
    ]);
    expect(await roundTrip(socket)).toBeGreaterThanOrEqual(200);
    expect(await roundTrip(beside)).toBeLessThan(150);
    await proxy.removeToxic('1-latency-downstream');
    expect((await proxies())[name]?.toxics).toEqual([]);
    expect(await roundTrip(socket)).toBeLessThan(150);
    for (const open of [socket, beside]) open.destroy();
    await Promise.all([proxy.close(), neighbour.close()]);
  });

  it('of a name that is there, or is not, is refused', async () => {
    const { name, proxy } = await opened();
    const toxic = { name: 'a', type: 'bandwidth', stream: 'upstream', attributes: { rate: 1000 } } as const;
    await proxy.addToxic(toxic);
    await expect(proxy.addToxic(toxic)).rejects.toThrow(
      `Toxiproxy: cannot add toxic a to proxy ${name}: there is one of this name already`,
    );
    await expect(proxy.removeToxic('b')).rejects.toThrow(
      `Toxiproxy: cannot remove toxic b from proxy ${name}: there is none of this name`,
    );
    await proxy.close();
    await expect(proxy.close()).rejects.toThrow(`Toxiproxy: cannot close proxy ${name}: there is none of this name`);
  });
});

describe('ending connections', () => {
  it('ends all that are open, both halves, and the next connect works, with the toxics as they were', async () => {
    const { name, proxy } = await opened();
    await proxy.addToxic({ name: 'a', type: 'latency', stream: 'upstream', attributes: { latency: 5, jitter: 0 } });
    const before = served.length;
    const sockets = [await connected(proxy), await connected(proxy), await connected(proxy)];
    await Promise.all(sockets.map(roundTrip));
    const halves = served.slice(before);
    expect(halves).toHaveLength(3);
    const all = Promise.all([...sockets, ...halves].map((socket) => socket.closed || once(socket, 'close')));
    const port = proxy.port;
    await proxy.endConnections();
    await all;
    expect(proxy.port).toBe(port);
    const next = await connected(proxy);
    await roundTrip(next);
    expect((await proxies())[name]).toMatchObject({ listen: `127.0.0.1:${port}`, toxics: [{ name: 'a' }] });
    next.destroy();
    await proxy.close();
  });
});
