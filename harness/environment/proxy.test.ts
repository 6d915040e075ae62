import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { realClock } from '../clock.ts';
import type { StartedEnvironment } from './environment.ts';
import { exampleEnvironment } from './example-environment.ts';
import { LeaseProxy } from './proxy.ts';

let environment: StartedEnvironment;
let close: () => Promise<void>;
let echo: Server;
let upstream: { host: string; port: number };
/** The echo server's sides of all connections. */
const served: Socket[] = [];

beforeAll(async () => {
  ({ environment, close } = await exampleEnvironment());
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
  await close?.();
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

  it.each([
    ['timeout', { timeout: 0 }],
    ['reset_peer', { timeout: 10 }],
    ['slow_close', { delay: 10 }],
    ['slicer', { average_size: 100, size_variation: 0, delay: 10 }],
    ['limit_data', { bytes: 1000 }],
  ] as const)('of type %s is put as it was told', async (type, attributes) => {
    const { name, proxy } = await opened();
    await proxy.addToxic({ name: 'a', type, stream: 'upstream', attributes });
    expect((await proxies())[name]?.toxics).toEqual([{ name: 'a', type, stream: 'upstream', toxicity: 1, attributes }]);
    await proxy.close();
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

async function connectFailure({ host, port }: LeaseProxy): Promise<string> {
  const socket = connect(port, host);
  const code = await new Promise<string>((resolve) => {
    socket.once('connect', () => resolve('it was accepted'));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
  });
  socket.destroy();
  return code;
}

describe('disabling', () => {
  it('ends what is open and refuses connects until it is enabled, at the same port, with the toxics as they were', async () => {
    const { name, proxy } = await opened();
    await proxy.addToxic({ name: 'a', type: 'latency', stream: 'upstream', attributes: { latency: 5, jitter: 0 } });
    const socket = await connected(proxy);
    const over = once(socket, 'close');
    await proxy.disable();
    await over;
    expect(await connectFailure(proxy)).toBe('ECONNREFUSED');
    await proxy.enable();
    const next = await connected(proxy);
    await roundTrip(next);
    expect((await proxies())[name]).toMatchObject({ listen: `127.0.0.1:${proxy.port}`, toxics: [{ name: 'a' }] });
    next.destroy();
    await proxy.close();
  });

  it.runIf(process.platform === 'linux')('keeps the port from whoever looks for a free one meanwhile', async () => {
    const { proxy } = await opened();
    // As /proc/net/tcp writes them: the bytes of the address from the last to the first, and the port, in hexadecimal.
    const place = `0100007F:${proxy.port.toString(16).toUpperCase().padStart(4, '0')}`;
    const keeps = () => readFileSync('/proc/net/tcp', 'utf8').includes(`${place} ${place} 01`);
    expect(keeps()).toBe(false);
    await proxy.disable();
    expect(keeps()).toBe(true);
    await proxy.enable();
    await vi.waitFor(() => expect(keeps()).toBe(false));
    await proxy.disable();
    await proxy.close();
    await vi.waitFor(() => expect(keeps()).toBe(false));
  });

  it('is not undone by who ends connections meanwhile, one after the other or at once', async () => {
    const { proxy } = await opened();
    await proxy.disable();
    await proxy.endConnections();
    expect(await connectFailure(proxy)).toBe('ECONNREFUSED');
    await proxy.enable();
    await Promise.all([proxy.endConnections(), proxy.disable(), proxy.endConnections()]);
    expect(await connectFailure(proxy)).toBe('ECONNREFUSED');
    await proxy.enable();
    await proxy.close();
  });

  it('twice, or enabling what is enabled, is refused, and changes nothing', async () => {
    const { name, proxy } = await opened();
    await expect(proxy.enable()).rejects.toThrow(`Toxiproxy: cannot enable proxy ${name}: it is enabled already`);
    await proxy.disable();
    await expect(proxy.disable()).rejects.toThrow(`Toxiproxy: cannot disable proxy ${name}: it is disabled already`);
    await proxy.enable();
    await roundTrip(await connected(proxy));
    await proxy.close();
  });
});

describe('what is in force', () => {
  it('is told by Toxiproxy: toxics by their names, and disabled', async () => {
    const { name, proxy } = await opened();
    expect(await proxy.inForce()).toEqual([]);
    await proxy.addToxic({ name: '1-a', type: 'bandwidth', stream: 'upstream', attributes: { rate: 1000 } });
    await proxy.addToxic({ name: '2-b', type: 'timeout', stream: 'downstream', attributes: { timeout: 0 } });
    await proxy.disable();
    expect((await proxy.inForce()).sort()).toEqual(['1-a', '2-b', 'disabled']);
    await proxy.removeToxic('1-a');
    await proxy.enable();
    expect(await proxy.inForce()).toEqual(['2-b']);
    await proxy.close();
    await expect(proxy.inForce()).rejects.toThrow(`Toxiproxy: cannot read proxy ${name}: there is none of this name`);
  });
});
