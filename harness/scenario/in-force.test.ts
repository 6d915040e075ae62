import { expect, it } from 'vitest';
import type { Lease } from '../environment/lease.ts';
import { inForce } from './in-force.ts';

/** A lease on which these are in force, by the place that tells. */
function lease(told: { [place in 'rules' | 'toxics' | 'dns' | 'addresses' | 'server']?: string[] } = {}): Lease {
  return {
    edge: { rules: async () => told.rules ?? [] },
    proxy: { inForce: async () => told.toxics ?? [] },
    dns: { inForce: async () => told.dns ?? [] },
    neighbours: { open: () => told.addresses ?? [] },
    server: { inForce: () => told.server ?? [] },
  } as unknown as Lease;
}

it('asks every place where faults act, and names what is there with its place', async () => {
  const told = {
    rules: ['1-s3-error'],
    toxics: ['disabled'],
    dns: ['2-dns-slow'],
    addresses: ['dead'],
    server: ['paused'],
  };
  expect(await inForce(lease(told), { inForce: async () => ['killed'] })).toEqual([
    'gateway rule: 1-s3-error',
    'Toxiproxy: disabled',
    'DNS fault: 2-dns-slow',
    'address: dead',
    'server: paused',
    'writers: killed',
  ]);
});

it('finds nothing where nothing is, and does without a server of its own and without writers', async () => {
  expect(await inForce(lease())).toEqual([]);
  expect(await inForce({ ...lease(), server: undefined } as unknown as Lease)).toEqual([]);
});

it('takes a place that cannot be asked for one where something may be in force', async () => {
  const silent = lease({ dns: ['2-dns-slow'] });
  silent.proxy.inForce = () => Promise.reject(new Error('Toxiproxy does not answer'));
  expect(await inForce(silent)).toEqual([
    'Toxiproxy: cannot be asked: Toxiproxy does not answer',
    'DNS fault: 2-dns-slow',
  ]);
});
