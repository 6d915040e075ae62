/**
 * What the harness and the DNS process say to each other. The process sends `DnsReady` over IPC when it is up; then, over its
 * control API:
 *
 *   POST   /names             NameRequest -> {}          from the answer on, the name resolves
 *   DELETE /names/:name       -> {}                      forgets it; its history part is whole then
 *   PUT    /names/:name/fault DnsFault -> {}             from the answer on, queries for it are treated so
 *   GET    /names/:name/fault -> DnsFaultEvidence
 *   DELETE /names/:name/fault -> DnsFaultEvidence        heals it
 */

export const dnsTokenVariable = 'TEMPO_S3_CHAOS_TOKEN';

/** Every name that the harness gives out ends so (RFC 6761 keeps `.test` out of the real DNS). */
export const dnsZone = 's3.chaos.test';

export interface DnsReady {
  controlPort: number;
  /** Where it answers, over UDP and TCP alike: 127.0.0.1 and one port. */
  host: string;
  port: number;
}

export interface NameRequest {
  name: string;
  /** A records. */
  addresses: string[];
  ttlSeconds: number;
  /** The process appends its dns.query events here. */
  historyFile: string;
}

/** How queries for a name are answered: SERVFAIL, NXDOMAIN, or not at all. */
export const dnsFaultModes = ['servfail', 'nxdomain', 'silent'] as const;

export interface DnsFault {
  rule: string;
  mode: (typeof dnsFaultModes)[number];
}

export interface DnsFaultEvidence {
  /** Queries that were answered so (or, silent, not answered). */
  fired: number;
}
