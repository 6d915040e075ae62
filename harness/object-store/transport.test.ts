/** The connections of the transport: how they are made, kept, given up, and what is told of them. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { type Clock, realClock } from '../clock.ts';
import { DnsError } from '../dns/resolver.ts';
import { runAttempt } from './attempt.ts';
import { AttemptProbe, LoopbackResolver, probeClient, probeTransport } from './attempt-probe.ts';
import { MemoryBody } from './memory-body.ts';
import { DeadlineExceeded } from './object-store.ts';
import { isRetryable } from './retryable.ts';
import type { Body, S3Operations } from './s3-operations.ts';
import { testAuthority, testCertificate } from './test-certificate.ts';
import { errorDocument, ToldServer } from './told-server.ts';
import type { Transport } from './transport.ts';

const body = new MemoryBody(Buffer.from('a block'));
const open: { close(): void }[] = [];

afterEach(() => {
  for (const it of open.splice(0)) it.close();
});

async function client(port: number, transport: Transport, secure = false): Promise<S3Operations> {
  const s3 = await probeClient('minio', port, transport, { endpoint: { host: 's3.chaos.test', port, secure } });
  open.push(s3);
  return s3;
}

/** A server of bare connections. */
async function listen(onConnection: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}));
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push({
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/** The clock of the machine, which knows how many timers are running. */
class CountingClock implements Clock {
  readonly #running = new Set<object>();
  now = realClock.now;
  date = realClock.date;
  sleep = realClock.sleep;

  get planned(): number {
    return this.#running.size;
  }

  after(ms: number, then: () => void): () => void {
    const timer = {};
    this.#running.add(timer);
    const cancel = realClock.after(ms, () => {
      this.#running.delete(timer);
      then();
    });
    return () => {
      this.#running.delete(timer);
      cancel();
    };
  }
}

describe('connections', () => {
  it('are kept and looked up once; requests at the same time have one each', async () => {
    await using server = await ToldServer.start();
    const resolver = new LoopbackResolver();
    const transport = probeTransport({ resolver });
    const s3 = await client(server.port, transport);
    const probe = new AttemptProbe();
    for (let i = 0; i < 3; i++) await s3.putObject('k', body, probe.context());
    expect([resolver.lookups, server.connections, transport.idleConnections]).toEqual([1, 1, 1]);
    await Promise.all(Array.from({ length: 4 }, () => s3.putObject('k', body, probe.context())));
    expect([resolver.lookups, server.connections, transport.idleConnections]).toEqual([4, 4, 4]);
  });

  it('go back last in, first out', async () => {
    await using server = await ToldServer.start();
    const s3 = await client(server.port, probeTransport());
    const probe = new AttemptProbe();
    await Promise.all(Array.from({ length: 3 }, () => s3.putObject('k', body, probe.context())));
    const last = probe.events.at(-1)?.connection;
    for (let i = 0; i < 3; i++) await s3.putObject('k', body, probe.context());
    expect(probe.events.slice(3).map(({ connection }) => connection)).toEqual([last, last, last]);
  });

  it('are closed when more are idle than are to be kept', async () => {
    await using server = await ToldServer.start();
    const transport = probeTransport({ timeouts: { maxIdleConnections: 2 } });
    const s3 = await client(server.port, transport);
    const probe = new AttemptProbe();
    await Promise.all(Array.from({ length: 5 }, () => s3.putObject('k', body, probe.context())));
    expect(server.connections).toBe(5);
    await expect.poll(() => [transport.idleConnections, server.open]).toEqual([2, 2]);
  });

  it('are closed when they were idle for long, and then looked up anew', async () => {
    await using server = await ToldServer.start();
    const resolver = new LoopbackResolver();
    const transport = probeTransport({ resolver, timeouts: { idleConnectionTimeout: 100 } });
    const s3 = await client(server.port, transport);
    const probe = new AttemptProbe();
    await s3.putObject('k', body, probe.context());
    await expect.poll(() => [transport.idleConnections, server.open]).toEqual([0, 0]);
    await s3.putObject('k', body, probe.context());
    expect(resolver.lookups).toBe(2);
    expect(probe.events.at(-1)).toMatchObject({ connection: 2, reused: false });
  });

  it('that the server closed while idle are not used again', async () => {
    await using server = await ToldServer.start();
    const transport = probeTransport();
    const s3 = await client(server.port, transport);
    const probe = new AttemptProbe();
    await s3.putObject('k', body, probe.context());
    server.endConnections();
    await expect.poll(() => transport.idleConnections).toBe(0);
    await s3.putObject('k', body, probe.context());
    expect(probe.events.map(({ outcome, connection }) => [outcome, connection])).toEqual([
      ['ok', 1],
      ['ok', 2],
    ]);
  });

  it('that say something unasked while idle are not used again', async () => {
    const { port } = await listen((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\netag: "e"\r\ncontent-length: 0\r\n\r\n');
        realClock.after(100, () => socket.write('HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n'));
      });
    });
    const transport = probeTransport();
    const s3 = await client(port, transport);
    await s3.putObject('k', body, new AttemptProbe().context());
    expect(transport.idleConnections).toBe(1);
    await expect.poll(() => transport.idleConnections).toBe(0);
  });

  it('are all closed by close, and no timer is left', async () => {
    await using server = await ToldServer.start();
    const clock = new CountingClock();
    const transport = probeTransport({ clock });
    const s3 = await client(server.port, transport);
    const probe = new AttemptProbe();
    await Promise.all(Array.from({ length: 3 }, () => s3.putObject('k', body, probe.context())));
    expect(clock.planned).toBe(3);
    s3.close();
    await expect.poll(() => server.open).toBe(0);
    expect(clock.planned).toBe(0);
  });
});

