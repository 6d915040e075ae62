import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realClock, VirtualClock } from '../clock.ts';
import type { DnsQueryEvent } from '../history/events.ts';
import { tempoDefaults } from '../tempo/defaults.ts';
import type { DnsServer } from './dns-server.ts';
import { policyResolver, type ResolverPolicy } from './policy-resolver.ts';
import { name, never, probedServer } from './resolver-probe.ts';

let server: DnsServer;
let queries: DnsQueryEvent[];
beforeEach(async () => {
  ({ server, queries } = await probedServer(['127.0.0.1'], 5));
});
afterEach(() => server[Symbol.asyncDispose]());

function resolverOf(policy: Partial<ResolverPolicy> = {}) {
  return policyResolver({ ...tempoDefaults().policy, ...policy }, server, { clock: realClock, ttlSecond: 20 });
}

it("is Go's, without a search list and without a cache, unless the policy says otherwise", async () => {
  server.zone.fail(name, { rule: 'r', mode: 'servfail' });
  await expect(resolverOf().resolve(name, never)).rejects.toThrow('server misbehaving');
  expect(queries.map(({ asked }) => asked)).toEqual([undefined, undefined, undefined, undefined]);
});

it('asks as Kubernetes has it with ndots 5: four names for each look-up, eight queries', async () => {
  const dnsSearch = ['tempo.svc.cluster.local', 'svc.cluster.local', 'cluster.local'];
  const resolver = resolverOf({ dnsNdots: 5, dnsSearch });
  expect(await resolver.resolve(name, never)).toEqual(['127.0.0.1']);
  const asked = queries.filter(({ question }) => question === 'A').map((query) => query.asked ?? query.name);
  expect(asked).toEqual([...dnsSearch.map((domain) => `${name}.${domain}`), name]);
  expect(queries).toHaveLength(8);
  expect(queries.filter(({ answer }) => answer === 'NXDOMAIN')).toHaveLength(6);
});

it('waits, when there is no answer, for each of the names of the search list', async () => {
  server.zone.fail(name, { rule: 'r', mode: 'silent' });
  const resolver = resolverOf({ dnsNdots: 5, dnsSearch: ['svc.cluster.local'], dnsTimeout: 30, dnsAttempts: 2 });
  await expect(resolver.resolve(name, never)).rejects.toThrow('i/o timeout');
  expect(queries).toHaveLength(8);
  const spent = (queries.at(-1)?.t ?? 0) - (queries[0]?.t ?? 0);
  expect(spent).toBeGreaterThanOrEqual(3 * 30 - 2);
});

describe('with a cache', () => {
  it.each(['go', 'node'] as const)('asks again when the time to live is over (%s)', async (resolver) => {
    const clock = new VirtualClock();
    const policy = { ...tempoDefaults().policy, resolver, dnsCache: true };
    // Look-ups run on the machine's clock; only the cache's goes by the test's.
    const cached = policyResolver(policy, server, { clock: { ...realClock, now: () => clock.now() }, ttlSecond: 20 });
    await cached.resolve(name, never);
    await clock.advance(99);
    expect(await cached.resolve(name, never)).toEqual(['127.0.0.1']);
    expect(queries).toHaveLength(2);
    await clock.advance(1);
    await cached.resolve(name, never);
    expect(queries).toHaveLength(4);
  });
});

it("is Node's where the policy says so", async () => {
  server.zone.fail(name, { rule: 'r', mode: 'servfail' });
  const resolver = resolverOf({ resolver: 'node', dnsNdots: 5, dnsSearch: ['svc.cluster.local'] });
  await expect(resolver.resolve(name, never)).rejects.toThrow('ESERVFAIL');
  expect(queries).toHaveLength(2);
});
