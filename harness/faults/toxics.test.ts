import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../clock.ts';
import type { Lease } from '../environment/lease.ts';
import type { LeaseProxy, Toxic } from '../environment/proxy.ts';
import { faultNamed } from './catalogue.ts';
import type { Injection } from './fault.ts';
import { HalfInjectedError } from './half-injected.ts';
import { injectToxics } from './toxics.ts';

/** A proxy that keeps what is put on it, and tells what was asked. */
function fakeProxy(refuses: (what: string) => boolean = () => false) {
  const toxics = new Map<string, Omit<Toxic, 'name'>>();
  const asked: string[] = [];
  const ask = (what: string) => {
    asked.push(what);
    if (refuses(what)) throw new Error(`${what}: refused`);
  };
  const proxy = {
    addToxic: async ({ name, ...toxic }: Toxic) => {
      ask(`add ${name}`);
      toxics.set(name, toxic);
    },
    removeToxic: async (name: string) => {
      ask(`remove ${name}`);
      toxics.delete(name);
    },
    endConnections: async () => ask('end connections'),
  } as unknown as LeaseProxy;
  return { proxy, toxics, asked };
}

async function injected(name: string, given: unknown, { proxy }: { proxy: LeaseProxy }) {
  const fault = faultNamed(name);
  const parameters = fault.parameters.parse(given);
  return fault.inject({
    lease: { proxy } as Lease,
    parameters,
    id: '1-fault',
    seed: 42,
    clock: new VirtualClock(),
    record: () => {},
  } as Injection<unknown>);
}

async function toxicsOf(name: string, given: unknown): Promise<Omit<Toxic, 'name'>[]> {
  const fake = fakeProxy();
  const active = await injected(name, given, fake);
  const put = [...fake.toxics.values()];
  // Toxiproxy counts nothing while a connection is open.
  expect(await active.evidence()).toEqual({ fired: null, unit: 'requests' });
  expect([...fake.toxics.values()]).toEqual(put);
  expect(await active.heal()).toEqual({ fired: null, unit: 'requests' });
  expect([...fake.toxics.keys()]).toEqual([]);
  return put;
}

it('latency delays answers, unless told otherwise, in whole milliseconds', async () => {
  const toxic = { type: 'latency', attributes: { latency: 501, jitter: 100 } };
  expect(await toxicsOf('latency', { latency: '500.6ms', jitter: '100ms' })).toEqual([
    { ...toxic, stream: 'downstream' },
  ]);
  expect(await toxicsOf('latency', { latency: '500.6ms', jitter: '100ms', direction: 'both' })).toEqual([
    { ...toxic, stream: 'upstream' },
    { ...toxic, stream: 'downstream' },
  ]);
});

it("bandwidth caps requests, in Toxiproxy's unit of 1000 bytes per second, and never at 0, which would stall", async () => {
  const toxic = { type: 'bandwidth', attributes: { rate: 1049 } };
  expect(await toxicsOf('bandwidth', { rate: '1MiB/s' })).toEqual([{ ...toxic, stream: 'upstream' }]);
  expect(await toxicsOf('bandwidth', { rate: '1MiB/s', direction: 'both' })).toHaveLength(2);
  expect((await toxicsOf('bandwidth', { rate: '300B/s' }))[0]?.attributes).toEqual({ rate: 1 });
});

it('stall swallows bytes, without a time after which it would end them, or holds them', async () => {
  const swallowed = { type: 'timeout', attributes: { timeout: 0 } };
  expect(await toxicsOf('stall', {})).toEqual([{ ...swallowed, stream: 'upstream' }]);
  expect(await toxicsOf('stall', { direction: 'downstream' })).toEqual([{ ...swallowed, stream: 'downstream' }]);
  const held = { type: 'bandwidth', attributes: { rate: 0 } };
  expect(await toxicsOf('stall', { direction: 'both', bytes: 'held' })).toEqual([
    { ...held, stream: 'upstream' },
    { ...held, stream: 'downstream' },
  ]);
});

it('slow-close delays the end towards S3', async () => {
  expect(await toxicsOf('slow-close', { delay: '2.5s' })).toEqual([
    { type: 'slow_close', stream: 'upstream', attributes: { delay: 2500 } },
  ]);
});

it('slicer cuts requests, with pauses in microseconds, as Toxiproxy has them', async () => {
  expect(await toxicsOf('slicer', { size: '1KiB', delay: '2.5ms' })).toEqual([
    { type: 'slicer', stream: 'upstream', attributes: { average_size: 1024, size_variation: 0, delay: 2500 } },
  ]);
});

it('cut-after limits requests, unless told otherwise', async () => {
  const toxic = { type: 'limit_data', attributes: { bytes: 1_000_000 } };
  expect(await toxicsOf('cut-after', { bytes: '1MB' })).toEqual([{ ...toxic, stream: 'upstream' }]);
  expect(await toxicsOf('cut-after', { bytes: '1MB', direction: 'downstream' })).toEqual([
    { ...toxic, stream: 'downstream' },
  ]);
});

describe('connection-reset', () => {
  it('puts the toxic first, and then ends what was open, which it could not reset', async () => {
    const fake = fakeProxy();
    const active = await injected('connection-reset', { after: '1.5ms' }, fake);
    expect(fake.asked).toEqual(['add 1-fault-upstream', 'end connections']);
    expect([...fake.toxics.values()]).toEqual([{ type: 'reset_peer', stream: 'upstream', attributes: { timeout: 2 } }]);
    await active.heal();
    expect([...fake.toxics.keys()]).toEqual([]);
  });

  it('is taken back when the open connections cannot be ended', async () => {
    const fake = fakeProxy((what) => what === 'end connections');
    await expect(injected('connection-reset', {}, fake)).rejects.toThrow('end connections: refused');
    expect([...fake.toxics.keys()]).toEqual([]);
  });
});

describe('two toxics', () => {
  const inject = (fake: ReturnType<typeof fakeProxy>) =>
    injectToxics({ proxy: fake.proxy }, '1-fault', 'both', 'latency', { latency: 1, jitter: 0 });

  it('of which one cannot be put: the other is taken back', async () => {
    const fake = fakeProxy((what) => what === 'add 1-fault-downstream');
    await expect(inject(fake)).rejects.toThrow('add 1-fault-downstream: refused');
    expect([...fake.toxics.keys()]).toEqual([]);
  });

  it('of which one cannot be put, nor the other taken back: that is told', async () => {
    const fake = fakeProxy((what) => what === 'add 1-fault-downstream' || what.startsWith('remove'));
    await expect(inject(fake)).rejects.toThrow(HalfInjectedError);
  });

  it('of which one cannot be removed: the other is, and the failure is told', async () => {
    const fake = fakeProxy((what) => what === 'remove 1-fault-upstream');
    const active = await inject(fake);
    await expect(active.heal()).rejects.toThrow('remove 1-fault-upstream: refused');
    expect([...fake.toxics.keys()]).toEqual(['1-fault-upstream']);
  });
});
