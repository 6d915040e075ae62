import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import type { HistoryEvent } from '../history/events.ts';
import { HarnessProcess } from '../process/child.ts';
import { ControlClient } from '../process/control-client.ts';
import { type Dns, startDns } from './dns.ts';
import { goResolver } from './go-resolver.ts';
import { type DnsReady, dnsTokenVariable } from './protocol.ts';
import type { Resolver } from './resolver.ts';

let folder: string;
let dns: Dns;
let resolver: Resolver;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dns-test-'));
  dns = await startDns();
  resolver = goResolver({ servers: [dns], clock: realClock });
});
afterAll(async () => {
  await dns?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function request(address = '127.0.0.1') {
  const name = `lease-${++count}.s3.chaos.test`;
  return { name, addresses: [address], ttlSeconds: 1, historyFile: join(folder, `${name}.ndjson`) };
}

function resolve(name: string): Promise<string[]> {
  return resolver.resolve(name, new AbortController().signal);
}

async function eventsIn(file: string): Promise<HistoryEvent[]> {
  const text = await readFile(file, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as HistoryEvent);
}

describe('a name', () => {
  it('resolves from when it is added until it is removed, and its history part is whole then', async () => {
    const asked = request('127.0.0.5');
    await expect(resolve(asked.name)).rejects.toThrow('no such host');
    const name = await dns.addName(asked);
    expect(name.name).toBe(asked.name);
    for (let time = 0; time < 50; time++) expect(await resolve(asked.name)).toEqual(['127.0.0.5']);
    await name.remove();
    const queries = (await eventsIn(asked.historyFile)).filter((event) => event.type === 'dns.query');
    expect(queries).toHaveLength(100);
    expect(queries[0]).toMatchObject({ name: asked.name, transport: 'udp', answer: 'NOERROR' });
    await expect(resolve(asked.name)).rejects.toThrow('no such host');
  });

  it('fails and heals, with evidence, and its neighbour does not notice', async () => {
    const [first, second] = [request(), request()];
    const name = await dns.addName(first);
    const neighbour = await dns.addName(second);
    await name.fail({ rule: '1-dns', mode: 'servfail' });
    await expect(resolve(first.name)).rejects.toThrow('server misbehaving');
    expect(await resolve(second.name)).toEqual(['127.0.0.1']);
    expect(await name.inForce()).toEqual(['1-dns']);
    expect(await neighbour.inForce()).toEqual([]);
    expect(await name.evidence()).toEqual({ fired: 4, considered: 4 });
    expect(await name.heal()).toEqual({ fired: 4, considered: 4 });
    expect(await name.inForce()).toEqual([]);
    expect(await resolve(first.name)).toEqual(['127.0.0.1']);
    await Promise.all([name.remove(), neighbour.remove()]);

    const decided = async (file: string) =>
      (await eventsIn(file)).flatMap((event) => (event.type === 'dns.query' ? [`${event.answer} ${event.rule}`] : []));
    expect(await decided(first.historyFile)).toEqual([
      ...Array(4).fill('SERVFAIL 1-dns'),
      ...Array(2).fill('NOERROR undefined'),
    ]);
    expect(await decided(second.historyFile)).toEqual(Array(2).fill('NOERROR undefined'));
  });

  it('has the lateness of the process in its history part', async () => {
    const asked = request();
    const name = await dns.addName(asked);
    await realClock.sleep(1200);
    await name.remove();
    const lateness = (await eventsIn(asked.historyFile)).filter((event) => event.type === 'lateness');
    expect(lateness.length).toBeGreaterThan(0);
    expect(lateness[0]).toMatchObject({ process: 'dns' });
  });

  it('tells on its removal that its history could not be written', async () => {
    const asked = { ...request(), historyFile: join(folder, 'not-there', 'dns.ndjson') };
    const name = await dns.addName(asked);
    await resolve(asked.name);
    await expect(name.remove()).rejects.toThrow(/cannot write .*not-there/);
    await expect(resolve(asked.name)).rejects.toThrow('no such host');
  });
});

describe('a request that cannot be met', () => {
  it.each([
    [{ name: 's3.example.com' }, 'name: a name has to end with .s3.chaos.test'],
    [{ name: 'a b.s3.chaos.test' }, 'name: not a DNS name'],
    [{ name: `${'a'.repeat(64)}.s3.chaos.test` }, 'name: not a DNS name'],
    [{ addresses: [] }, 'addresses: '],
    [{ addresses: ['127.0.0.1', '::1'] }, 'addresses.1: '],
    [{ ttlSeconds: -1 }, 'ttlSeconds: '],
    [{ colour: 'blue' }, 'colour'],
  ])('is refused: %j', async (change, message) => {
    await expect(dns.addName({ ...request(), ...change })).rejects.toThrow(`POST /names: 400: POST /names: `);
    await expect(dns.addName({ ...request(), ...change })).rejects.toThrow(message);
  });

  it.each([
    [{ mode: 'flaky' }, 'mode: '],
    [{ mode: 'servfail', rule: '' }, 'rule: '],
    [{ mode: 'servfail', delayMs: 3 }, 'delayMs'],
    [{ mode: 'slow' }, 'delayMs: '],
    [{ mode: 'slow', delayMs: 0 }, 'delayMs: '],
    [{ mode: 'slow', delayMs: 1e9 }, 'delayMs: '],
    [{ mode: 'truncated' }, 'tcp: '],
    [{ mode: 'stale', addresses: [], ttlSeconds: 1 }, 'addresses: '],
    [{ mode: 'stale', addresses: ['one'], ttlSeconds: 1 }, 'addresses.0: '],
    [{ mode: 'stale', addresses: ['127.0.0.1'], ttlSeconds: 1.5 }, 'ttlSeconds: '],
    [{ mode: 'silent', sometimes: { seed: 1, probability: 1.5 } }, 'sometimes.probability: '],
    [{ mode: 'silent', sometimes: { probability: 0.5 } }, 'sometimes.seed: '],
  ])('is refused for a fault such as %j', async (fault, message) => {
    const name = await dns.addName(request());
    await expect(name.fail({ rule: 'r', ...fault } as never)).rejects.toThrow(message);
    expect(await name.inForce()).toEqual([]);
    await name.remove();
  });

  it.each([
    { mode: 'slow', delayMs: 0.5 },
    { mode: 'truncated', tcp: 'silent' },
    { mode: 'stale', addresses: ['127.0.0.2', '127.0.0.3'], ttlSeconds: 0 },
    { mode: 'refused', sometimes: { seed: 1, probability: 1 } },
  ] as const)('is met for a fault such as %j', async (fault) => {
    const name = await dns.addName(request());
    await name.fail({ rule: 'r', ...fault } as never);
    expect(await name.heal()).toEqual({ fired: 0, considered: 0 });
    await name.remove();
  });

  it('is refused for what is there twice, or not at all', async () => {
    const asked = request();
    const name = await dns.addName(asked);
    await expect(dns.addName({ ...request(), name: asked.name.toUpperCase() })).rejects.toThrow(/400|409/);
    await expect(dns.addName(asked)).rejects.toThrow('409');
    await expect(name.heal()).rejects.toThrow('404');
    await expect(name.evidence()).rejects.toThrow('404');
    await name.fail({ rule: 'r', mode: 'silent' });
    await expect(name.fail({ rule: 'q', mode: 'silent' })).rejects.toThrow('heal that one first');
    await name.remove();
    await expect(name.remove()).rejects.toThrow('404');
    await expect(name.fail({ rule: 'r', mode: 'silent' })).rejects.toThrow('404');
  });
});

describe('the process', () => {
  it('takes no orders without the token of the run', async () => {
    const { process, ready } = await HarnessProcess.start<never, DnsReady>('dns', { [dnsTokenVariable]: 'right' });
    await using _ = process;
    const stranger = new ControlClient('stranger', ready.controlPort, 'wrong');
    await expect(stranger.call('POST', '/names', request())).rejects.toThrow('401');
  });

  it('does not start without a token', async () => {
    await expect(HarnessProcess.start('dns', { [dnsTokenVariable]: '' })).rejects.toThrow(
      `${dnsTokenVariable} is not set`,
    );
  });

  it('writes out the parts of the names that are left when it is ended', async () => {
    const asked = request();
    const own = await startDns();
    await own.addName(asked);
    const itsResolver = goResolver({ servers: [own], clock: realClock });
    await itsResolver.resolve(asked.name, new AbortController().signal);
    await own[Symbol.asyncDispose]();
    expect((await eventsIn(asked.historyFile)).filter(({ type }) => type === 'dns.query')).toHaveLength(2);
    expect(await Promise.race([own.died, realClock.sleep(50)])).toBeUndefined();
  });

  it('says so when it dies, and what is asked of it then fails', async () => {
    await using own = await startDns();
    process.kill(own.pid, 'SIGKILL');
    expect(await own.died).toBe('the DNS process ended (SIGKILL)');
    await expect(own.addName(request())).rejects.toThrow('DNS process: POST /names: ');
  });
});
