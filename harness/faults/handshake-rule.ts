/** Faults of TLS handshakes: a rule on the path's route, and an end to the connections that are open, which would never notice. */
import type { Lease } from '../environment/lease.ts';
import type { WireRule } from '../gateway/protocol.ts';
import type { ActiveFault } from './fault.ts';
import { injectRule } from './gateway-rule.ts';
import { takeBack } from './half-injected.ts';

/** The gateway names on one handshake all that act on it, but holds it for one of them, and shows one certificate. */
export const pathsHandshakes = "the path's TLS handshakes";

/** For the pages of these faults. */
export const aboutHandshakes =
  'TLS ends at the gateway, so the path has to speak it (`insecure: false`). A handshake is made for a new connection alone, and a pool ' +
  'may not open one for hours. So the open connections are ended when the fault begins (Toxiproxy closes them), unless ' +
  '`connections: keep` leaves them: then a pool that keeps its connections notices nothing, and the fault is inconclusive, which says so.';

/** @throws Error when the path is plain HTTP, or the rule is refused. */
export async function injectHandshakeRule(
  lease: Pick<Lease, 'edge' | 'proxy'>,
  rule: WireRule,
  connections: 'end' | 'keep',
): Promise<ActiveFault> {
  const active = await injectRule(lease, rule, 'handshakes');
  if (connections === 'end') await lease.proxy.endConnections().catch((error) => takeBack(error, () => active.heal()));
  return active;
}
