/** Faults on the DNS name of a lease: how each is put on and healed, and the parameters that they share. */
import { z } from 'zod';
import type { DnsFault, DnsFaultEvidence } from '../dns/protocol.ts';
import type { Lease } from '../environment/lease.ts';
import type { Neighbour } from '../environment/neighbours.ts';
import type { ActiveFault, Evidence } from './fault.ts';
import { takeBack } from './half-injected.ts';

/** The DNS server holds one fault for each name: which of two had decided an answer would be guesswork. */
export const answerForName = "the answer to the path's DNS name";

/** What becomes of the connections that are open when the fault begins. */
export const openConnections = () =>
  z
    .enum(['end', 'keep'])
    .default('end')
    .describe('end: the open connections are ended when it begins; keep: pooled clients may never notice');

/** For the pages of these faults. */
export const aboutOpenConnections =
  'A client asks for a name only when it opens a connection, and one with a pool may not for hours. So the open connections are ended ' +
  'when the fault begins (Toxiproxy closes them), unless `connections: keep` leaves them: then a pool that keeps its connections ' +
  'notices nothing, and the fault is inconclusive, which says how many connections there were.';

export interface NameFault {
  lease: Lease;
  fault: DnsFault;
  connections: 'end' | 'keep';
  /** Where the name leads to meanwhile. Closed when the fault is over. */
  neighbour?: Neighbour;
}

/** Puts the fault on the lease's name, and then ends the open connections: who looks the name up anew meets it. */
export async function failName({ lease, fault, connections, neighbour }: NameFault): Promise<ActiveFault> {
  /** The name first: who is cut off from the neighbour looks it up again. */
  const undo = async () => {
    try {
      return await lease.dns.heal();
    } finally {
      await neighbour?.close();
    }
  };
  try {
    await lease.dns.fail(fault);
  } catch (error) {
    return takeBack(error, async () => neighbour?.close());
  }
  if (connections === 'end') {
    await lease.proxy.endConnections().catch((error) => takeBack(error, undo));
  }
  const told = ({ fired, considered }: DnsFaultEvidence, visitors: number | null | undefined): Evidence => ({
    fired,
    unit: 'queries',
    measured: {
      considered,
      ...(neighbour && { address: neighbour.address }),
      ...(typeof visitors === 'number' && { connections: visitors }),
    },
  });
  return {
    evidence: async () => told(await lease.dns.evidence(), await neighbour?.connections()),
    async heal() {
      // Counted before it is closed; a neighbour that cannot tell keeps nothing in force.
      const visitors = await neighbour?.connections().catch(() => null);
      return told(await undo(), visitors);
    },
  };
}
