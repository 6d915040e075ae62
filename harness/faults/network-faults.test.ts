/** What the faults of the network do to bytes and connections, with a real Toxiproxy between a client and a server. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { realClock } from '../clock.ts';
import type { StartedEnvironment } from '../environment/environment.ts';
import { exampleEnvironment } from '../environment/example-environment.ts';
import type { Lease } from '../environment/lease.ts';
import { LeaseProxy } from '../environment/proxy.ts';
import { faultNamed } from './catalogue.ts';
import type { ActiveFault, Injection } from './fault.ts';

let environment: StartedEnvironment;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ environment, close } = await exampleEnvironment());
});
afterAll(async () => {
  await close?.();
});

/** One end of a connection: what it got so far, and how it ended. */
class End {
  received = 0;
  readonly ended: Promise<{ how: 'end' | 'reset'; at: number }>;
  constructor(readonly socket: Socket) {
    let how: 'end' | 'reset' = 'end';
    socket.on('data', (chunk) => {
      this.received += chunk.length;
    });
    socket.on('error', () => {
      how = 'reset';
    });
    this.ended = new Promise((resolve) => socket.once('close', () => resolve({ how, at: realClock.now() })));
  }

  async got(bytes: number): Promise<number> {
    await vi.waitFor(() => expect(this.received).toBeGreaterThanOrEqual(bytes), { timeout: 5000, interval: 1 });
    return realClock.now();
  }
}

let server: Server;
let served: End[];
let proxy: LeaseProxy;
const open: Socket[] = [];
let count = 0;

