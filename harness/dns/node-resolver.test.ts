import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import type { DnsQueryEvent } from '../history/events.ts';
import { DnsServer } from './dns-server.ts';
import { nodeResolver } from './node-resolver.ts';
import { failureOf, name, never, probedServer, questionsOf } from './resolver-probe.ts';

let server: DnsServer;
let queries: DnsQueryEvent[];
beforeEach(async () => {
  ({ server, queries } = await probedServer(['127.0.0.1', '127.0.0.2'], 60));
});
afterEach(() => server[Symbol.asyncDispose]());

function resolverOf({ timeoutMs = 2000, attempts = 4 } = {}) {
  return nodeResolver({ servers: [server], timeoutMs, attempts });
}

function asked() {
  return questionsOf(queries);
}

it('asks for A and AAAA, and tells how long the answer may be kept', async () => {
  expect(await resolverOf().find(name, never)).toEqual({ addresses: ['127.0.0.1', '127.0.0.2'], ttlSeconds: 60 });
  expect(asked()).toEqual(['A udp NOERROR', 'AAAA udp NOERROR']);
});

it('keeps nothing, and shares nothing', async () => {
  const resolver = resolverOf();
  await Promise.all([resolver.resolve(name, never), resolver.resolve(name, never)]);
  await resolver.resolve(name, never);
  expect(queries).toHaveLength(6);
});

it('gives an IP address back without asking', async () => {
  expect(await resolverOf().resolve('127.0.0.9', never)).toEqual(['127.0.0.9']);
  expect(asked()).toEqual([]);
});

describe('unlike Go', () => {
  it.each([
    ['servfail', 'server-misbehaving', 'queryA ESERVFAIL', true],
    ['refused', 'server-misbehaving', 'queryA EREFUSED', false],
    ['nxdomain', 'no-such-host', 'queryA ENOTFOUND', false],
    ['empty', 'no-such-host', 'queryA ENODATA', false],
  ] as const)('it believes %s at once, and asks no second time', async (mode, kind, reason, temporary) => {
    server.zone.fail(name, { rule: 'r', mode });
    const error = await failureOf(resolverOf().resolve(name, never));
    expect(error).toMatchObject({ kind, temporary, reason: `${reason} ${name}` });
    expect(error.message).toBe(`lookup ${name} on 127.0.0.1:${server.port}: ${reason} ${name}`);
    expect(queries).toHaveLength(2);
  });

  it('it asks a silent server as often as it is told, and waits longer later on', async () => {
    server.zone.fail(name, { rule: 'r', mode: 'silent' });
    const began = realClock.now();
    const error = await failureOf(resolverOf({ timeoutMs: 250, attempts: 3 }).resolve(name, never));
    expect(error).toMatchObject({ kind: 'timeout', temporary: true, reason: `queryA ETIMEOUT ${name}` });
    expect(queries.filter(({ question }) => question === 'A')).toHaveLength(3);
    // c-ares doubles the wait with each try, less a random half of it at most: once, once, and twice the 250 ms at least.
    expect(realClock.now() - began).toBeGreaterThanOrEqual(990);
  });
});

it('asks over TCP what was truncated', async () => {
  server.zone.fail(name, { rule: 'r', mode: 'truncated', tcp: 'answers' });
  expect(await resolverOf().resolve(name, never)).toEqual(['127.0.0.1', '127.0.0.2']);
  expect(asked()).toEqual(['A tcp NOERROR', 'A udp TRUNCATED', 'AAAA tcp NOERROR', 'AAAA udp TRUNCATED']);
});

it('ends at once when it is aborted', async () => {
  server.zone.fail(name, { rule: 'r', mode: 'silent' });
  const dial = new AbortController();
  const looking = resolverOf().resolve(name, dial.signal);
  looking.catch(() => {});
  while (queries.length < 2) await realClock.sleep(1);
  dial.abort(new Error('dial timeout'));
  await expect(looking).rejects.toThrow('dial timeout');
  await expect(resolverOf().resolve(name, dial.signal)).rejects.toThrow('dial timeout');
  expect(queries).toHaveLength(2);
});

it('says that nothing listens', async () => {
  const { port } = server;
  await server[Symbol.asyncDispose]();
  const resolver = nodeResolver({ servers: [{ host: '127.0.0.1', port }], timeoutMs: 250, attempts: 2 });
  const error = await failureOf(resolver.resolve(name, never));
  expect(error.kind).toMatch(/network|timeout/);
  server = await DnsServer.start(realClock);
});
