/** Wire rules and TLS in a gateway process, over its control API. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CertificateAuthority, createAuthority } from '../tls/certificate-authority.ts';
import { type Gateway, type Route, startGateway } from './gateway.ts';
import { eventsIn } from './scripted-route.ts';

let folder: string;
let authority: CertificateAuthority;
let upstream: Server;
let gateway: Gateway;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-gateway-wire-'));
  authority = await createAuthority(new Date());
  upstream = createServer((asked, answer) => asked.resume().on('end', () => answer.end(asked.headers.host)));
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  gateway = await startGateway();
});

afterAll(async () => {
  await gateway?.[Symbol.asyncDispose]();
  upstream?.close();
  upstream?.closeAllConnections();
  await rm(folder, { recursive: true, force: true });
});

const file = (route: string) => join(folder, `${route}.ndjson`);

async function open(route: string, secure: boolean): Promise<Route> {
  const { port } = upstream.address() as AddressInfo;
  const tls = secure && (await authority.issue(['localhost', '127.0.0.1']));
  return gateway.openRoute({
    route,
    upstream: { host: '127.0.0.1', port },
    historyFile: file(route),
    ...(tls && { tls }),
  });
}

async function get({ port }: Route): Promise<number | undefined> {
  const asked = request({
    ...{ host: '127.0.0.1', servername: 'localhost', port, path: '/b/k', ca: authority.certificate, agent: false },
    headers: { host: 'localhost' },
  });
  asked.end();
  const [answer] = await once(asked, 'response');
  answer.resume();
  await once(answer, 'end');
  return answer.statusCode;
}

it('a route with a certificate speaks TLS to clients, and HTTP to S3', async () => {
  const route = await open('secure', true);
  expect(await get(route)).toBe(200);
  await route.close();
  const events = await eventsIn(file('secure'));
  expect(events.filter(({ type }) => type !== 'lateness').map(({ type }) => type)).toEqual([
    'tls.handshake',
    'edge',
    'wire',
  ]);
  expect(new Set(events.flatMap((event) => ('connection' in event ? [event.connection] : [])))).toEqual(new Set([1]));
});

it('a route is not opened with a certificate that is none, and can be opened then with one', async () => {
  const { port } = upstream.address() as AddressInfo;
  const wrong = gateway.openRoute({
    ...{ route: 'wrong', upstream: { host: '127.0.0.1', port }, historyFile: file('wrong') },
    tls: { cert: 'none', key: 'none' },
  });
  await expect(wrong).rejects.toThrow(/POST \/routes: 400: route wrong: it cannot listen: /);
  await (await open('wrong', true)).close();
});

describe('wire rules', () => {
  it('are put on, listed, asked and taken off like those of the S3 edge', async () => {
    await using route = await open('rules', true);
    const slowDown = {
      kind: 'answer-error',
      rule: 'burst',
      seed: 1,
      match: {},
      status: 503,
      code: 'SlowDown',
    } as const;
    await route.addRule({ ...slowDown, message: 'Please reduce your request rate.' });
    await route.addRule({ kind: 'shared-bandwidth', rule: 'cap', bytesPerSecond: 1e6, direction: 'both' });
    await route.addRule({ kind: 'tls-handshake', rule: 'slow', delayMs: 20 });
    await route.addRule({ kind: 'tls-certificate', rule: 'old', ...(await authority.issue(['localhost'], 'expired')) });
    expect(await route.rules()).toEqual(['burst', 'cap', 'slow', 'old']);
    await expect(get(route)).rejects.toThrow('certificate has expired');
    await expect.poll(async () => (await route.evidence('old')).fired).toBe(1);
    expect(await route.removeRule('old')).toEqual({ considered: 1, fired: 1 });
    expect(await get(route)).toBe(503);
    expect(await route.removeRule('slow')).toMatchObject({ considered: 2, fired: 2 });
    // The client whose certificate was refused never came that far, or left at once.
    expect((await route.removeRule('cap')).considered).toBeGreaterThan(0);
    await route.removeRule('burst');
    expect(await route.rules()).toEqual([]);
    expect(await get(route)).toBe(200);
  });

  it('are refused with the reason', async () => {
    await using route = await open('refused', false);
    await expect(route.addRule({ kind: 'tls-handshake', rule: 'slow', delayMs: 20 })).rejects.toThrow(
      '409: rule slow: tls-handshake wants a route that speaks TLS: open one with a certificate',
    );
    await expect(
      route.addRule({ kind: 'shared-bandwidth', rule: 'cap', bytesPerSecond: -1, direction: 'both' }),
    ).rejects.toThrow('400: rule cap: bytesPerSecond is -1: a number over 0');
    await expect(route.addRule({ kind: 'gremlins', rule: 'cap' } as never)).rejects.toThrow(/400: .*gremlins/);
    await expect(route.removeRule('cap')).rejects.toThrow('404: rule cap: the route has none of this name');
    expect(await route.rules()).toEqual([]);
  });
});