beforeEach(async () => {
  served = [];
  server = createServer((socket) => {
    open.push(socket);
    served.push(new End(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  proxy = await LeaseProxy.open(environment.toxiproxy, `network-${++count}`, { host: '127.0.0.1', port });
});
afterEach(async () => {
  expect(await proxy.inForce()).toEqual([]);
  for (const socket of open.splice(0)) socket.destroy();
  await proxy.close();
  server.close();
});

function inject(name: string, given: object): Promise<ActiveFault> {
  const fault = faultNamed(name);
  return fault.inject({
    lease: { proxy } as Lease,
    parameters: fault.parameters.parse(given),
    id: `1-${name}`,
    seed: 42,
    clock: realClock,
    record: () => {},
  } as Injection<unknown>);
}

/** A new connection, both its ends. */
async function connected(): Promise<{ client: End; server: End }> {
  const before = served.length;
  const client = await onlyConnected();
  await vi.waitFor(() => expect(served.length).toBe(before + 1), { interval: 1 });
  return { client, server: served[before] as End };
}

async function onlyConnected(): Promise<End> {
  const socket = connect(proxy.port, proxy.host);
  open.push(socket);
  const client = new End(socket);
  await once(socket, 'connect');
  return client;
}

async function works(): Promise<void> {
  const { client, server } = await connected();
  client.socket.write('request');
  await server.got(7);
  server.socket.write('answer');
  await client.got(6);
}

describe('connection-reset', () => {
  it('ends what is open in an orderly way, and resets what is new before the server has any of it', async () => {
    const old = await connected();
    const active = await inject('connection-reset', {});
    expect((await old.client.ended).how).toBe('end');
    const { client, server } = await connected();
    client.socket.write('request');
    expect((await client.ended).how).toBe('reset');
    await server.ended;
    expect(server.received).toBe(0);
    await active.heal();
    await works();
  });

  it('waits before it does, if told', async () => {
    const active = await inject('connection-reset', { after: '200ms' });
    const client = await onlyConnected();
    const start = realClock.now();
    client.socket.write('request');
    const { how, at } = await client.ended;
    expect(how).toBe('reset');
    expect(at - start).toBeGreaterThanOrEqual(199);
    await active.heal();
    await works();
  });
});

describe('stall', () => {
  it('upstream: the server gets nothing, the client may still get something, and the heal ends the connection', async () => {
    const { client, server } = await connected();
    const active = await inject('stall', {});
    client.socket.write('request');
    server.socket.write('answer');
    await client.got(6);
    await realClock.sleep(100);
    expect(server.received).toBe(0);
    await active.heal();
    await Promise.all([client.ended, server.ended]);
    expect(server.received).toBe(0);
    await works();
  });

  it('downstream: the server gets the request, and the client no answer', async () => {
    const { client, server } = await connected();
    const active = await inject('stall', { direction: 'downstream' });
    client.socket.write('request');
    await server.got(7);
    server.socket.write('answer');
    await realClock.sleep(100);
    expect(client.received).toBe(0);
    await active.heal();
    await client.ended;
    expect(client.received).toBe(0);
    await works();
  });

  it('held: nothing passes, and all of it does when it is healed, on the same connection', async () => {
    const { client, server } = await connected();
    const active = await inject('stall', { direction: 'both', bytes: 'held' });
    client.socket.write(Buffer.alloc(1_000_000));
    server.socket.write('answer');
    await realClock.sleep(250);
    expect([client.received, server.received]).toEqual([0, 0]);
    await active.heal();
    await Promise.all([client.got(6), server.got(1_000_000)]);
    expect([client.received, server.received]).toEqual([6, 1_000_000]);
    await works();
  });
});

describe('slow-close', () => {
  it('tells the server later that the client has closed, and at once when it is healed', async () => {
    const active = await inject('slow-close', { delay: '600ms' });
    const [one, other] = [await connected(), await connected()];
    const start = realClock.now();
    one.client.socket.destroy();
    expect((await one.server.ended).at - start).toBeGreaterThanOrEqual(599);
    const again = realClock.now();
    other.client.socket.destroy();
    await realClock.sleep(50);
    expect(other.server.socket.destroyed).toBe(false);
    await active.heal();
    expect((await other.server.ended).at - again).toBeLessThan(600);
  });
});

describe('slicer', () => {
  it('lets a body arrive piece by piece, with a pause after each', async () => {
    const { client, server } = await connected();
    const active = await inject('slicer', { size: '1kB', delay: '10ms' });
    let largest = 0;
    server.socket.on('data', (chunk) => {
      largest = Math.max(largest, chunk.length);
    });
    const start = realClock.now();
    client.socket.write(Buffer.alloc(20_000));
    const took = (await server.got(20_000)) - start;
    // After the last piece there is nothing to wait for.
    expect(took).toBeGreaterThanOrEqual(190);
    expect(largest).toBeLessThan(20_000);
    await active.heal();
    await works();
  });
});

describe('cut-after', () => {
  it('upstream: passes so many bytes of each connection, and ends it', async () => {
    const old = await connected();
    old.client.socket.write(Buffer.alloc(900));
    await old.server.got(900);
    const active = await inject('cut-after', { bytes: '1kB' });
    const { client, server } = await connected();
    client.socket.write(Buffer.alloc(600));
    await server.got(600);
    client.socket.write(Buffer.alloc(600));
    await Promise.all([client.ended, server.ended]);
    expect(server.received).toBe(1000);
    // What passed before it began does not count.
    old.client.socket.write(Buffer.alloc(2000));
    await old.server.ended;
    expect(old.server.received).toBe(1900);
    await active.heal();
    await works();
  });

  it('downstream: the same of answers', async () => {
    const active = await inject('cut-after', { bytes: '1kB', direction: 'downstream' });
    const { client, server } = await connected();
    client.socket.write(Buffer.alloc(5000));
    await server.got(5000);
    server.socket.write(Buffer.alloc(5000));
    await client.ended;
    expect(client.received).toBe(1000);
    await active.heal();
    await works();
  });
});

async function refused(): Promise<boolean> {
  const socket = connect(proxy.port, proxy.host);
  open.push(socket);
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(false));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'));
  });
}

describe('connection-refused', () => {
  it('ends what is open and refuses what is new', async () => {
    const { client, server } = await connected();
    const active = await inject('connection-refused', {});
    await Promise.all([client.ended, server.ended]);
    expect(await refused()).toBe(true);
    await active.heal();
    await works();
  });
});

describe('flapping', () => {
  it('refuses connects and takes them in turn, and takes them when it is healed, whichever it was at', async () => {
    const active = await inject('flapping', { down: '100ms', up: '100ms' });
    const seen: boolean[] = [];
    for (let i = 0; i < 30; i++) {
      seen.push(await refused());
      await realClock.sleep(20);
    }
    const turns = seen.filter((now, index) => index > 0 && now !== seen[index - 1]).length;
    expect(seen[0]).toBe(true);
    expect(turns).toBeGreaterThanOrEqual(2);
    const { fired } = await active.heal();
    expect(fired).toBeGreaterThanOrEqual(2);
    await works();
  });
});
