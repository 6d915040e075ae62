/** The rule `tls-handshake`: new connections wait for the server's first byte, for a time or for ever. */
import type { Clock } from '../clock.ts';
import { ControlError } from '../process/control-server.ts';
import type { HeldConnection } from './held-connection.ts';
import type { TlsHandshakeRule } from './protocol.ts';
import type { TlsEnd } from './tls-end.ts';
import type { InstalledWireRule } from './wire-rules.ts';

/**
 * Fired: the handshakes that were held back. Of those that still are when it is removed, the delayed ones go on at once, and the ones
 * that never would have are ended, as by a server that restarts.
 */
export function tlsHandshake({ rule, delayMs }: TlsHandshakeRule, tls: TlsEnd, clock: Clock): InstalledWireRule {
  if (delayMs !== undefined && !(Number.isFinite(delayMs) && delayMs >= 0)) {
    throw new ControlError(400, `rule ${rule}: delayMs is ${delayMs}: milliseconds from 0 on, or absent for ever`);
  }
  const held = new Set<HeldConnection>();
  const counted = { considered: 0, fired: 0 };
  const installed = {
    rule,
    evidence: counted,
    hold(connection: HeldConnection) {
      held.add(connection);
      const cancel = delayMs === undefined ? () => {} : clock.after(delayMs, () => connection.release());
      connection.whenOver(() => {
        cancel();
        held.delete(connection);
      });
    },
  };
  tls.rules.add(installed);
  return {
    evidence: () => ({ ...counted, measured: { held: held.size } }),
    remove() {
      tls.rules.delete(installed);
      for (const connection of held) {
        if (delayMs === undefined) connection.end(`held until rule ${rule} was removed`);
        else connection.release();
      }
      return this.evidence();
    },
  };
}
