import { describe, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import type { TruncateRule } from './protocol.ts';
import { answering, scriptedRoute } from './scripted-route.ts';
import { truncate } from './truncate.ts';

const short: TruncateRule = { kind: 'truncate', rule: 'short', seed: 1, match: {}, bytes: 5 };

async function answered(answer: string, bytes: number, request = 'GET /b/k HTTP/1.1') {
  await using route = await scriptedRoute(answering(answer));
  route.rules.add({ ...short, bytes });
  const client = route.dial();
  client.socket.write(`${request}\r\nHost: h\r\n\r\n`);
  const text = await client.rest();
  const evidence = route.rules.evidence('short');
  const [edge] = await route.edges();
  return { text, edge, evidence };
}

describe('an answer with a body', () => {
  it('has its head whole, with the length that it promises, and so many bytes', async () => {
    const head = 'HTTP/1.1 200 OK\r\nETag: "e1"\r\nContent-Length: 10\r\n\r\n';
    const { text, edge, evidence } = await answered(`${head}0123456789`, 5);
    expect(text).toBe(`${head}01234`);
    expect(evidence).toEqual({ considered: 1, fired: 1 });
    expect(edge).toMatchObject({ rule: 'short', cut: 'rule', status: 200, bytesOut: 5, upstream: { status: 200 } });
  });

  it.each([
    [10, 9],
    [1000, 9],
    [0, 0],
  ])('of which %i bytes may pass, is one short at least', async (bytes, passed) => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n';
    const { text, edge } = await answered(`${head}0123456789`, bytes);
    expect(text).toBe(head + '0123456789'.slice(0, passed));
    expect(edge).toMatchObject({ cut: 'rule', bytesOut: passed });
  });

  it.each([
    [3, '3\r\nabc\r\n'],
    [1000, '4\r\nabcd\r\n'],
  ])('in chunks, of which %i bytes may pass, has no end', async (bytes, passed) => {
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
    const { text } = await answered(`${head}4\r\nabcd\r\n0\r\n\r\n`, bytes);
    expect(text).toBe(head + passed);
  });

  it('passes as many as it says of a long one, over several reads', async () => {
    const size = 4_000_000;
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`;
    const { text } = await answered(head + 'x'.repeat(size), 3_000_001);
    expect(text.length - head.length).toBe(3_000_001);
  });
});

describe('an answer without a body', () => {
  const empty = 'HTTP/1.1 200 OK\r\nETag: "e1"\r\nContent-Length: 0\r\n\r\n';
  const length = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n';
  const none = 'HTTP/1.1 204 No Content\r\nx-a: 1\r\n\r\n';

  it.each([
    ['length 0', empty, 20, 'PUT /b/k HTTP/1.1', empty.slice(0, 20)],
    ['HEAD', length, 9, 'HEAD /b/k HTTP/1.1', length.slice(0, 9)],
    ['204', none, 1000, 'DELETE /b/k HTTP/1.1', none.slice(0, -1)],
    ['no byte', none, 0, 'DELETE /b/k HTTP/1.1', 'H'],
  ])('ends inside its head: %s', async (_, answer, bytes, request, passed) => {
    const { text, edge, evidence } = await answered(answer, bytes, request);
    expect(text).toBe(passed);
    expect(evidence.fired).toBe(1);
    expect(edge).toMatchObject({ rule: 'short', cut: 'rule', bytesOut: 0 });
    expect(edge?.upstream?.status).toBeGreaterThanOrEqual(200);
    expect(edge).not.toHaveProperty('status');
  });
});

it('has not fired when the client left before', async () => {
  await using route = await scriptedRoute(async (line) => {
    await line.until('\r\n\r\n');
    await realClock.sleep(100);
    line.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc');
  });
  route.rules.add(short);
  const client = route.dial();
  client.socket.write('GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n');
  await realClock.sleep(30);
  client.socket.destroy();
  const [edge] = await route.edges();
  expect(route.rules.evidence('short')).toEqual({ considered: 1, fired: 0 });
  expect(edge).not.toHaveProperty('rule');
});

it.each([-1, 0.5, '5' as never])('refuses %j bytes', (bytes) => {
  expect(() => truncate({ ...short, bytes }, realClock)).toThrow(`bytes is ${bytes}: a whole number from 0 on`);
});
