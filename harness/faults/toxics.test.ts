import { expect, it } from 'vitest';
import type { Lease } from '../environment/lease.ts';
import type { Toxic } from '../environment/proxy.ts';
import { faultNamed } from './catalogue.ts';

async function toxicsOf(name: string, parameters: unknown): Promise<Omit<Toxic, 'name'>[]> {
  const toxics = new Map<string, Omit<Toxic, 'name'>>();
  const proxy = {
    addToxic: async ({ name, ...toxic }: Toxic) => void toxics.set(name, toxic),
    removeToxic: async (name: string) => void toxics.delete(name),
  };
  const fault = faultNamed(name);
  const active = await fault.inject({
    lease: { proxy } as unknown as Lease,
    parameters: fault.parameters.parse(parameters),
    id: '1-fault',
    seed: 42,
  });
  const put = [...toxics.values()];
  // Toxiproxy counts nothing while a connection is open.
  expect(await active.heal()).toEqual({ fired: null, unit: 'requests' });
  expect([...toxics.keys()]).toEqual([]);
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
