/** A route against a server and a client that say each byte as the test wants it. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import type { EdgeEvent, HistoryEvent, WireEvent } from '../history/events.ts';
import type { AnswerErrorRule } from './protocol.ts';
import { GatewayRoute } from './route.ts';
import { eventsIn } from './scripted-route.ts';
import { Line, type ScriptedUpstream, scriptedUpstream } from './scripted-upstream.ts';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
const slowDown: AnswerErrorRule = {
  kind: 'answer-error',
  rule: 'burst',
  seed: 1,
  match: {},
  status: 503,
  code: 'SlowDown',
  message: 'Please reduce your request rate.',
};

let folder: string;
let upstream: ScriptedUpstream | undefined;
let route: GatewayRoute | undefined;
let clients: Line[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-route-'));
  clients = [];
});

afterEach(async () => {
  for (const client of clients) client.socket.destroy();
  await route?.close();
  await upstream?.[Symbol.asyncDispose]();
  route = undefined;
  upstream = undefined;
  await rm(folder, { recursive: true });
});

async function open(script: (line: Line, number: number) => unknown): Promise<GatewayRoute> {
  upstream = await scriptedUpstream(script);
  return openTo(upstream);
}

async function openTo({ host, port }: { host: string; port: number }): Promise<GatewayRoute> {
  const request = { route: 'r', upstream: { host, port }, historyFile: join(folder, 'edge.ndjson') };
  route = await GatewayRoute.open(request, realClock);
  return route;
}

function dial({ port }: GatewayRoute): Line {
  const client = new Line(connect({ host: '127.0.0.1', port }));
  clients.push(client);
  return client;
}

/** Ends the clients' connections, closes the route, and reads its part of the history. */
async function history(): Promise<{ edges: EdgeEvent[]; wires: WireEvent[]; all: HistoryEvent[] }> {
  await route?.close();
  route = undefined;
  const all = await eventsIn(join(folder, 'edge.ndjson'));
  return {
    all,
    edges: all.filter((event) => event.type === 'edge'),
    wires: all.filter((event) => event.type === 'wire'),
  };
}

