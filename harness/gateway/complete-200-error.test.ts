import { expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import { complete200Error } from './complete-200-error.ts';
import type { CompleteErrorRule } from './protocol.ts';
import { answering, ok, scriptedRoute } from './scripted-route.ts';

const internal: CompleteErrorRule = {
  kind: 'complete-200-error',
  rule: 'late',
  seed: 1,
  match: {},
  code: 'InternalError',
  message: 'We encountered an internal error.',
  applied: false,
  spacesForMs: 110,
};
const complete = 'POST /b/k?uploadId=u1 HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n';
const done = '<CompleteMultipartUploadResult><ETag>"e-2"</ETag></CompleteMultipartUploadResult>';
const minioAnswer = `HTTP/1.1 200 OK\r\nContent-Length: ${done.length}\r\n\r\n${done}`;

/** What chunks carry. */
function unchunked(body: string): string {
  let text = '';
  for (let rest = body; ; ) {
    const end = rest.indexOf('\r\n');
    const size = Number.parseInt(rest.slice(0, end), 16);
    if (!size) return text;
    text += rest.slice(end + 2, end + 2 + size);
    rest = rest.slice(end + 4 + size);
  }
}

it('answers 200, the declaration, white space for a while, and then the error', async () => {
  await using route = await scriptedRoute(answering());
  route.rules.add(internal);
  const client = route.dial();
  client.socket.write(complete);
  await realClock.sleep(50);
  expect(client.socket.bytesRead).toBe(0);
  const sent = realClock.now();
  client.socket.write('body');
  const head = await client.until('\r\n\r\n');
  expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(head).toMatch(/content-type: application\/xml\r\n.*transfer-encoding: chunked\r\n/s);
  const body = await client.until('\r\n0\r\n\r\n');
  expect(realClock.now() - sent).toBeGreaterThanOrEqual(109);
  const document = unchunked(body);
  expect(document).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n {10}<Error><Code>InternalError<\/Code>/);
  expect(document).toMatch(/<Resource>\/b\/k<\/Resource><RequestId>[^<]+<\/RequestId><\/Error>$/);
  // The white space keeps the connection alive: it does not come all at once.
  expect(body.match(/1\r\n \r\n/g)?.length).toBe(10);
  // And the connection is as good as before.
  client.socket.write('GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n');
  expect(await client.until('\r\n\r\n')).toBe(ok);
  expect(route.rules.evidence('late')).toEqual({ considered: 1, fired: 1 });
  const [edge] = await route.edges();
  expect(edge).toMatchObject({ rule: 'late', status: 200, code: 'InternalError', bytesIn: 4 });
  expect(edge).not.toHaveProperty('upstream');
  expect(edge?.bytesOut).toBe(document.length);
});

it('has been applied, if that was asked for, and waits for it', async () => {
  const heard: string[] = [];
  await using route = await scriptedRoute(async (line) => {
    heard.push(await line.until('body'));
    await realClock.sleep(150);
    line.socket.write(minioAnswer);
  });
  route.rules.add({ ...internal, applied: true, spacesForMs: 0 });
  const client = route.dial();
  client.socket.write(complete);
  await realClock.sleep(50);
  expect(client.socket.bytesRead).toBe(0);
  client.socket.write('body');
  await client.until('\r\n\r\n');
  expect(unchunked(await client.until('\r\n0\r\n\r\n'))).toMatch(/\?>\n<Error><Code>InternalError</);
  expect(heard).toEqual([`${complete}body`]);
  const [edge] = await route.edges();
  expect(edge).toMatchObject({ status: 200, code: 'InternalError', upstream: { status: 200, etag: 'e-2' } });
  expect(edge?.answerStart).toBeLessThan(edge?.upstream?.end as number);
});

it('says the same when MinIO, asked, does not want the body', async () => {
  const refused = 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n';
  await using route = await scriptedRoute(answering(refused));
  route.rules.add({ ...internal, applied: true, spacesForMs: 10 });
  const client = route.dial();
  client.socket.write(complete.replace('\r\n\r\n', '\r\nExpect: 100-continue\r\n\r\n'));
  expect(await client.rest()).toMatch(/^HTTP\/1\.1 200 OK.*Connection: close.*<Code>InternalError<.*\r\n0\r\n\r\n$/s);
  expect(await route.edges()).toMatchObject([{ status: 200, upstream: { status: 404 } }]);
});

it('is about CompleteMultipartUpload and nothing else', async () => {
  await using route = await scriptedRoute(answering());
  route.rules.add(internal);
  const client = route.dial();
  for (const request of ['PUT /b/k HTTP/1.1', 'POST /b/k?uploads HTTP/1.1', 'GET /b/k?uploadId=u1 HTTP/1.1']) {
    client.socket.write(`${request}\r\nHost: h\r\nContent-Length: 0\r\n\r\n`);
    expect(await client.until('\r\n\r\n')).toBe(ok);
  }
  expect(route.rules.evidence('late')).toEqual({ considered: 0, fired: 0 });
});

it('has fired when the client gives up in the white space', async () => {
  await using route = await scriptedRoute(() => {});
  route.rules.add({ ...internal, spacesForMs: 60_000 });
  const client = route.dial();
  client.socket.write(`${complete}body`);
  await client.until('?>');
  client.socket.destroy();
  expect(await route.edges()).toMatchObject([{ rule: 'late', status: 200, code: 'InternalError', cut: 'client' }]);
  expect(route.rules.evidence('late').fired).toBe(1);
});

it.each([
  [{ match: { operations: ['PutObject' as const] } }, 'operations is PutObject: only CompleteMultipartUpload'],
  [{ code: '' }, 'code is : an S3 error code'],
  [{ applied: undefined as never }, 'applied is undefined: true or false'],
  [{ spacesForMs: -1 }, 'spacesForMs is -1: milliseconds'],
])('refuses %j', (wrong, reason) => {
  expect(() => complete200Error({ ...internal, ...wrong }, realClock)).toThrow(reason);
});
