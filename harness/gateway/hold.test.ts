import { describe, expect, it } from 'vitest';
import { type Clock, realClock } from '../clock.ts';
import { Random } from '../random.ts';
import { hold } from './hold.ts';
import type { HoldRule } from './protocol.ts';
import { answering, ok, scriptedRoute } from './scripted-route.ts';

const slow: HoldRule = { kind: 'hold', rule: 'slow', seed: 1, match: { first: 1 }, when: 'before-apply', forMs: 200 };
const never: HoldRule = { kind: 'hold', rule: 'never', seed: 1, match: { first: 1 }, when: 'before-apply' };
const put = (length: number, more = '') => `PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: ${length}\r\n${more}\r\n`;

describe('for a time, before MinIO', () => {
  it('MinIO hears nothing of a small request until the time is over', async () => {
    const heard: { at: number; text: string }[] = [];
    await using route = await scriptedRoute(async (line) => {
      heard.push({ text: await line.until('body'), at: realClock.now() });
      line.socket.write(ok);
    });
    route.rules.add(slow);
    const client = route.dial();
    const sent = realClock.now();
    client.socket.write(`${put(4)}body`);
    expect(await client.until('\r\n\r\n')).toBe(ok);
    expect(heard[0]?.text).toBe(`${put(4)}body`);
    expect((heard[0]?.at as number) - sent).toBeGreaterThanOrEqual(200);
    expect(route.rules.evidence('slow')).toEqual({ considered: 1, fired: 1 });
    const [edge] = await route.edges();
    expect(edge).toMatchObject({ rule: 'slow', status: 200, upstream: { status: 200 } });
    expect(edge?.heldMs).toBeGreaterThanOrEqual(200);
    expect(edge?.upstream?.start).toBeGreaterThanOrEqual((edge?.bodyEnd as number) + 200);
    expect(edge).not.toHaveProperty('cut');
  });

  it('a large body streams, but for its end, and comes out as it went in', async () => {
    const size = 3_000_000;
    const body = Buffer.alloc(size, '0123456789');
    let got = 0;
    let text = '';
    await using route = await scriptedRoute((line) => {
      line.socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
        got += chunk.length;
        if (text.endsWith('end!')) line.socket.write(ok);
      });
    });
    body.write('end!', size - 4);
    route.rules.add({ ...slow, forMs: 1500 });
    const client = route.dial();
    client.socket.write(put(size));
    client.socket.write(body);
    // All but the last 64 KiB.
    await expect.poll(() => got).toBe(put(size).length + size - 65_536);
    await realClock.sleep(100);
    expect(got).toBe(put(size).length + size - 65_536);
    expect(await client.until('\r\n\r\n')).toBe(ok);
    expect(text).toBe(put(size) + body.toString('latin1'));
    expect((await route.edges())[0]?.heldMs).toBeGreaterThanOrEqual(1500);
  });

  it('feeds MinIO a byte from time to time, which would give up otherwise', async () => {
    // A clock on which 10 s pass in 100 ms.
    const fast: Clock = {
      ...realClock,
      now: () => realClock.now() * 100,
      after: (ms, then) => realClock.after(ms / 100, then),
    };
    const size = 200_000;
    const body = Buffer.alloc(size, '0123456789');
    let got = Buffer.alloc(0);
    let fed = 0;
    await using route = await scriptedRoute((line) => {
      line.socket.on('data', (chunk: Buffer) => {
        got = Buffer.concat([got, chunk]);
        if (chunk.length < 10) fed += chunk.length;
        if (got.length === put(size).length + size) line.socket.write(ok);
      });
    }, fast);
    route.rules.add({ ...slow, forMs: 55_000 });
    const client = route.dial();
    client.socket.write(put(size));
    client.socket.write(body);
    expect(await client.until('\r\n\r\n')).toBe(ok);
    expect(fed).toBe(5);
    expect(got.subarray(put(size).length).equals(body)).toBe(true);
  });

  it('keeps a body in chunks, and its trailers', async () => {
    const heard: string[] = [];
    await using route = await scriptedRoute(answering(ok, 'x-t: 1\r\n\r\n', heard));
    route.rules.add({ ...slow, forMs: 20 });
    const client = route.dial();
    client.socket.write('PUT /b/k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: x-t\r\n\r\n');
    client.socket.write('5\r\nhello\r\n');
    await realClock.sleep(20);
    client.socket.write('2\r\nyo\r\n0\r\nx-t: 1\r\n\r\n');
    expect(await client.until('\r\n\r\n')).toBe(ok);
    expect(heard[0]).toMatch(/\r\n\r\n7\r\nhelloyo\r\n0\r\nx-t: 1\r\n\r\n$/);
  });

  it('holds what has no body, and a connection that stays for the next request', async () => {
    await using route = await scriptedRoute(answering());
    route.rules.add(slow);
    const client = route.dial();
    for (let count = 0; count < 2; count++) {
      client.socket.write('GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n');
      expect(await client.until('\r\n\r\n')).toBe(ok);
    }
    const [first, second] = await route.edges();
    expect(first?.upstream?.start).toBeGreaterThanOrEqual((first?.start as number) + 200);
    expect(second).not.toHaveProperty('heldMs');
  });

  it('MinIO has not done it when the client gives up', async () => {
    const size = 1_000_000;
    let rest: Promise<string> | undefined;
    await using route = await scriptedRoute((line) => {
      rest = line.rest();
    });
    route.rules.add({ ...slow, forMs: 5000 });
    const client = route.dial();
    client.socket.write(put(size));
    client.socket.write(`${'.'.repeat(size - 4)}end!`);
    await expect.poll(() => route.rules.evidence('slow').fired).toBe(1);
    client.socket.destroy();
    await expect.poll(() => rest).toBeDefined();
    expect(await rest).not.toContain('end!');
    const [edge] = await route.edges();
    expect(edge).toMatchObject({ cut: 'client', rule: 'slow', bytesIn: size });
    expect(edge?.heldMs).toBeLessThan(5000);
  });

  it('MinIO never hears of it when the client has given up before the time is over', async () => {
    await using route = await scriptedRoute(() => {});
    route.rules.add({ ...slow, forMs: 150 });
    const client = route.dial();
    client.socket.write(`${put(4)}body`);
    await expect.poll(() => route.rules.evidence('slow').fired).toBe(1);
    client.socket.destroy();
    await realClock.sleep(300);
    expect(route.upstream.count()).toBe(0);
  });

  it('an answer that MinIO gives early waits as well', async () => {
    const size = 2_000_000;
    const refused = 'HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nlong';
    await using route = await scriptedRoute(async (line) => {
      await line.until('\r\n\r\n');
      line.socket.write(refused);
    });
    route.rules.add(slow);
    const client = route.dial();
    client.socket.write(put(size));
    client.socket.write(Buffer.alloc(size, '.'));
    expect(await client.until('long')).toBe(refused);
    const [edge] = await route.edges();
    expect(edge?.answerStart).toBeGreaterThanOrEqual((edge?.bodyEnd as number) + 200);
    expect(edge).toMatchObject({ status: 403, bytesIn: size });
  });

  it.each([
    ['says 100', `HTTP/1.1 100 Continue\r\n\r\n`, true],
    ['refuses', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n', false],
  ])('a client that waits for 100, when MinIO %s', async (_, first, wanted) => {
    await using route = await scriptedRoute(async (line) => {
      await line.until('\r\n\r\n');
      line.socket.write(first);
      await line.until('body');
      line.socket.write(ok);
    });
    route.rules.add(slow);
    const client = route.dial();
    client.socket.write(put(4, 'Expect: 100-continue\r\n'));
    if (wanted) {
      expect(await client.until('\r\n\r\n')).toBe(first);
      client.socket.write('body');
      expect(await client.until('\r\n\r\n')).toBe(ok);
    } else {
      expect(await client.rest()).toContain('403 Forbidden');
    }
    const [edge] = await route.edges();
    expect(edge?.heldMs).toBeGreaterThanOrEqual(200);
    expect(edge?.answerStart).toBeGreaterThanOrEqual((edge?.start as number) + 200);
  });
});