describe('with a limit to the connections', () => {
  /** Answers a request when the test says so. */
  async function heldServer() {
    const held: (() => void)[] = [];
    const { port } = await listen((socket) => {
      socket.on('data', () => {
        held.push(() => socket.write('HTTP/1.1 200 OK\r\netag: "e"\r\ncontent-length: 0\r\n\r\n'));
      });
    });
    return { held, port };
  }
  const small = new MemoryBody(Buffer.alloc(0));

  it('the requests beyond wait for one to be given back, first come, first served', async () => {
    const { held, port } = await heldServer();
    const resolver = new LoopbackResolver();
    const transport = probeTransport({ resolver, timeouts: { maxConnections: 2 } });
    const s3 = await client(port, transport);
    const probe = new AttemptProbe();
    const done: number[] = [];
    const all = Array.from({ length: 5 }, (_, n) => s3.putObject('k', small, probe.context()).then(() => done.push(n)));
    await expect.poll(() => held.length).toBe(2);
    await realClock.sleep(50);
    expect(held).toHaveLength(2);
    for (let answered = 0; answered < 5; answered++) {
      await expect.poll(() => held.length).toBeGreaterThan(answered);
      held[answered]?.();
      await expect.poll(() => done.length).toBe(answered + 1);
    }
    await Promise.all(all);
    expect(done).toEqual([0, 1, 2, 3, 4]);
    expect([resolver.lookups, transport.idleConnections]).toEqual([2, 2]);
    const waited = probe.events.map(({ phases }) => phases.socket ?? 0);
    expect(waited.slice(0, 2).every((ms) => ms < 40)).toBe(true);
    expect(waited.slice(2).every((ms) => ms >= 40)).toBe(true);
    expect(probe.events.map(({ reused }) => reused)).toEqual([false, false, true, true, true]);
  });

  it('a connection that is gone leaves its place to the next, and so does one that did not come about', async () => {
    await using server = await ToldServer.start(({ number }) => (number === 1 ? 'reset' : 'ok'));
    const resolver = new LoopbackResolver();
    const transport = probeTransport({ resolver, timeouts: { maxConnections: 1 } });
    const s3 = await client(server.port, transport);
    const probe = new AttemptProbe();
    const put = () => s3.putObject('k', body, probe.context());
    const [first, second] = await Promise.allSettled([put(), put()]);
    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled']);
    expect(server.connections).toBe(2);

    server.endConnections();
    await expect.poll(() => transport.idleConnections).toBe(0);
    resolver.resolve = () => Promise.reject(new Error('no such host'));
    const failed = await Promise.allSettled([put(), put()]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    resolver.resolve = async () => ['127.0.0.1'];
    await put();
    expect(probe.events.map(({ outcome }) => outcome)).toEqual(['info', 'ok', 'fail', 'fail', 'ok']);
  });

  it('who gives up waiting leaves the line, and says how long it waited', async () => {
    const { held, port } = await heldServer();
    const s3 = await client(port, probeTransport({ timeouts: { maxConnections: 1 } }));
    const probe = new AttemptProbe();
    const deadline = new AbortController();
    const first = s3.putObject('k', small, probe.context());
    const second = s3.putObject('k', small, probe.context(deadline.signal));
    const third = s3.putObject('k', small, probe.context());
    await expect.poll(() => held.length).toBe(1);
    await realClock.sleep(50);
    deadline.abort(new DeadlineExceeded(50));
    await expect(second).rejects.toMatchObject({ failure: 'deadline' });
    const [gaveUp] = probe.events.splice(0);
    expect(gaveUp).toMatchObject({ outcome: 'fail', failure: 'deadline' });
    expect(gaveUp?.phases).toEqual({ socket: expect.any(Number) });
    expect(gaveUp?.phases.socket).toBeGreaterThanOrEqual(40);
    held[0]?.();
    await first;
    await expect.poll(() => held.length).toBe(2);
    held[1]?.();
    await third;
    expect(probe.events.map(({ connection }) => connection)).toEqual([1, 1]);
  });

  it('is for each endpoint', async () => {
    await using one = await ToldServer.start(() => 'never');
    await using two = await ToldServer.start();
    const transport = probeTransport({ timeouts: { maxConnections: 1 } });
    const deadline = new AbortController();
    const stuck = (await client(one.port, transport)).putObject('k', body, new AttemptProbe().context(deadline.signal));
    stuck.catch(() => {});
    await expect.poll(() => one.seen.length).toBe(1);
    await (await client(two.port, transport)).putObject('k', body, new AttemptProbe().context());
    deadline.abort(new Error('stopped'));
    await expect(stuck).rejects.toThrow();
  });
});

describe('without keep-alive', () => {
  it('each request has a connection of its own, and says that it is the last on it', async () => {
    await using server = await ToldServer.start();
    const resolver = new LoopbackResolver();
    const transport = probeTransport({ resolver, timeouts: { keepAlive: false } });
    const s3 = await client(server.port, transport);
    const probe = new AttemptProbe();
    for (let i = 0; i < 3; i++) await s3.putObject('k', body, probe.context());
    expect(server.seen.map(({ connection, headers }) => [connection, headers.connection])).toEqual([
      [1, 'close'],
      [2, 'close'],
      [3, 'close'],
    ]);
    expect(probe.events.map(({ reused }) => reused)).toEqual([false, false, false]);
    expect([resolver.lookups, transport.idleConnections]).toEqual([3, 0]);
    await expect.poll(() => server.open).toBe(0);
  });

  it('a limit to the connections lets the next open one', async () => {
    await using server = await ToldServer.start();
    const s3 = await client(server.port, probeTransport({ timeouts: { keepAlive: false, maxConnections: 1 } }));
    await Promise.all(Array.from({ length: 4 }, () => s3.putObject('k', body, new AttemptProbe().context())));
    expect(server.connections).toBe(4);
  });
});

describe('a pooled connection that is dead when it is used', () => {
  /** Answers the first request of the first connection, and resets that connection at its second. */
  async function dyingServer() {
    return ToldServer.start(({ number }) => (number === 2 ? 'reset-unread' : 'ok'));
  }

  it('is replaced at once for a GET: one attempt', async () => {
    await using server = await dyingServer();
    const s3 = await client(server.port, probeTransport());
    const probe = new AttemptProbe();
    await s3.headObject('k', probe.context()).catch(() => {});
    await s3.headObject('k', probe.context()).catch(() => {});
    expect(probe.events.map(({ status, connection, reused }) => [status, connection, reused])).toEqual([
      [200, 1, false],
      [200, 2, false],
    ]);
  });

  it.each([
    ['a PUT with a body', (s3: S3Operations, probe: AttemptProbe) => s3.putObject('k', body, probe.context())],
    ['a POST that was sent', (s3: S3Operations, probe: AttemptProbe) => s3.createMultipartUpload('k', probe.context())],
  ])('is a failure for %s, as to Go: the policy retries', async (_, act) => {
    await using server = await dyingServer();
    const s3 = await client(server.port, probeTransport());
    const probe = new AttemptProbe();
    await s3.putObject('k', body, probe.context());
    await expect(act(s3, probe)).rejects.toMatchObject({ failure: 'reset' });
    expect(probe.events.at(-1)).toMatchObject({ outcome: 'info', failure: 'reset', connection: 1, reused: true });
    expect(server.connections).toBe(1);
  });

  it('is not replaced over and over: a fresh connection that dies is a failure', async () => {
    await using server = await ToldServer.start(() => 'reset-unread');
    const s3 = await client(server.port, probeTransport());
    await expect(s3.headObject('k', new AttemptProbe().context())).rejects.toMatchObject({ failure: 'reset' });
    expect(server.connections).toBe(1);
  });
});

describe('what fails before anything is sent surely had no effect', () => {
  const probeOnce = async (s3: S3Operations, signal?: AbortSignal) => {
    const probe = new AttemptProbe();
    const error = await s3.putObject('k', body, probe.context(signal)).catch((e) => e);
    return { error, event: probe.event };
  };

  it('a name that is not resolved', async () => {
    const resolver = {
      resolve: async () => {
        throw new DnsError('no-such-host', 's3.chaos.test', '127.0.0.1:53', 'no such host', false);
      },
    };
    const { error, event } = await probeOnce(await client(9, probeTransport({ resolver })));
    expect(error).toMatchObject({
      failure: 'dns',
      message: 'PutObject k: dial tcp: lookup s3.chaos.test on 127.0.0.1:53: no such host',
    });
    expect(event).toMatchObject({ outcome: 'fail', failure: 'dns', bytesSent: 0 });
    expect(Object.keys(event.phases)).toEqual(['dns']);
    expect(event).not.toHaveProperty('connection');
    expect(isRetryable(error)).toBe(true);
  });

  it('a look-up that outlasts the dial timeout', async () => {
    const resolver = {
      resolve: (_: string, signal: AbortSignal) =>
        new Promise<string[]>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    };
    const transport = probeTransport({ resolver, timeouts: { dialTimeout: 100 } });
    const { error, event } = await probeOnce(await client(9, transport));
    expect(error).toMatchObject({
      failure: 'dns',
      message: 'PutObject k: dial tcp: lookup s3.chaos.test: i/o timeout',
    });
    expect(event.phases.dns).toBeGreaterThan(90);
  });

  it('a connection that is refused, at the first address of those that are', async () => {
    const { server, port } = await listen(() => {});
    server.close();
    const resolver = { resolve: async () => ['127.0.0.1', '127.0.0.2'] };
    const { error, event } = await probeOnce(await client(port, probeTransport({ resolver })));
    const message = `dial tcp 127.0.0.1:${port}: connect: connection refused`;
    expect(error).toMatchObject({ failure: 'connect', message: `PutObject k: ${message}` });
    expect(event).toMatchObject({ outcome: 'fail', failure: 'connect', message });
    expect(Object.keys(event.phases)).toEqual(['dns', 'connect']);
  });

  it('a connect that nobody completes, after the dial timeout', async () => {
    // A listener that is stopped accepts nothing; once its queue is full, the kernel answers no further connect.
    const script = `require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
      process.stdout.write(String(this.address().port));
    })`;
    const listener = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    open.push({ close: () => listener.kill('SIGKILL') });
    const port = Number((await once(listener.stdout, 'data')).toString());
    listener.kill('SIGSTOP');
    for (let i = 0; i < 8; i++) {
      const filler = connect(port, '127.0.0.1').on('error', () => {});
      open.push({ close: () => filler.destroy() });
    }
    await realClock.sleep(50);
    const { error, event } = await probeOnce(await client(port, probeTransport({ timeouts: { dialTimeout: 150 } })));
    expect(error).toMatchObject({
      failure: 'connect',
      message: `PutObject k: dial tcp 127.0.0.1:${port}: i/o timeout`,
    });
    expect(event).toMatchObject({ outcome: 'fail', failure: 'connect' });
    expect(event.phases.connect).toBeGreaterThan(140);
  });

  it('a deadline in the middle of a look-up', async () => {
    const deadline = new AbortController();
    const resolver = {
      resolve: (_: string, signal: AbortSignal) =>
        new Promise<string[]>((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
          deadline.abort(new DeadlineExceeded(1));
        }),
    };
    const { error, event } = await probeOnce(await client(9, probeTransport({ resolver })), deadline.signal);
    expect(error).toMatchObject({ failure: 'deadline', message: 'PutObject k: context deadline exceeded' });
    expect(event).toMatchObject({ outcome: 'fail', failure: 'deadline' });
  });

  it('a TLS handshake that is not answered', async () => {
    const { port } = await listen(() => {});
    const transport = probeTransport({ timeouts: { tlsHandshakeTimeout: 100 } });
    const { error, event } = await probeOnce(await client(port, transport, true));
    expect(error).toMatchObject({ failure: 'tls', message: 'PutObject k: net/http: TLS handshake timeout' });
    expect(Object.keys(event.phases)).toEqual(['dns', 'connect', 'tls']);
    expect(isRetryable(error)).toBe(true);
  });

  it('a TLS handshake that is answered in plain HTTP, which is not retried', async () => {
    await using server = await ToldServer.start();
    const { error } = await probeOnce(await client(server.port, probeTransport(), true));
    expect(error).toMatchObject({ failure: 'tls' });
    expect(isRetryable(error)).toBe(false);
  });

  it('a certificate of an authority that is not known, which minio-go tries again', async () => {
    await using server = await ToldServer.start(undefined, testCertificate);
    const { error, event } = await probeOnce(await client(server.port, probeTransport(), true));
    expect(error).toMatchObject({ failure: 'tls' });
    expect(isRetryable(error)).toBe(true);
    expect(event).toMatchObject({ outcome: 'fail', failure: 'tls' });
    expect(server.seen).toEqual([]);
  });
});

describe('addresses', () => {
  it('are tried in turn, and the one that answers is used', async () => {
    await using server = await ToldServer.start();
    const resolver = { resolve: async () => ['127.0.0.2', '127.0.0.1'] };
    const s3 = await client(server.port, probeTransport({ resolver }));
    const probe = new AttemptProbe();
    await s3.putObject('k', body, probe.context());
    expect(probe.event).toMatchObject({ outcome: 'ok', connection: 1 });
  });
});

describe.each(['aws-sdk', 'minio'] as const)('TLS with %s', (name) => {
  it('trusts the run’s authority, checks the name, leaves the payload unsigned, and keeps the connection', async () => {
    await using server = await ToldServer.start(undefined, testCertificate);
    const transport = probeTransport({ ca: testAuthority });
    const endpoint = { host: 's3.chaos.test', port: server.port, secure: true };
    const s3 = await probeClient(name, server.port, transport, { endpoint });
    const probe = new AttemptProbe();
    await s3.putObject('k', body, probe.context());
    await s3.putObject('k', body, probe.context());
    expect(server.seen[0]?.headers['x-amz-content-sha256']).toBe('UNSIGNED-PAYLOAD');
    expect(server.seen[0]?.serverName).toBe('s3.chaos.test');
    expect(server.seen[0]?.headers.host).toBe(`s3.chaos.test:${server.port}`);
    expect(Object.keys(probe.events[0]?.phases ?? {})).toEqual(
      expect.arrayContaining(['dns', 'connect', 'tls', 'send', 'wait']),
    );
    expect(server.connections).toBe(1);

    const other = await probeClient(name, server.port, transport, {
      endpoint: { ...endpoint, host: 'other.chaos.test' },
    });
    await expect(other.putObject('k', body, probe.context())).rejects.toMatchObject({ failure: 'tls' });
    s3.close();
  });
});

describe('phases', () => {
  it('tell the wait for the disk from the sending, and the sending from the wait for the answer', async () => {
    await using server = await ToldServer.start();
    const s3 = await client(server.port, probeTransport());
    const slow: Body = {
      size: 4,
      sha256: async () => 'f'.repeat(64),
      slice: () => slow,
      open: () =>
        Readable.from(
          (async function* () {
            yield Buffer.from('ab');
            await realClock.sleep(120);
            yield Buffer.from('cd');
          })(),
        ),
    };
    const probe = new AttemptProbe();
    await s3.putObject('k', slow, probe.context());
    const { send = 0, diskRead = 0, wait = 0 } = probe.event.phases;
    expect(diskRead).toBeGreaterThan(110);
    expect(send).toBeGreaterThanOrEqual(diskRead);
    expect(wait).toBeLessThan(diskRead);
  });
});

describe('a body in pieces, which holds no longer than it is asked to', () => {
  const PIECE = 256 * 1024;
  const COUNT = 64;

  /** All in one piece of memory, which is spoilt as soon as it may be. */
  const inOneMemory: Body = {
    size: COUNT * PIECE,
    sha256: async () => 'f'.repeat(64),
    slice: () => inOneMemory,
    open: () => Readable.from([]),
    async *pieces() {
      const memory = Buffer.alloc(PIECE);
      for (let number = 0; number < COUNT; number++) {
        yield memory.fill(number);
        memory.fill(255);
      }
    },
  };

  it('is sent as it was, to a server that is slow to take it', async () => {
    const taken: Buffer[] = [];
    let bytes = 0;
    const { port } = await listen((socket) => {
      socket.on('data', (chunk: Buffer) => {
        taken.push(chunk);
        bytes += chunk.length;
        socket.pause();
        realClock.after(1, () => socket.resume());
        const head = (taken[0] as Buffer).indexOf('\r\n\r\n') + 4;
        if (bytes === head + inOneMemory.size) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      });
    });
    const s3 = await client(port, probeTransport());
    const probe = new AttemptProbe();
    await s3.putObject('k', inOneMemory, probe.context());
    expect(probe.event).toMatchObject({ outcome: 'ok', bytesSent: inOneMemory.size });
    const all = Buffer.concat(taken);
    const sent = all.subarray(all.indexOf('\r\n\r\n') + 4);
    const whole = Array.from({ length: COUNT }, (_, number) => Buffer.alloc(PIECE, number));
    expect(sent.equals(Buffer.concat(whole))).toBe(true);
  });

  it('is not waited for when the attempt is over', async () => {
    const { port } = await listen((socket) => socket.resume());
    const s3 = await client(port, probeTransport());
    let ended = 0;
    const hanging: Body = {
      ...inOneMemory,
      async *pieces(signal) {
        yield Buffer.alloc(PIECE);
        await new Promise((_, reject) =>
          signal.addEventListener('abort', () => {
            ended++;
            reject(signal.reason);
          }),
        );
      },
    };
    const over = new AbortController();
    const probe = new AttemptProbe();
    const putting = s3.putObject('k', hanging, { ...probe.context(), signal: over.signal });
    realClock.after(50, () => over.abort(new DeadlineExceeded(50)));
    await expect(putting).rejects.toMatchObject({ failure: 'deadline' });
    expect(probe.event).toMatchObject({ outcome: 'info', bytesSent: PIECE });
    expect(ended).toBe(1);
  });
});

describe('an answer that begins before the request is sent', () => {
  const document = errorDocument('SlowDown');

  /** Answers as soon as it hears something: the head at once, the rest 150 ms later. */
  const hasty = () =>
    listen((socket) => {
      socket.once('data', () => {
        socket.write(`HTTP/1.1 503 Service Unavailable\r\ncontent-length: ${document.length}\r\n\r\n`);
        realClock.after(150, () => socket.write(document));
      });
    });

  const bodyOf = (rest: () => Buffer): Body => {
    const slow: Body = {
      size: 10,
      sha256: async () => 'f'.repeat(64),
      slice: () => slow,
      open: () =>
        Readable.from(
          (async function* () {
            yield Buffer.from('first');
            await realClock.sleep(50);
            yield rest();
          })(),
        ),
    };
    return slow;
  };

  it('is what counts, even if the body cannot be read any further', async () => {
    const { port } = await hasty();
    const s3 = await client(port, probeTransport());
    const probe = new AttemptProbe();
    const broken = bodyOf(() => {
      throw new Error('EIO');
    });
    await expect(s3.putObject('k', broken, probe.context())).rejects.toMatchObject({ status: 503, code: 'SlowDown' });
    expect(probe.event).toMatchObject({ outcome: 'fail', status: 503, code: 'SlowDown', bytesSent: 5 });
  });

  it('leaves no response-header timeout behind when the request is sent after all', async () => {
    const { port } = await hasty();
    const clock = new CountingClock();
    const s3 = await client(port, probeTransport({ clock }));
    const probe = new AttemptProbe();
    const whole = bodyOf(() => Buffer.from('rest.'));
    await expect(s3.putObject('k', whole, probe.context())).rejects.toMatchObject({ status: 503 });
    expect(probe.event).toMatchObject({ bytesSent: 10 });
    s3.close();
    await expect.poll(() => clock.planned).toBe(0);
  });
});

describe('an answer that is read before the last of the request is written', () => {
  const document = errorDocument('SlowDown');
  /** More than the kernels of both ends hold. */
  const large = new MemoryBody(Buffer.alloc(16 * 1024 * 1024));

  /** The clock of the machine, but for the wait for the last of a request, which is over when it is told to be. */
  function patientClock() {
    const waiting = new Set<() => void>();
    const after = (ms: number, then: () => void) => {
      if (ms !== 50) return realClock.after(ms, then);
      waiting.add(then);
      return () => void waiting.delete(then);
    };
    return { clock: { ...realClock, after } satisfies Clock, waiting };
  }

  async function setUp() {
    let socket: Socket | undefined;
    let connections = 0;
    let answered: Socket | undefined;
    /** Answers a request as soon as it hears of it, and reads no further until it is told to. */
    const { port } = await listen((opened) => {
      connections++;
      socket = opened.on('data', () => {
        if (opened === answered) return;
        answered = opened.pause();
        opened.write(`HTTP/1.1 503 Service Unavailable\r\ncontent-length: ${document.length}\r\n\r\n${document}`);
      });
    });
    const { clock, waiting } = patientClock();
    const transport = probeTransport({ clock });
    const s3 = await client(port, transport);
    const put = async () => {
      answered = undefined;
      const answer = s3.putObject('k', large, new AttemptProbe().context());
      await expect(answer).rejects.toMatchObject({ status: 503, code: 'SlowDown' });
    };
    return { transport, waiting, put, readOn: () => socket?.resume(), connections: () => connections };
  }

  it('keeps the connection when that is written in time, and leaves nothing behind on it', async () => {
    const { transport, waiting, put, readOn, connections } = await setUp();
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    // Node warns of more than ten listeners.
    for (let count = 0; count < 12; count++) {
      await put();
      expect([waiting.size, transport.idleConnections]).toEqual([1, 0]);
      readOn();
      await expect.poll(() => [waiting.size, transport.idleConnections]).toEqual([0, 1]);
    }
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
    expect(connections()).toBe(1);
  });

  it('closes it when that takes longer', async () => {
    const { transport, waiting, put, connections } = await setUp();
    await put();
    for (const over of waiting) over();
    await put();
    expect(connections()).toBe(2);
    expect(transport.idleConnections).toBe(0);
  });
});

describe('one attempt', () => {
  it('sends one request: a second one of the SDK’s own is refused', async () => {
    await using server = await ToldServer.start();
    const transport = probeTransport();
    open.push(transport);
    const request = {
      origin: { host: 's3.chaos.test', port: server.port, secure: false },
      method: 'HEAD',
      path: '/b/k',
      headers: {},
      body: undefined,
    };
    const probe = new AttemptProbe();
    const call = runAttempt({ operation: 'HeadObject', bucket: 'b', key: 'k' }, probe.context(), async () => {
      await transport.exchange(request);
      await transport.exchange(request);
    });
    await expect(call).rejects.toThrow('a second request within one attempt');
    expect(server.seen).toHaveLength(1);
    await expect(transport.exchange(request)).rejects.toThrow('belongs to no attempt');
  });
});