describe('forwarding', () => {
  it('leaves heads and bodies as they are, both ways, but for the connection and the attempt id', async () => {
    const head = (lines: string[]) => `${lines.join('\r\n')}\r\n\r\n`;
    const heard: string[] = [];
    const answer = [
      'HTTP/1.1 200 Fine',
      'ETag: "1"',
      'x-AMZ-b: 2',
      'Content-Length: 3',
      'x-amz-b: 1',
      'Date: yesterday',
    ];
    const gateway = await open(async (line) => {
      heard.push(await line.until('body'));
      line.socket.write(`${head([...answer, 'Keep-Alive: timeout=9'])}abc`);
    });
    const client = dial(gateway);
    const request = [
      'PUT /b/a%2Fb//c+d?x-id=PutObject HTTP/1.1',
      'hOST: s3.test:9000',
      'X-B: 1',
      'authorization: AWS4 x',
    ];
    request.push('Content-Length: 4', 'x-b: 2');
    client.socket.write(`${head([...request, 'X-Chaos-Attempt: r1.1', 'Connection: keep-alive'])}body`);
    expect(await client.until('abc')).toBe(`${head(answer)}abc`);
    expect(heard).toEqual([`${head(request)}body`]);

    const { edges, wires } = await history();
    expect(edges).toHaveLength(1);
    const [edge] = edges as [EdgeEvent];
    expect(edge).toMatchObject({
      ...{ id: 'r1.1', route: 'r', connection: 1, operation: 'PutObject', bucket: 'b', key: 'a/b//c+d', method: 'PUT' },
      ...{ bytesIn: 4, bytesOut: 3, status: 200, upstream: { status: 200, etag: '1' } },
    });
    expect(edge).not.toHaveProperty('cut');
    const { start, bodyEnd = 0, answerStart = 0, t } = edge;
    const times = [
      start,
      edge.upstream?.start,
      bodyEnd,
      edge.upstream?.answer,
      answerStart,
      edge.upstream?.end,
      t,
    ] as number[];
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.every((time) => time > 0)).toBe(true);
    const sent = head([...request, 'X-Chaos-Attempt: r1.1', 'Connection: keep-alive']).length + 4;
    expect(wires).toMatchObject([
      { connection: 1, bytesIn: sent, bytesOut: head(answer).length + 3, ended: 'gateway' },
    ]);
  });

  it('tells when the first and the last of a request came in, below S3', async () => {
    const gateway = await open(async (line) => {
      await line.until('body');
      line.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
    const client = dial(gateway);
    client.socket.write('PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbo');
    await realClock.sleep(60);
    const last = realClock.now();
    client.socket.write('dy');
    await client.until('\r\n\r\n');
    const [edge] = (await history()).edges as [EdgeEvent];
    expect(edge.wire?.first).toBeLessThan(last);
    expect(edge.wire?.last).toBeGreaterThanOrEqual(last);
    expect(edge.wire?.last).toBeLessThanOrEqual(edge.bodyEnd as number);
  });

  it('keeps chunks of a body, and its trailers', async () => {
    const heard: string[] = [];
    const gateway = await open(async (line) => {
      heard.push(await line.until('x-t: 1\r\n\r\n'));
      line.socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n');
    });
    const client = dial(gateway);
    client.socket.write('PUT /b/k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: x-t\r\n\r\n');
    client.socket.write('5\r\nhello\r\n0\r\nx-t: 1\r\n\r\n');
    expect(await client.until('0\r\n\r\n')).toBe(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
    );
    expect(heard[0]).toMatch(/Transfer-Encoding: chunked\r\nTrailer: x-t\r\n\r\n5\r\nhello\r\n0\r\nx-t: 1\r\n\r\n$/);
  });

  it('makes no body out of none', async () => {
    const heard: string[] = [];
    const gateway = await open(async (line) => {
      heard.push(await line.until('\r\n\r\n'));
      line.socket.write(ok);
    });
    const client = dial(gateway);
    const request = 'POST /b/k?uploads HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nx-a: 2\r\n\r\n';
    client.socket.write(request);
    await client.until('\r\n\r\n');
    expect(heard).toEqual([request]);
  });

  it('gives an HTTP/1.0 client no chunks', async () => {
    const gateway = await open(async (line) => {
      await line.until('\r\n\r\n');
      line.socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n');
    });
    const client = dial(gateway);
    client.socket.write('GET /b/k HTTP/1.0\r\n\r\n');
    expect(await client.rest()).toMatch(/\r\n\r\nabc$/);
  });

  it('sends the head of an answer on before its body comes', async () => {
    const gateway = await open(async (line) => {
      await line.until('\r\n\r\n');
      line.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n');
    });
    const client = dial(gateway);
    client.socket.write('GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await client.until('\r\n\r\n')).toContain('200 OK');
  });

  it('makes the client wait while MinIO does not read, and holds next to nothing itself', async () => {
    const size = 64 * 1024 * 1024;
    let line: Line | undefined;
    const gateway = await open((opened) => {
      line = opened;
      opened.socket.pause();
    });
    const client = dial(gateway);
    client.socket.write(`PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: ${size}\r\n\r\n`);
    client.socket.write(Buffer.alloc(size, '.'));
    let moved = -1;
    while (client.socket.bytesWritten - client.socket.writableLength !== moved || line === undefined) {
      moved = client.socket.bytesWritten - client.socket.writableLength;
      await realClock.sleep(300);
    }
    const { edges } = await history();
    // What the kernel's buffers of two connections take (4 to 6 MiB each), and our own.
    expect(edges[0]?.bytesIn).toBeGreaterThan(64 * 1024);
    expect(edges[0]?.bytesIn).toBeLessThan(size / 2);
    expect(edges[0]?.cut).toBe('client');
    // Nothing moved any more.
    expect(edges[0]?.upstream?.blockedMs).toBeGreaterThan(50);
  });

  it('makes MinIO wait while the client does not read, and goes on when it does', async () => {
    const size = 64 * 1024 * 1024;
    const piece = Buffer.alloc(64 * 1024, '.');
    let given = 0;
    const gateway = await open(async (line) => {
      await line.until('\r\n\r\n');
      line.socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      for (; given < size; given += piece.length) {
        if (!line.socket.write(piece)) await once(line.socket, 'drain');
      }
    });
    const client = dial(gateway);
    client.socket.write('GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n');
    client.socket.pause();
    for (let before = -1; before !== given || given === 0; await realClock.sleep(300)) before = given;
    expect(given).toBeLessThan(size / 2);
    client.socket.resume();
    let received = 0;
    client.socket.on('data', (chunk) => {
      received += chunk.length;
    });
    await expect.poll(() => received, { timeout: 10_000 }).toBeGreaterThan(size - 10);
  });

  it('keeps an interim answer that nobody asked for to itself', async () => {
    const gateway = await open(async (line) => {
      await line.until('\r\n\r\n');
      line.socket.write(`HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n${ok}`);
    });
    const client = dial(gateway);
    client.socket.write('GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await client.until('\r\n\r\n')).toBe(ok);
  });
});

describe('Expect: 100-continue', () => {
  const put = 'PUT /b/k HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n';

  it('is asked of MinIO, and the client told to go on when MinIO says so', async () => {
    const order: string[] = [];
    const gateway = await open(async (line) => {
      expect(await line.until('\r\n\r\n')).toContain('Expect: 100-continue');
      await realClock.sleep(30);
      order.push('MinIO asks');
      line.socket.write('HTTP/1.1 100 Continue\r\n\r\n');
      await line.until('body');
      line.socket.write(ok);
    });
    const client = dial(gateway);
    client.socket.write(put);
    expect(await client.until('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    order.push('client sends');
    client.socket.write('body');
    expect(await client.until('\r\n\r\n')).toBe(ok);
    expect(order).toEqual(['MinIO asks', 'client sends']);
    expect((await history()).edges).toMatchObject([{ bytesIn: 4, status: 200 }]);
  });

  it('is answered with the final status when MinIO does so, and the connection, owed a body, is closed', async () => {
    const gateway = await open(async (line) => {
      await line.until('\r\n\r\n');
      line.socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    });
    const client = dial(gateway);
    client.socket.write(put);
    expect(await client.rest()).toBe('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    const { edges } = await history();
    expect(edges).toMatchObject([{ bytesIn: 0, status: 403 }]);
    expect(edges[0]).not.toHaveProperty('cut');
    expect(edges[0]).not.toHaveProperty('bodyEnd');
  });

  it('is answered by a rule in place of the 100', async () => {
    const gateway = await open(() => {});
    gateway.rules.add(slowDown);
    const client = dial(gateway);
    client.socket.write(put);
    expect(await client.rest()).toMatch(/^HTTP\/1\.1 503 .*Connection: close.*<Code>SlowDown<\/Code>/s);
    expect(upstream?.count()).toBe(0);
  });
});

describe('an answer that comes early', () => {
  const size = 8 * 1024 * 1024;

  it('of a rule waits for the body, so that the client can read it, and the connection stays', async () => {
    const gateway = await open(() => {});
    gateway.rules.add({ ...slowDown, match: { first: 1 }, retryAfter: 7 });
    const client = dial(gateway);
    client.socket.write(`PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: ${size}\r\n\r\n`);
    client.socket.write(Buffer.alloc(size - 1, '.'));
    await realClock.sleep(150);
    expect(client.socket.bytesRead).toBe(0);
    client.socket.write('.');
    const answer = await client.until('</Error>');
    expect(answer).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
    const body = answer.slice(answer.indexOf('\r\n\r\n') + 4);
    const requestId = /x-amz-request-id: (.*)\r\n/.exec(answer)?.[1] as string;
    expect(answer).toContain('content-type: application/xml\r\n');
    expect(answer).toContain('retry-after: 7\r\n');
    expect(answer).toContain(`content-length: ${body.length}\r\n`);
    expect(body).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>SlowDown</Code>' +
        `<Message>Please reduce your request rate.</Message><Resource>/b/k</Resource><RequestId>${requestId}</RequestId></Error>`,
    );
    expect(gateway.rules.evidence('burst')).toEqual({ considered: 1, fired: 1 });
    client.socket.write('HEAD /b/k HTTP/1.1\r\nHost: h\r\n\r\n');
    gateway.rules.remove('burst');
    const { edges } = await history();
    expect(edges[0]).toMatchObject({
      bytesIn: size,
      bytesOut: body.length,
      status: 503,
      code: 'SlowDown',
      rule: 'burst',
    });
    expect(edges[0]).not.toHaveProperty('upstream');
    expect(edges[0]?.bodyEnd).toBeLessThanOrEqual(edges[0]?.answerStart as number);
    expect(edges.every(({ connection }) => connection === 1)).toBe(true);
  });

  it('of a rule is not counted when the client left before', async () => {
    const gateway = await open(() => {});
    gateway.rules.add(slowDown);
    const client = dial(gateway);
    client.socket.write(`PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: ${size}\r\n\r\nhalf`);
    await realClock.sleep(50);
    client.socket.destroy();
    await realClock.sleep(50);
    expect(gateway.rules.evidence('burst')).toEqual({ considered: 1, fired: 0 });
    expect((await history()).edges).toMatchObject([{ rule: 'burst', cut: 'client', bytesIn: 4 }]);
  });

  it('of MinIO, which stopped reading, is passed on at once, and the rest of the body is read and dropped', async () => {
    const whole = 8 * size;
    const gateway = await open(async (line, number) => {
      await line.until('\r\n\r\n');
      if (number > 1) return line.socket.write(ok);
      line.socket.pause();
      await realClock.sleep(300);
      line.socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
    });
    const client = dial(gateway);
    client.socket.write(`PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: ${whole}\r\n\r\n`);
    client.socket.write(Buffer.alloc(whole, '.'));
    client.socket.write('GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await client.until('\r\n\r\n')).toContain('403 Forbidden');
    expect(await client.until('\r\n\r\n')).toBe(ok);
  });

  it('of MinIO is passed on at once, and the rest of the body is read and dropped', async () => {
    const gateway = await open(async (line, number) => {
      await line.until('\r\n\r\n');
      if (number > 1) return line.socket.write(ok);
      line.socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 34\r\n\r\n<Error><Code>Denied</Code></Error>');
    });
    const client = dial(gateway);
    client.socket.write(`PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: ${size}\r\n\r\n`);
    expect(await client.until('</Error>')).toContain('403 Forbidden');
    client.socket.write(Buffer.alloc(size, '.'));
    client.socket.write('GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await client.until('\r\n\r\n')).toBe(ok);
    const { edges } = await history();
    expect(edges).toMatchObject([
      { status: 403, code: 'Denied' },
      { operation: 'GetObject', status: 200 },
    ]);
    expect(edges[0]).not.toHaveProperty('cut');
  });
});

describe('a connection that ends', () => {
  it('at MinIO before an answer, ends the client, and no answer is made up', async () => {
    const gateway = await open(async (line) => {
      await line.until('body');
      line.socket.destroy();
    });
    const client = dial(gateway);
    client.socket.write('PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody');
    expect(await client.rest()).toBe('');
    const { edges, wires } = await history();
    expect(edges).toMatchObject([{ cut: 'upstream', bytesIn: 4, bytesOut: 0, upstream: { error: 'EOF' } }]);
    expect(edges[0]).not.toHaveProperty('status');
    expect(wires).toMatchObject([{ ended: 'gateway' }]);
  });

  it('at MinIO in the middle of an answer, ends the client there', async () => {
    const gateway = await open(async (line) => {
      await line.until('\r\n\r\n');
      line.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
      await realClock.sleep(50);
      line.socket.destroy();
    });
    const client = dial(gateway);
    client.socket.write('GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await client.rest()).toMatch(/half$/);
    expect((await history()).edges).toMatchObject([{ cut: 'upstream', status: 200, bytesOut: 4 }]);
  });

  it('at a MinIO that is not there, ends the client', async () => {
    const gone = await scriptedUpstream(() => {});
    await gone[Symbol.asyncDispose]();
    const client = dial(await openTo(gone));
    client.socket.write('GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await client.rest()).toBe('');
    expect((await history()).edges).toMatchObject([{ cut: 'upstream', upstream: { error: 'ECONNREFUSED' } }]);
  });

  it('at the client, ends the request to MinIO', async () => {
    let rest: Promise<string> | undefined;
    const gateway = await open(async (line) => {
      await line.until('half');
      rest = line.rest();
      clients[0]?.socket.destroy();
    });
    const client = dial(gateway);
    client.socket.write('PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf');
    await client.rest();
    expect(await rest).toBe('');
    const { edges } = await history();
    expect(edges).toMatchObject([{ cut: 'client', bytesIn: 4, bytesOut: 0 }]);
    expect(edges[0]).not.toHaveProperty('bodyEnd');
    expect(edges[0]?.upstream).not.toHaveProperty('answer');
  });

  it.each([
    ['client', (client: Line) => client.socket.end()],
    ['error', (client: Line) => client.socket.resetAndDestroy()],
  ])('between requests, is told apart: %s', async (ended, end) => {
    const gateway = await open(async (line) => {
      await line.until('\r\n\r\n');
      line.socket.write(ok);
    });
    const client = dial(gateway);
    client.socket.write('GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n');
    await client.until('\r\n\r\n');
    end(client);
    await client.rest();
    await realClock.sleep(50);
    const { edges, wires } = await history();
    expect(wires).toMatchObject([{ ended }]);
    expect(edges).toMatchObject([{ status: 200 }]);
    expect(edges[0]).not.toHaveProperty('cut');
  });

  it('by the closing of the route, is in the history like any other', async () => {
    const gateway = await open(() => {});
    const client = dial(gateway);
    client.socket.write('GET /b/k HTTP/1.1\r\nHost: h\r\n\r\nGET /b/pipelined HTTP/1.1\r\nHost: h\r\n\r\n');
    await realClock.sleep(50);
    const { edges, wires } = await history();
    expect(edges.map(({ key }) => key).sort()).toEqual(['k', 'pipelined']);
    expect(wires).toMatchObject([{ ended: 'gateway' }]);
    expect(await client.rest()).toBe('');
  });

  it('after bytes that are not HTTP, is an error of the harness', async () => {
    const client = dial(await open(() => {}));
    client.socket.write('this is no request\r\n\r\n');
    await client.rest();
    const { all } = await history();
    expect(all).toMatchObject([
      { type: 'harness.error', where: 'gateway, route r, connection 1', message: expect.stringContaining('not HTTP') },
      { type: 'wire' },
    ]);
  });
});

describe('a kept connection that MinIO closed meanwhile', () => {
  /** Answers one request a connection, and ends it when the second comes, as a server does whose idle timeout just ended. */
  async function onceEach(line: Line): Promise<void> {
    await line.until('\r\n\r\n');
    line.socket.write(ok);
    await line.until('\r\n\r\n');
    line.socket.destroy();
  }

  it('does not become a fault that nobody injected: a request without a body is sent again', async () => {
    const client = dial(await open(onceEach));
    for (let count = 0; count < 2; count++) {
      client.socket.write('GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n');
      expect(await client.until('\r\n\r\n')).toBe(ok);
    }
    expect(upstream?.count()).toBe(2);
    const { edges } = await history();
    expect(edges).toMatchObject([{ status: 200 }, { status: 200, upstream: { resent: 'EOF', status: 200 } }]);
    expect(edges[0]?.upstream).not.toHaveProperty('resent');
  });

  it.each([
    ['with a body', 'PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody'],
    ['that is not idempotent', 'POST /b/k?uploads HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n'],
  ])('ends a request %s, which may have taken effect', async (_, request) => {
    const client = dial(await open(onceEach));
    client.socket.write('GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await client.until('\r\n\r\n')).toBe(ok);
    client.socket.write(request);
    expect(await client.rest()).toBe('');
    expect((await history()).edges[1]).toMatchObject({ cut: 'upstream' });
  });
});
