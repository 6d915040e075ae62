import { describe, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import { answerError } from './answer-error.ts';
import type { AnswerErrorRule } from './protocol.ts';
import { answering, ok, scriptedRoute } from './scripted-route.ts';

const slowDown: AnswerErrorRule = {
  kind: 'answer-error',
  rule: 'burst',
  seed: 1,
  match: { first: 1 },
  status: 503,
  code: 'SlowDown',
  message: 'Please reduce your request rate.',
};
const put = (length: number, more = '') => `PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: ${length}\r\n${more}\r\n`;

describe('before-body', () => {
  it('is answered as soon as the head was read; the body is read and dropped, and the connection stays', async () => {
    const size = 8 * 1024 * 1024;
    await using route = await scriptedRoute(answering());
    route.rules.add({ ...slowDown, match: { key: '^k$' }, when: 'before-body' });
    const client = route.dial();
    client.socket.write(put(size));
    expect(await client.until('</Error>')).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n(?!.*onnection: close)/s);
    expect(route.rules.evidence('burst')).toEqual({ considered: 1, fired: 1 });
    client.socket.write(Buffer.alloc(size, '.'));
    client.socket.write('GET /b/next HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await client.until('\r\n\r\n')).toBe(ok);

    const [edge, next] = await route.edges();
    expect(edge).toMatchObject({ rule: 'burst', status: 503, code: 'SlowDown', bytesIn: size });
    expect(edge?.bodyEnd).toBeGreaterThan(edge?.answerStart as number);
    expect(edge).not.toHaveProperty('upstream');
    expect(edge).not.toHaveProperty('cut');
    expect(next).toMatchObject({ key: 'next', connection: 1, status: 200 });
  });

  it('is in the history, with what came of the body, when the client then leaves in the middle of it', async () => {
    await using route = await scriptedRoute(() => {});
    route.rules.add({ ...slowDown, when: 'before-body' });
    const client = route.dial();
    client.socket.write(`${put(1000)}half`);
    await client.until('</Error>');
    client.socket.destroy();
    const [edge] = await route.edges();
    expect(edge).toMatchObject({ status: 503, bytesIn: 4 });
    expect(edge).not.toHaveProperty('bodyEnd');
    expect(edge).not.toHaveProperty('cut');
  });

  it('stands in place of the 100 that a client waits for', async () => {
    await using route = await scriptedRoute(() => {});
    route.rules.add({ ...slowDown, when: 'before-body' });
    const client = route.dial();
    client.socket.write(put(4, 'Expect: 100-continue\r\n'));
    expect(await client.rest()).toMatch(/^HTTP\/1\.1 503 .*Connection: close.*<Code>SlowDown<\/Code>/s);
    expect(await route.edges()).toMatchObject([{ status: 503, bytesIn: 0 }]);
    expect(route.upstream.count()).toBe(0);
  });
});

describe('after-apply', () => {
  it('lets MinIO do it, replaces the answer, and shows in the history that it was done', async () => {
    const heard: string[] = [];
    const long = `HTTP/1.1 200 OK\r\nETag: "e1"\r\nContent-Length: 300000\r\n\r\n${'x'.repeat(300_000)}`;
    await using route = await scriptedRoute(answering(long, 'body', heard));
    route.rules.add({ ...slowDown, when: 'after-apply' });
    const client = route.dial();
    client.socket.write(`${put(4)}body`);
    const answer = await client.until('</Error>');
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer).not.toContain('ETag');
    // The next one goes over the same connections, both of them.
    client.socket.write(`${put(4)}body`);
    expect(await client.until('xxx')).toMatch(/^HTTP\/1\.1 200 OK/);
    await client.until('x'.repeat(299_990));
    expect(heard).toHaveLength(2);
    expect(heard[0]).toBe(heard[1]);
    expect(route.upstream.count()).toBe(1);

    const [edge, next] = await route.edges();
    expect(edge).toMatchObject({
      ...{ rule: 'burst', status: 503, code: 'SlowDown', bytesIn: 4 },
      upstream: { status: 200, etag: 'e1' },
    });
    expect(edge?.upstream?.end).toBeLessThanOrEqual(edge?.answerStart as number);
    expect(next).not.toHaveProperty('rule');
  });

  it('gives its own code, and not that of what MinIO answered', async () => {
    const refused = 'HTTP/1.1 403 Forbidden\r\nContent-Length: 34\r\n\r\n<Error><Code>Denied</Code></Error>';
    await using route = await scriptedRoute(answering(refused));
    route.rules.add({ ...slowDown, when: 'after-apply' });
    const client = route.dial();
    client.socket.write('GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n');
    await client.until('</Error>');
    expect(await route.edges()).toMatchObject([{ status: 503, code: 'SlowDown', upstream: { status: 403 } }]);
  });

  it('has not fired when MinIO ended the connection', async () => {
    await using route = await scriptedRoute(async (line) => {
      await line.until('body');
      line.socket.destroy();
    });
    route.rules.add({ ...slowDown, when: 'after-apply' });
    const client = route.dial();
    client.socket.write(`${put(4)}body`);
    expect(await client.rest()).toBe('');
    expect(route.rules.evidence('burst')).toEqual({ considered: 1, fired: 0 });
    const [edge] = await route.edges();
    expect(edge).toMatchObject({ cut: 'upstream', upstream: { error: 'EOF' } });
    expect(edge).not.toHaveProperty('rule');
  });

  it('lets a client that waits for 100 have it from MinIO', async () => {
    await using route = await scriptedRoute(async (line) => {
      await line.until('\r\n\r\n');
      line.socket.write('HTTP/1.1 100 Continue\r\n\r\n');
      await line.until('body');
      line.socket.write(ok);
    });
    route.rules.add({ ...slowDown, when: 'after-apply' });
    const client = route.dial();
    client.socket.write(put(4, 'Expect: 100-continue\r\n'));
    expect(await client.until('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    client.socket.write('body');
    expect(await client.until('</Error>')).not.toContain('onnection: close');
    expect(await route.edges()).toMatchObject([{ status: 503, bytesIn: 4, upstream: { status: 200 } }]);
  });
});

describe('its answer', () => {
  it('has more headers and elements, which replace the usual ones', async () => {
    await using route = await scriptedRoute(() => {});
    const date = 'Thu, 01 Jan 1970 00:00:00 GMT';
    const headers = { Date: date, Location: 'http://b.other.test/k', 'x-amz-bucket-region': 'eu-west-1' };
    const moved = { ...slowDown, status: 307, code: 'TemporaryRedirect', headers, elements: { Endpoint: 'a&b' } };
    route.rules.add(moved);
    const client = route.dial();
    client.socket.write('GET /b/k?x=1 HTTP/1.1\r\nHost: h\r\n\r\n');
    const answer = await client.until('</Error>');
    expect(answer).toMatch(/^HTTP\/1\.1 307 Temporary Redirect\r\n/);
    expect(answer.match(/date: .*(?=\r\n)/gi)).toEqual([`date: ${date}`]);
    expect(answer).toContain('location: http://b.other.test/k\r\n');
    expect(answer).toContain('</Message><Endpoint>a&amp;b</Endpoint><Resource>/b/k</Resource>');
  });

  it('to a HEAD has the length of a document, and none', async () => {
    await using route = await scriptedRoute(answering());
    route.rules.add(slowDown);
    const client = route.dial();
    client.socket.write('HEAD /b/k HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 503 .*content-length: [1-9]\d+\r\n/s);
    client.socket.write('GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 503/);
    expect(await route.edges()).toMatchObject([{ bytesOut: 0, status: 503 }, { status: 503 }]);
  });

  it('may be without a document, and then tells no code', async () => {
    await using route = await scriptedRoute(answering());
    route.rules.add({ ...slowDown, withoutDocument: true });
    const client = route.dial();
    client.socket.write('GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n.*content-length: 0\r\n/s);
    client.socket.write('GET /b/next HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 503/);
    const [edge] = await route.edges();
    expect(edge).toMatchObject({ rule: 'burst', status: 503, bytesOut: 0 });
    expect(edge).not.toHaveProperty('code');
  });

  it('may be a 200 whose document says that it is none', async () => {
    await using route = await scriptedRoute(answering());
    route.rules.add({ ...slowDown, status: 200, code: 'InternalError' });
    const client = route.dial();
    client.socket.write(`${put(4)}body`);
    expect(await client.until('</Error>')).toMatch(/^HTTP\/1\.1 200 OK\r\n.*<Code>InternalError<\/Code>/s);
    expect(await route.edges()).toMatchObject([{ rule: 'burst', status: 200, code: 'InternalError' }]);
  });

  it('is for the requests whose line it names: method, path and query as they came', async () => {
    await using route = await scriptedRoute(answering());
    route.rules.add({ ...slowDown, match: { method: 'GET', target: '^/b/k%20k\\?partNumber=2&' } });
    const client = route.dial();
    client.socket.write('GET /b/k%20k?partNumber=1&uploadId=u HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await client.until('\r\n\r\n')).toBe(ok);
    client.socket.write('GET /b/k%20k?partNumber=2&uploadId=u HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await client.until('</Error>')).toMatch(/^HTTP\/1\.1 503/);
    expect(await route.edges()).toMatchObject([{ status: 200 }, { status: 503, rule: 'burst' }]);
  });

  it('comes in its turn when requests are pipelined', async () => {
    await using route = await scriptedRoute(async (line) => {
      await line.until('\r\n\r\n');
      await realClock.sleep(30);
      line.socket.write(ok);
    });
    route.rules.add({ ...slowDown, match: { key: 'second' }, when: 'before-body' });
    const client = route.dial();
    client.socket.write(
      'GET /b/first HTTP/1.1\r\nHost: h\r\n\r\nPUT /b/second HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody',
    );
    expect(await client.until('\r\n\r\n')).toBe(ok);
    expect(await client.until('</Error>')).toMatch(/^HTTP\/1\.1 503/);
  });
});

it.each([
  [{ status: 201 }, 'status is 201: 200, or a whole number from 300 to 599'],
  [{ code: '' }, 'code is : an S3 error code'],
  [{ retryAfter: 1.5 }, 'retryAfter is 1.5: whole seconds'],
  [{ when: 'later' as never }, 'when is later: one of before-body, after-body, after-apply'],
  [{ headers: { 'Content-Length': '1' } }, 'Content-Length: 1 cannot be a header'],
  [{ headers: { 'x y': '1' } }, 'x y: 1 cannot be a header'],
  [{ headers: { x: 'a\r\nb: c' } }, 'cannot be a header'],
  [{ elements: { '<x>': '1' } }, '"<x>" cannot be an element'],
])('refuses %j', (wrong, reason) => {
  expect(() => answerError({ ...slowDown, ...wrong }, realClock)).toThrow(reason);
});
