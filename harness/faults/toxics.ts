/** Faults that Toxiproxy does: how its toxics are put on a lease's proxy, and taken off again. */
import type { Lease } from '../environment/lease.ts';
import type { Toxic } from '../environment/proxy.ts';
import type { ActiveFault, Evidence } from './fault.ts';
import { takeBack } from './half-injected.ts';

export type Direction = 'upstream' | 'downstream' | 'both';

/** For the pages of these faults. */
export const aboutToxics =
  'Toxiproxy does it, on the proxy that the path has there for itself; healing takes it off again, which like putting it on takes ' +
  'about 2 ms. Toxiproxy counts the bytes of a connection only when that ends, and nothing else, so the fault is counted by its effect.';

/**
 * Puts a toxic on the lease's proxy, one for each direction, named `<id>-<direction>`. Toxicity is always 1: Toxiproxy draws it once
 * for each connection, from a source of its own, which no seed reaches.
 *
 * Toxiproxy counts the bytes of a connection only when that ends, which a pooled one does not while a fault is in force. So what it
 * did is counted by its effect: a path that goes round Toxiproxy shows none.
 */
export async function injectToxics(
  lease: Pick<Lease, 'proxy'>,
  id: string,
  direction: Direction,
  type: Toxic['type'],
  attributes: Record<string, number>,
): Promise<ActiveFault> {
  const streams = direction === 'both' ? (['upstream', 'downstream'] as const) : ([direction] as const);
  const put: string[] = [];
  // One that cannot be removed does not keep the other one in force.
  const remove = async () => {
    const removed = await Promise.allSettled(put.map((name) => lease.proxy.removeToxic(name)));
    const failure = removed.find((one) => one.status === 'rejected');
    if (failure) throw failure.reason;
  };
  try {
    for (const stream of streams) {
      await lease.proxy.addToxic({ name: `${id}-${stream}`, type, stream, attributes });
      put.push(`${id}-${stream}`);
    }
  } catch (error) {
    return takeBack(error, remove);
  }
  const evidence = async (): Promise<Evidence> => ({ fired: null, unit: 'requests' });
  return {
    evidence,
    async heal() {
      await remove();
      return evidence();
    },
  };
}