describe('for a time, after MinIO', () => {
  it('MinIO has done it at once, and its answer comes later, whole', async () => {
    const long = `HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(999_999)}y`;
    await using route = await scriptedRoute(answering(long));
    route.rules.add({ ...slow, when: 'after-apply' });
    const client = route.dial();
    client.socket.write('GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await client.until('y')).toBe(long);
    const [edge] = await route.edges();
    expect((edge?.answerStart as number) - (edge?.upstream?.answer as number)).toBeGreaterThanOrEqual(200);
    expect((edge?.upstream?.answer as number) - (edge?.start as number)).toBeLessThan(150);
    expect(edge).toMatchObject({ rule: 'slow', bytesOut: 1_000_000 });
    expect(edge).not.toHaveProperty('cut');
  });

  it('reads no more of it than a buffer holds', async () => {
    const size = 64 * 1024 * 1024;
    let left = size;
    await using route = await scriptedRoute(async (line) => {
      await line.until('\r\n\r\n');
      line.socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      const piece = Buffer.alloc(65536, '.');
      while (left > 0) {
        left -= piece.length;
        if (!line.socket.write(piece)) await new Promise((resolve) => line.socket.once('drain', resolve));
      }
    });
    route.rules.add({ ...slow, when: 'after-apply', forMs: 600 });
    const client = route.dial();
    client.socket.write('GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n');
    let received = 0;
    client.socket.on('data', (chunk) => {
      received += chunk.length;
    });
    await realClock.sleep(400);
    expect(received).toBe(0);
    expect(left).toBeGreaterThan(size / 2);
    await expect.poll(() => received, { timeout: 10_000 }).toBeGreaterThan(size);
  });

  it('draws the jitter for each request, by its seed and key', async () => {
    await using route = await scriptedRoute(answering());
    route.rules.add({ ...slow, match: {}, forMs: 10, jitterMs: 500 });
    const random = new Random(slow.seed);
    const due = ['a', 'b', 'c', 'd'].map((key) => ({
      key,
      ms: 10 + 500 * random.uniform('slow', 'GetObject', key, 0, 1, 'jitter'),
    }));
    const answers = due.map(({ key }) => {
      const client = route.dial();
      client.socket.write(`GET /b/${key} HTTP/1.1\r\nHost: h\r\n\r\n`);
      return client.until('\r\n\r\n');
    });
    await Promise.all(answers);
    const edges = await route.edges();
    for (const { key, ms } of due) expect(edges.find((edge) => edge.key === key)?.heldMs).toBeGreaterThanOrEqual(ms);
    const byHold = edges.sort((a, b) => (a.heldMs as number) - (b.heldMs as number)).map(({ key }) => key);
    expect(byHold).toEqual(due.sort((a, b) => a.ms - b.ms).map(({ key }) => key));
  });
});

describe('for ever', () => {
  it('before-apply: reads the body, MinIO never sees it, and its removal cuts it', async () => {
    const size = 6_000_000;
    await using route = await scriptedRoute(() => {});
    route.rules.add(never);
    const client = route.dial();
    client.socket.write(put(size));
    client.socket.write(Buffer.alloc(size, '.'));
    await expect.poll(() => route.rules.evidence('never').fired).toBe(1);
    await realClock.sleep(100);
    expect(client.ended).toBe(false);
    expect(route.rules.remove('never')).toEqual({ considered: 1, fired: 1 });
    expect(await client.rest()).toBe('');
    const [edge] = await route.edges();
    expect(edge).toMatchObject({ rule: 'never', cut: 'rule', bytesIn: size });
    expect(edge?.heldMs).toBeGreaterThanOrEqual(100);
    expect(edge).not.toHaveProperty('upstream');
  });

  it('after-apply: MinIO has done it, and its removal cuts it', async () => {
    await using route = await scriptedRoute(answering(ok, 'body'));
    route.rules.add({ ...never, when: 'after-apply' });
    const client = route.dial();
    client.socket.write(`${put(4)}body`);
    await expect.poll(() => route.rules.evidence('never').fired).toBe(1);
    route.rules.remove('never');
    expect(await client.rest()).toBe('');
    const [edge] = await route.edges();
    expect(edge).toMatchObject({ rule: 'never', cut: 'rule', upstream: { status: 200, etag: 'e1' } });
    expect(edge).not.toHaveProperty('status');
  });

  it('is over when the client gives up', async () => {
    await using route = await scriptedRoute(() => {});
    route.rules.add(never);
    const client = route.dial();
    client.socket.write(`${put(4)}body`);
    await expect.poll(() => route.rules.evidence('never').fired).toBe(1);
    client.socket.destroy();
    expect(await route.edges()).toMatchObject([{ cut: 'client', rule: 'never' }]);
    expect(route.rules.remove('never')).toEqual({ considered: 1, fired: 1 });
  });
});

describe('removed', () => {
  it('cuts who waits for a time, and lets alone who is still sending', async () => {
    await using route = await scriptedRoute(answering(ok, 'body'));
    route.rules.add({ ...slow, match: {}, forMs: 5000 });
    const waits = route.dial();
    waits.socket.write(`${put(4)}body`);
    const sends = route.dial();
    sends.socket.write(`${put(4)}bod`);
    await expect.poll(() => route.rules.evidence('slow')).toEqual({ considered: 2, fired: 1 });
    expect(route.rules.remove('slow')).toEqual({ considered: 2, fired: 1 });
    sends.socket.write('y');
    expect(await sends.until('\r\n\r\n')).toBe(ok);
    expect(await waits.rest()).toBe('');
    const edges = await route.edges();
    expect(edges.find(({ connection }) => connection === 1)).toMatchObject({ cut: 'rule', rule: 'slow' });
    const untouched = edges.find(({ connection }) => connection === 2);
    expect(untouched).toMatchObject({ status: 200 });
    for (const absent of ['rule', 'heldMs']) expect(untouched).not.toHaveProperty(absent);
  });

  it('cuts who is still sending a body that is dropped, and lets an answer pass that comes later', async () => {
    await using route = await scriptedRoute(async (line) => {
      await line.until('late');
      await realClock.sleep(100);
      line.socket.write(ok);
    });
    route.rules.add({ ...never, rule: 'before', match: { key: 'before' } });
    route.rules.add({ ...never, rule: 'after', match: { key: 'after' }, when: 'after-apply' });
    const before = route.dial();
    before.socket.write('PUT /b/before HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nhalf');
    const after = route.dial();
    after.socket.write('PUT /b/after HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nlate');
    await realClock.sleep(50);
    expect(route.rules.remove('before')).toEqual({ considered: 1, fired: 1 });
    expect(route.rules.remove('after')).toEqual({ considered: 1, fired: 0 });
    expect(await before.rest()).toBe('');
    expect(await after.until('\r\n\r\n')).toBe(ok);
    const edges = await route.edges();
    expect(edges.find(({ key }) => key === 'before')).toMatchObject({ cut: 'rule', rule: 'before', bytesIn: 4 });
    expect(edges.find(({ key }) => key === 'after')).not.toHaveProperty('rule');
  });
});

it.each([
  [{ when: 'never' as never }, 'when is never'],
  [{ forMs: -1 }, 'forMs is -1: milliseconds from 0 on'],
  [{ jitterMs: Number.NaN }, 'jitterMs is NaN'],
])('refuses %j', (wrong, reason) => {
  expect(() => hold({ ...slow, ...wrong }, realClock)).toThrow(reason);
});

it('refuses more than for ever', () => {
  expect(() => hold({ ...never, jitterMs: 5 }, realClock)).toThrow('jitterMs without forMs');
});
