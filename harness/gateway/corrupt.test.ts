import { describe, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import { corrupt } from './corrupt.ts';
import type { CorruptRule } from './protocol.ts';
import { answering, ok, type ScriptedRoute, scriptedRoute } from './scripted-route.ts';

const noisy: CorruptRule = { kind: 'corrupt', rule: 'noisy', seed: 1, match: {}, direction: 'request', bits: 3 };

/** Places of the bits in which the texts, of the same length, differ. */
function flips(a: string, b: string): number[] {
  const [one, other] = [Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1')];
  expect(other.length).toBe(one.length);
  const places: number[] = [];
  for (const [index, byte] of one.entries()) {
    for (let bit = 0; bit < 8; bit++) if (((byte ^ (other[index] as number)) >> bit) & 1) places.push(index * 8 + bit);
  }
  return places;
}

async function put(route: ScriptedRoute, key: string, head: string, body: string): Promise<void> {
  const client = route.dial();
  client.socket.write(`PUT /b/${key} HTTP/1.1\r\nHost: h\r\n${head}\r\n${body}`, 'latin1');
  expect(await client.until('\r\n\r\n')).toBe(ok);
}

/** Bodies as the server got them, each ending in `end!`. */
function hearing(bodies: string[], mark = 'end!') {
  return scriptedRoute(async (line) => {
    for (;;) {
      await line.until('\r\n\r\n');
      bodies.push(await line.until(mark));
      line.socket.write(ok);
    }
  });
}

describe('a request', () => {
  const body = `${'a'.repeat(400_000)}end!`;
  const head = `Content-Length: ${body.length}\r\n`;

  it('has so many bits of its body flipped, and nothing else, at places that its seed and key say', async () => {
    const bodies: string[] = [];
    await using route = await hearing(bodies);
    route.rules.add(noisy);
    for (const key of ['one', 'two', 'one']) await put(route, key, head, body);
    const [one, two, again] = bodies.map((got) => flips(body, got)) as [number[], number[], number[]];
    expect([one.length, two.length, again.length]).toEqual([3, 3, 3]);
    expect(two).not.toEqual(one);
    expect(again).not.toEqual(one);
    expect(route.rules.evidence('noisy')).toEqual({ considered: 3, fired: 3 });
    expect(await route.edges()).toMatchObject([{ rule: 'noisy', flipped: 3, status: 200 }, {}, {}]);

    const later: string[] = [];
    await using other = await hearing(later);
    other.rules.add(noisy);
    await put(other, 'two', head, body);
    await put(other, 'one', head, body);
    expect(later.map((got) => flips(body, got))).toEqual([two, one]);
  });

  it('keeps the framing of aws-chunked', async () => {
    const data = 'd'.repeat(60);
    const sign = ';chunk-signature=00ff';
    const framed = `3c${sign}\r\n${data}\r\n0${sign}\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\nend!`;
    const bodies: string[] = [];
    await using route = await hearing(bodies);
    route.rules.add({ ...noisy, bits: 400 });
    const encoded = `Content-Encoding: aws-chunked\r\nx-amz-decoded-content-length: ${data.length}\r\n`;
    await put(route, 'k', `Content-Length: ${framed.length}\r\n${encoded}`, framed);
    const places = flips(framed, bodies[0] as string);
    expect(places).toHaveLength(400);
    const from = framed.indexOf('d'.repeat(60)) * 8;
    expect(places.every((place) => place >= from && place < from + 60 * 8)).toBe(true);
  });

  it('in chunks, whose length nobody knows, is hit near its beginning', async () => {
    const text = `${'a'.repeat(900)}end!`;
    const framed = `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
    const bodies: string[] = [];
    await using route = await hearing(bodies, '\r\n0\r\n\r\n');
    route.rules.add(noisy);
    await put(route, 'k', 'Transfer-Encoding: chunked\r\n', framed);
    const places = flips(framed, bodies[0] as string);
    expect(places).toHaveLength(3);
    expect(places.every((place) => place < (256 + 5) * 8)).toBe(true);
  });

  it('without a body is not touched, and not named', async () => {
    await using route = await scriptedRoute(answering());
    route.rules.add(noisy);
    const client = route.dial();
    client.socket.write('GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await client.until('\r\n\r\n')).toBe(ok);
    expect(route.rules.evidence('noisy')).toEqual({ considered: 1, fired: 0 });
    const [edge] = await route.edges();
    for (const absent of ['rule', 'flipped']) expect(edge).not.toHaveProperty(absent);
  });
});

describe('an answer', () => {
  it.each([
    ['with a length', 'Content-Length: 20', 'x'.repeat(20), 'x'.repeat(20)],
    ['in chunks', 'Transfer-Encoding: chunked', `100\r\n${'x'.repeat(256)}\r\n0\r\n\r\n`, 'x'.repeat(256)],
  ])('%s has so many bits of its body flipped, and a head as it came', async (_, length, framed, data) => {
    const head = `HTTP/1.1 200 OK\r\n${length}\r\nETag: "e1"\r\n\r\n`;
    await using route = await scriptedRoute(answering(head + framed));
    route.rules.add({ ...noisy, direction: 'answer' });
    const client = route.dial();
    client.socket.write('GET /b/k HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
    const answer = await client.rest();
    const got = answer.slice(answer.indexOf('\r\n\r\n') + 4);
    expect(answer.slice(0, -got.length).replace('Connection: close\r\n', '')).toBe(head);
    expect(flips(framed, got)).toHaveLength(3);
    expect(got.length).toBeGreaterThanOrEqual(data.length);
    expect(await route.edges()).toMatchObject([{ rule: 'noisy', flipped: 3, bytesOut: data.length }]);
  });

  it('to a HEAD has no body to hit', async () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n';
    await using route = await scriptedRoute(answering(head));
    route.rules.add({ ...noisy, direction: 'answer' });
    const client = route.dial();
    client.socket.write('HEAD /b/k HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await client.until('\r\n\r\n')).toBe(head);
    expect(route.rules.evidence('noisy').fired).toBe(0);
  });
});

it.each([
  [{ direction: 'both' as never }, 'direction is both: request or answer'],
  [{ bits: 0 }, 'bits is 0: a whole number from 1 to 1000'],
  [{ bits: 1001 }, 'bits is 1001'],
])('refuses %j', (wrong, reason) => {
  expect(() => corrupt({ ...noisy, ...wrong }, realClock)).toThrow(reason);
});
