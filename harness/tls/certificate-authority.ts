/** A certificate authority made for one run: nobody outside trusts it, and it signs whatever a scenario wants to be shown. */
import type { ServerCertificate } from '../gateway/protocol.ts';

export interface CertificateAuthority {
  /** Its own certificate, PEM: what a client has to trust. */
  readonly certificate: string;
  /** A certificate for these DNS names and IP addresses, in force unless told otherwise. */
  issue(names: readonly string[], flaw?: CertificateFlaw): Promise<ServerCertificate>;
}

/** `expired`: a day ago. `untrusted`: signed by an authority that nobody knows. */
export type CertificateFlaw = 'expired' | 'untrusted';

/** @param now when the certificates come into force: they are good for 30 days. */
export async function createAuthority(now: Date): Promise<CertificateAuthority> {
  // Most runs speak no TLS, and do without what takes a tenth of a second to load.
  return (await import('./signing.ts')).createAuthority(now);
}

/** What a path's certificate is for: its name, its buckets' names, and the addresses of loopback that lead to it. */
export function namesOf(domain: string): string[] {
  return [domain, `*.${domain}`, 'localhost', '127.0.0.1'];
}
