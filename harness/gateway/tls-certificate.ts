/** The rule `tls-certificate`: new connections are shown another certificate than the route's own. */
import type { SecureContext } from 'node:tls';
import { ControlError } from '../process/control-server.ts';
import type { TlsCertificateRule } from './protocol.ts';
import { secureContext, type TlsEnd } from './tls-end.ts';
import type { InstalledWireRule } from './wire-rules.ts';

/**
 * Fired: the handshakes in which it was shown. No session of before is resumed under it, which would spare the client the sight: a
 * context has ticket keys of its own.
 */
export function tlsCertificate({ rule, cert, key }: TlsCertificateRule, tls: TlsEnd): InstalledWireRule {
  let context: SecureContext;
  try {
    context = secureContext({ cert, key });
  } catch (error) {
    throw new ControlError(
      400,
      `rule ${rule}: cert and key are no certificate and its key, in PEM: ${(error as Error).message}`,
    );
  }
  const counted = { considered: 0, fired: 0 };
  const installed = { rule, context, evidence: counted };
  tls.rules.add(installed);
  return {
    evidence: () => ({ ...counted }),
    remove() {
      tls.rules.delete(installed);
      return { ...counted };
    },
  };
}
