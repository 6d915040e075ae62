/**
 * What is not HTTP, or is HTTP that two readers understand in two ways, harms nobody: the gateway lives, the next client is served,
 * and S3 never gets a request that the gateway did not see (request smuggling). The server behind it reads as leniently as a server
 * can, so that a difference between the two would show.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import type { EdgeEvent } from '../history/events.ts';
import { GatewayRoute } from './route.ts';
import { eventsIn } from './scripted-route.ts';

const INPUTS = 12_000;
const AT_ONCE = 40;
/** A client that has sent what it has, and got nothing for so long, gives up. */
const PATIENCE_MS = 60;

let folder: string;
let server: Server;
let route: GatewayRoute;
/** Method and target of each request that the server behind the gateway has read. */
const arrived: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-malformed-'));
  server = createServer({ insecureHTTPParser: true, requestTimeout: 0 }, (request, response) => {
    arrived.push(`${request.method} ${request.url}`);
    request.resume();
    request.once('end', () => response.end('ok'));
  });
  server.on('clientError', (_, socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  route = await GatewayRoute.open(
    { route: 'r', upstream: { host: '127.0.0.1', port }, historyFile: join(folder, 'edge.ndjson') },
    realClock,
  );
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

const oneOf = fc.constantFrom;
const lineEnd = fc.oneof(
  { weight: 8, arbitrary: fc.constant('\r\n') },
  oneOf('\n', '\r', '\r\r\n', '\n\r', ' \r\n', '\0\r\n'),
);

/** A request inside a body: whoever takes the body's end for another one than the gateway takes this for a request. */
const hidden = (number: number) => `GET /bucket/hidden-${number} HTTP/1.1\r\nhost: x\r\n\r\n`;

const framing = fc.array(
  oneOf(
    'content-length: 0',
    'content-length: 5',
    'Content-Length: 44',
    'content-length: +5',
    'content-length: 0x10',
    'content-length: 5, 5',
    'content-length: 5, 6',
    'content-length: -1',
    'content-length:5 ',
    'content-length : 5',
    'content-length: 99999999999999999999',
    ' content-length: 5',
    'transfer-encoding: chunked',
    'Transfer-Encoding: Chunked',
    'transfer-encoding: identity',
    'transfer-encoding: chunked, identity',
    'transfer-encoding: gzip, chunked',
    'transfer-encoding:\tchunked',
    'transfer-encoding : chunked',
    'transfer-encoding: xchunked',
    'transfer-encoding: "chunked"',
    'transfer-encoding: chunked\r\n continued',
    'x: y\r\n\ttransfer-encoding: chunked',
    'x: y\ntransfer-encoding: chunked',
    'x: y\rtransfer-encoding: chunked',
    'expect: 100-continue',
    'expect: 200-maybe',
    'connection: close',
    'connection: keep-alive, transfer-encoding',
    'connection: content-length',
    'upgrade: h2c\r\nconnection: upgrade',
    'host: other',
    ': nameless',
    'noColon',
    'sp ace: x',
    'nul: a\0b',
    'x-chaos-attempt: mine',
  ),
  { maxLength: 4 },
);

const chunks = oneOf(
  '0\r\n\r\n',
  '5\r\nhello\r\n0\r\n\r\n',
  '5;ext="\r\n"\r\nhello\r\n0\r\n\r\n',
  'FFFFFFFFFFFFFFFFF\r\n',
  '-5\r\n',
  '5\nhello\n0\n\n',
  '0x5\r\nhello\r\n0\r\n\r\n',
  '5\r\nhelloX',
  '0\r\ncontent-length: 5\r\n\r\n',
  '',
);

const requestLine = fc.oneof(
  {
    weight: 6,
    arbitrary: oneOf('PUT', 'GET', 'POST', 'HEAD', 'DELETE').map((method) => `${method} /bucket/TARGET HTTP/1.1`),
  },
  oneOf(
    'GET /bucket/TARGET HTTP/1.0',
    'GET  /bucket/TARGET HTTP/1.1',
    'GET /bucket/TARGET\tHTTP/1.1',
    'GET /bucket/TARGET HTTP/2.0',
    'GET /bucket/TARGET HTTP/9.9',
    'GET /bucket/TARGET',
    'G\0T /bucket/TARGET HTTP/1.1',
    'get /bucket/TARGET HTTP/1.1',
    'PUT http://other/bucket/TARGET HTTP/1.1',
    'CONNECT other:443 HTTP/1.1',
    'OPTIONS * HTTP/1.1',
    'GET /bucket/TARGET?a=%0d%0a HTTP/1.1',
    'GET /bucket/../../TARGET HTTP/1.1',
    'GET /bucket/TAR GET HTTP/1.1',
    'PRI * HTTP/2.0',
    '\r\n\r\nGET /bucket/TARGET HTTP/1.1',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  ),
);

/** Nearly a request, with what two readers could disagree on; or any bytes at all. */
const input = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .record({
        line: requestLine,
        end: lineEnd,
        headers: framing,
        body: fc.tuple(chunks, fc.boolean(), fc.string({ maxLength: 20 })),
        cut: fc.option(fc.nat({ max: 200 }), { freq: 8 }),
      })
      .map(({ line, end, headers, body: [framed, hides, rest], cut }) => (number: number) => {
        const head = [line.replace('TARGET', `seen-${number}`), 'host: bucket', ...headers].join(end) + end + end;
        const whole = Buffer.from(head + framed + (hides ? hidden(number) : '') + rest, 'latin1');
        return cut === null ? whole : whole.subarray(0, cut);
      }),
  },
  fc.uint8Array({ maxLength: 300 }).map((bytes) => () => Buffer.from(bytes)),
);

