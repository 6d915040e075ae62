/** Faults that Toxiproxy does: how its toxics are put on a lease's proxy, and what it counts. */
import type { Lease } from '../environment/lease.ts';
import type { ActiveFault } from './fault.ts';
import { takeBack } from './half-injected.ts';

export type Direction = 'upstream' | 'downstream' | 'both';

/**
 * Puts a toxic on the lease's proxy, one for each direction. Toxicity is always 1: Toxiproxy draws it once for each connection,
 * from a source of its own, which no seed reaches.
 *
 * Toxiproxy counts the bytes of a connection only when that ends, which a pooled one does not while a fault is in force. So what it
 * did is counted by its effect: a path that goes round Toxiproxy shows none.
 */
export async function injectToxics(
  lease: Lease,
  id: string,
  direction: Direction,
  type: 'latency' | 'bandwidth',
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
  return {
    async heal() {
      await remove();
      return { fired: null, unit: 'requests' };
    },
  };
}
