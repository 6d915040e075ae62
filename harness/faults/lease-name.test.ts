import { describe, expect, it } from 'vitest';
import type { DnsFault } from '../dns/protocol.ts';
import type { Lease } from '../environment/lease.ts';
import type { Neighbour } from '../environment/neighbours.ts';
import { HalfInjectedError } from './half-injected.ts';
import { failName } from './lease-name.ts';

/** A lease that remembers what is done with it, and fails where it is told to. */
function lease(...failing: string[]) {
  const done: string[] = [];
  const act = (what: string) => {
    done.push(what);
    if (failing.includes(what)) throw new Error(`${what} failed`);
  };
  const evidence = { fired: 3, considered: 5 };
  const parts = {
    dns: {
      fail: async ({ mode }: DnsFault) => act(mode),
      heal: async () => {
        act('heal');
        return evidence;
      },
      evidence: async () => evidence,
    },
    proxy: { endConnections: async () => act('end connections') },
  };
  const neighbour: Neighbour = {
    address: '127.99.1.2',
    connections: async () => 4,
    close: async () => act('close neighbour'),
  };
  return { done, neighbour, lease: parts as unknown as Lease };
}

const fault = { rule: 'r', mode: 'silent' } as const;

describe('a fault on a name', () => {
  it('comes before the open connections are ended, and is healed before the neighbour is closed', async () => {
    const { done, neighbour, lease: one } = lease();
    const active = await failName({ lease: one, fault, connections: 'end', neighbour });
    expect(done).toEqual(['silent', 'end connections']);
    const measured = { considered: 5, address: '127.99.1.2', connections: 4 };
    expect(await active.evidence()).toEqual({ fired: 3, unit: 'queries', measured });
    expect(await active.heal()).toEqual({ fired: 3, unit: 'queries', measured });
    expect(done.slice(2)).toEqual(['heal', 'close neighbour']);
  });

  it('leaves the open connections alone when it is told so', async () => {
    const { done, lease: one } = lease();
    const active = await failName({ lease: one, fault, connections: 'keep' });
    expect(await active.heal()).toEqual({ fired: 3, unit: 'queries', measured: { considered: 5 } });
    expect(done).toEqual(['silent', 'heal']);
  });

  it('is taken back whole when a step of it fails', async () => {
    const first = lease('silent');
    await expect(failName({ ...first, fault, connections: 'end' })).rejects.toThrow('silent failed');
    expect(first.done).toEqual(['silent', 'close neighbour']);

    const second = lease('end connections');
    await expect(failName({ ...second, fault, connections: 'end' })).rejects.toThrow('end connections failed');
    expect(second.done).toEqual(['silent', 'end connections', 'heal', 'close neighbour']);
  });

  it('that cannot be taken back says so', async () => {
    const third = lease('end connections', 'heal');
    await expect(failName({ ...third, fault, connections: 'end' })).rejects.toThrow(HalfInjectedError);
    expect(third.done.at(-1)).toBe('close neighbour');
  });

  it('fails to heal when the name, or the neighbour, does', async () => {
    for (const what of ['heal', 'close neighbour']) {
      const broken = lease(what);
      const active = await failName({ ...broken, fault, connections: 'keep' });
      await expect(active.heal()).rejects.toThrow(`${what} failed`);
      expect(broken.done).toContain('close neighbour');
    }
  });
});
