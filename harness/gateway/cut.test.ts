import { expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import { cut } from './cut.ts';
import type { CutRule } from './protocol.ts';
import { answering, ok, scriptedRoute } from './scripted-route.ts';

const lost: CutRule = { kind: 'cut', rule: 'lost', seed: 1, match: { first: 1 }, when: 'after-apply' };
const put = (more = '') => `PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n${more}\r\n`;

it('before-apply: reads the body, and MinIO never sees the request', async () => {
  await using route = await scriptedRoute(() => {});
  route.rules.add({ ...lost, when: 'before-apply' });
  const client = route.dial();
  client.socket.write(`${put()}bod`);
  await realClock.sleep(50);
  expect(client.ended).toBe(false);
  expect(route.rules.evidence('lost')).toEqual({ considered: 1, fired: 0 });
  client.socket.write('y');
  expect(await client.rest()).toBe('');
  expect(route.rules.evidence('lost')).toEqual({ considered: 1, fired: 1 });
  const [edge] = await route.edges();
  expect(edge).toMatchObject({ rule: 'lost', cut: 'rule', bytesIn: 4, bytesOut: 0 });
  for (const absent of ['upstream', 'status', 'answerStart']) expect(edge).not.toHaveProperty(absent);
  expect(route.upstream.count()).toBe(0);
});

it('after-apply: MinIO has done it, which the history shows and the client cannot know', async () => {
  const heard: string[] = [];
  await using route = await scriptedRoute(answering(ok, 'body', heard));
  route.rules.add(lost);
  const client = route.dial();
  client.socket.write(`${put()}body`);
  expect(await client.rest()).toBe('');
  const again = route.dial();
  again.socket.write(`${put()}body`);
  expect(await again.until('\r\n\r\n')).toBe(ok);
  expect(heard).toEqual([`${put()}body`, `${put()}body`]);
  // MinIO's answer was read to its end: its connection is kept.
  expect(route.upstream.count()).toBe(1);
  expect(route.rules.evidence('lost')).toEqual({ considered: 2, fired: 1 });
  const [edge] = await route.edges();
  expect(edge).toMatchObject({ rule: 'lost', cut: 'rule', bytesOut: 0, upstream: { status: 200, etag: 'e1' } });
  for (const absent of ['status', 'code', 'answerStart']) expect(edge).not.toHaveProperty(absent);
});

it('does not take the answer of a pipelined request before it along', async () => {
  await using route = await scriptedRoute(async (line) => {
    await line.until('\r\n\r\n');
    await realClock.sleep(50);
    line.socket.write(ok);
  });
  route.rules.add({ ...lost, match: { key: 'second' }, when: 'before-apply' });
  const client = route.dial();
  client.socket.write('GET /b/first HTTP/1.1\r\nHost: h\r\n\r\nGET /b/second HTTP/1.1\r\nHost: h\r\n\r\n');
  expect(await client.rest()).toBe(ok);
  const edges = await route.edges();
  expect(edges).toMatchObject([
    { key: 'first', status: 200 },
    { key: 'second', cut: 'rule' },
  ]);
  expect(edges[0]).not.toHaveProperty('cut');
});

it('cuts who waits for 100, without asking for the body', async () => {
  await using route = await scriptedRoute(() => {});
  route.rules.add({ ...lost, when: 'before-apply' });
  const client = route.dial();
  client.socket.write(put('Expect: 100-continue\r\n'));
  expect(await client.rest()).toBe('');
  expect(await route.edges()).toMatchObject([{ cut: 'rule', bytesIn: 0 }]);
});

it('refuses a moment that is none', () => {
  expect(() => cut({ ...lost, when: 'never' as never }, realClock)).toThrow(
    'when is never: before-apply or after-apply',
  );
});
