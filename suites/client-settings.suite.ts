/** The client's own settings, set by a scenario over the config: what each does to a write, as seen where it shows. */
import { describe, expect, it } from 'vitest';
import { ofType } from '../harness/checkers/example-history.ts';
import type { AttemptEvent, DnsQueryEvent, EdgeEvent, HistoryEvent } from '../harness/history/events.ts';
import { clientNames } from '../harness/object-store/clients.ts';
import { because, realHarness } from './real-harness.ts';

/** The most requests of the writer that were at the S3 edge at the same time. */
function mostAtOnce(history: readonly HistoryEvent[]): number {
  const ours = new Set(ofType(history, 'attempt').map(({ id }: AttemptEvent) => id));
  const edges = ofType(history, 'edge').filter(({ id }: EdgeEvent) => id !== undefined && ours.has(id));
  const changes = edges.flatMap(({ start, t }) => [[start, 1] as const, [t, -1] as const]);
  // What ends and what begins in the same moment do not overlap.
  changes.sort(([a, up], [b, down]) => a - b || up - down);
  let now = 0;
  let most = 0;
  for (const [, change] of changes) {
    now += change;
    most = Math.max(most, now);
  }
  return most;
}

const real = realHarness();

describe.concurrent.each(clientNames)('through %s', (client) => {
  it.concurrent('one connection serializes the parts of a block, and they wait for it', async () => {
    const result = await real.runNamed('one-connection', client);
    expect(result.asExpected, because(result)).toBe(true);
    const history = await real.history(result);
    expect(mostAtOnce(history)).toBe(1);
    const attempts = ofType(history, 'attempt');
    expect(new Set(attempts.map(({ connection }) => connection)).size).toBe(1);
    const parts = attempts.filter(({ operation }) => operation === 'UploadPart');
    expect(parts.length).toBeGreaterThanOrEqual(25);
    // Of four parts in flight, three wait for the connection, for as long as 5 MiB take at least.
    expect(parts.filter(({ phases }) => (phases.socket ?? 0) >= 5).length).toBeGreaterThanOrEqual(15);
  });

  it.concurrent('without the limit the parts of a block go up at the same time', async () => {
    const result = await real.runNamed('one-connection', client, { set: ['policy.maxConnections=0'] });
    expect(result.asExpected, because(result)).toBe(true);
    expect(mostAtOnce(await real.history(result))).toBeGreaterThanOrEqual(3);
  });

  it.concurrent('parts in flight and flushes at the same time are as many as they are set to', async () => {
    const set = ['policy.maxConnections=0', 'policy.partsInFlight=1', 'ingester.concurrent_flushes=1'];
    const result = await real.runNamed('one-connection', client, { set });
    expect(result.asExpected, because(result)).toBe(true);
    expect(mostAtOnce(await real.history(result))).toBe(1);
  });

  it.concurrent('without keep-alive each request has a connection and a look-up of its own', async () => {
    const result = await real.runNamed('healthy', client, { set: ['policy.keepAlive=false'] });
    expect(result.asExpected, because(result)).toBe(true);
    const attempts = ofType(await real.history(result), 'attempt');
    expect(attempts.length).toBeGreaterThanOrEqual(16);
    expect(new Set(attempts.map(({ connection }) => connection)).size).toBe(attempts.length);
    for (const { phases, reused } of attempts) expect([phases.dns === undefined, reused]).toEqual([false, false]);
  });

  it.concurrent('the search list of Kubernetes multiplies the queries, and what each of them waits for', async () => {
    const result = await real.runNamed('kubernetes-dns', client);
    expect(result.asExpected, because(result)).toBe(true);
    const history = await real.history(result);
    const queries = ofType(history, 'dns.query').filter(({ question }: DnsQueryEvent) => question === 'A');
    const suffixes = ['tempo.svc.cluster.local', 'svc.cluster.local', 'cluster.local'];
    const of = (suffix: string | undefined) =>
      queries.filter(({ name, asked }) => asked === (suffix === undefined ? undefined : `${name}.${suffix}`)).length;
    // The harness's own probes ask for the name as it is.
    const probes = ofType(history, 'probe').reduce((sum, { samples }) => sum + samples.length, 0);
    const lookUps = of(suffixes[0]);
    expect(lookUps).toBeGreaterThan(5);
    expect(suffixes.map(of)).toEqual([lookUps, lookUps, lookUps]);
    expect(of(undefined)).toBeGreaterThanOrEqual(lookUps);
    expect(of(undefined)).toBeLessThanOrEqual(lookUps + probes);
    const fired = result.findings.find(({ checker }) => checker === 'fault-fired');
    expect(fired?.message).toMatch(/with up to 8 queries for one/);
    // Four answers, each a second late, 50 ms under compression.
    const slow = ofType(history, 'attempt').filter(({ phases }) => (phases.dns ?? 0) >= 4 * 50 * 0.9);
    expect(slow.length).toBeGreaterThan(5);
  });

  it.concurrent('without the search list the same fault costs each look-up one answer', async () => {
    const result = await real.runNamed('kubernetes-dns', client, { set: ['policy.dnsSearch=none'] });
    expect(result.asExpected, because(result)).toBe(true);
    const history = await real.history(result);
    expect(ofType(history, 'dns.query').filter(({ asked }) => asked !== undefined)).toEqual([]);
    const fired = result.findings.find(({ checker }) => checker === 'fault-fired');
    expect(fired?.message).not.toContain('queries for one');
  });

  it.concurrent("with Node's resolver SERVFAIL is told at once, where Go's asks again", async () => {
    // Its first timeout is not under 250 ms, whatever the compression.
    const node = await real.runNamed('dns-down', client, { set: ['policy.resolver=node', 'policy.nodeDnsTimeout=5s'] });
    const go = await real.runNamed('dns-down', client);
    const seen = async (result: typeof go) => {
      expect(result.asExpected, because(result)).toBe(true);
      const history = await real.history(result);
      const failed = ofType(history, 'attempt').filter(({ failure }) => failure === 'dns');
      const queries = ofType(history, 'dns.query').filter(({ answer }) => answer === 'SERVFAIL');
      expect(failed.length).toBeGreaterThan(0);
      return { perFailure: queries.length / failed.length, messages: failed.map(({ message }) => message) };
    };
    const [ofNode, ofGo] = [await seen(node), await seen(go)];
    for (const message of ofNode.messages) expect(message).toMatch(/queryA ESERVFAIL/);
    for (const message of ofGo.messages) expect(message).toMatch(/server misbehaving$/);
    // Attempts that fail at the same time share a look-up of Go's, and have each their own of Node's.
    expect(ofNode.perFailure).toBe(2);
    expect(ofGo.perFailure).toBeGreaterThan(2);
  });

  it.concurrent('a cache of names holds on to a wrong address until its time to live is over', async () => {
    const result = await real.runNamed('dns-stale-3', client);
    expect(result.asExpected, because(result)).toBe(true);
    const history = await real.history(result);
    const [healed] = ofType(history, 'fault.end');
    const attempts = ofType(history, 'attempt').filter(({ start }) => start > (healed?.t ?? 0));
    const refused = attempts.filter(({ failure, phases }) => failure === 'connect' && phases.dns !== undefined);
    expect(refused.length).toBeGreaterThan(0);
    // Two minutes, 3 s under compression, from when it was learnt: in the half minute before the heal.
    const last = Math.max(...refused.map(({ start }) => start - (healed?.t ?? 0)));
    expect(last).toBeLessThan(3000);
    expect(attempts.at(-1)?.outcome).toBe('ok');

    const uncached = await real.runNamed('dns-stale-3', client, { set: ['policy.dnsCache=false'] });
    expect(uncached.asExpected, because(uncached)).toBe(true);
    const events = await real.history(uncached);
    const [over] = ofType(events, 'fault.end');
    const late = ofType(events, 'attempt').filter(({ start }) => start > (over?.t ?? 0));
    expect(late.filter(({ failure }) => failure === 'connect')).toEqual([]);
  });
});