/** Two headers that say where the body ends, not always the same place, and a body with a request in it behind one of them. */
const desync = fc
  .record({
    length: oneOf('all', 'framed', 'none'),
    lengthAs: oneOf(
      'content-length: N',
      'Content-Length: N',
      'content-length: N, N',
      'content-length:\tN',
      'content-length: 0N',
      'content-length: +N',
      'content-length : N',
      '',
    ),
    other: oneOf(
      'connection: content-length',
      'connection: close, Content-Length',
      'connection: transfer-encoding',
      'transfer-encoding: chunked',
      'transfer-encoding: xchunked',
      'transfer-encoding : chunked',
      'transfer-encoding: identity',
      'transfer-encoding: chunked, chunked',
      'transfer-encoding:\x0bchunked',
      'content-length: 0',
      'expect: 100-continue',
      'te: chunked',
      'x: y\n transfer-encoding: chunked',
      'x: y',
    ),
    swapped: fc.boolean(),
    framed: oneOf('', '0\r\n\r\n', '5\r\nhello\r\n0\r\n\r\n', 'hello'),
  })
  .map(({ length, lengthAs, other, swapped, framed }) => (number: number) => {
    const body = framed + hidden(number);
    const bytes = { all: body.length, framed: framed.length, none: 0 }[length];
    const both = [lengthAs.replaceAll('N', String(bytes)), other].filter(Boolean);
    const headers = swapped ? both.reverse() : both;
    return Buffer.from(
      [`PUT /bucket/seen-${number} HTTP/1.1`, 'host: bucket', ...headers, '', body].join('\r\n'),
      'latin1',
    );
  });

/** Sends it, in two pieces if there is a place to cut, and waits until the other side has ended it, or says no more. */
function tell(bytes: Buffer, cutAt: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: route.port });
    const done = () => {
      socket.destroy();
      resolve();
    };
    socket.setTimeout(PATIENCE_MS, done);
    socket.on('error', done).on('close', done);
    socket.on('data', () => {});
    socket.write(bytes.subarray(0, cutAt));
    socket.end(bytes.subarray(cutAt));
  });
}

it('what is malformed, split or ambiguous reaches S3 only as what the gateway took it for', {
  timeout: 180_000,
}, async () => {
  const samples = fc.sample(fc.tuple(fc.oneof(input, desync), fc.nat({ max: 300 })), {
    numRuns: INPUTS,
    seed: 20_261_123,
  });
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < samples.length) {
        const number = next++;
        const [make, cutAt] = samples[number] as (typeof samples)[number];
        await tell(make(number), cutAt);
      }
    }),
  );
  // The gateway lives, and serves.
  const answer = await fetch(`http://127.0.0.1:${route.port}/bucket/after`, { method: 'PUT', body: 'a block' });
  expect([answer.status, await answer.text()]).toEqual([200, 'ok']);
  await route.close();

  const events = await eventsIn(join(folder, 'edge.ndjson'));
  const forwarded = events.filter((event): event is EdgeEvent => event.type === 'edge' && event.upstream !== undefined);
  const count = (names: readonly string[]) => {
    const counts = new Map<string, number>();
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    return counts;
  };
  const key = (target: string) => /(?:hidden|seen)-\d+|after/.exec(target)?.[0] ?? target;
  const seen = count(forwarded.map((event) => key(event.key)));
  const smuggled = [...count(arrived.map((target) => key(target)))].filter(
    ([target, times]) => /hidden|seen/.test(target) && times > (seen.get(target) ?? 0),
  );
  expect(smuggled).toEqual([]);
  // The inputs are not all refused at the door: thousands of them are requests.
  expect(forwarded.length).toBeGreaterThan(INPUTS / 10);
  expect(arrived.some((target) => target.includes('hidden'))).toBe(true);
});
