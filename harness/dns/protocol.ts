/**
 * What the harness and the DNS process say to each other. The process sends `DnsReady` over IPC when it is up; then, over its
 * control API:
 *
 *   POST   /names             NameRequest -> {}          from the answer on, the name resolves
 *   DELETE /names/:name       -> {}                      forgets it; its history part is whole then
 *   PUT    /names/:name/fault DnsFault -> {}             from the answer on, queries for it are treated so; 409 if it has a fault
 *   GET    /names/:name/fault -> DnsFaultEvidence        so far; 404 without a fault
 *   DELETE /names/:name/fault -> DnsFaultEvidence        heals it; 404 without a fault
 *   GET    /names/:name/faults -> { rules: string[] }    the names of those in force: one, or none
 *
 * Queries for a name are those for the name itself, for every name one label below it, and for either with suffixes of a search list
 * behind it (`lease-1.s3.chaos.test.svc.cluster.local`), which do not exist: as a cluster's DNS would, the server says NXDOMAIN.
 */

export const dnsTokenVariable = 'TEMPO_S3_CHAOS_TOKEN';

/** Every name that the harness gives out ends so (RFC 6761 keeps `.test` out of the real DNS). */
export const dnsZone = 's3.chaos.test';

/** The name of a lease's endpoint. */
export function domainOf(lease: string): string {
  return `${lease}.${dnsZone}`;
}

/** Of virtual-host addressing: the host is the bucket's name below this. MinIO is told so (MINIO_DOMAIN). */
export const bucketZone = `buckets.${dnsZone}`;

export interface DnsReady {
  controlPort: number;
  /** Where it answers, over UDP and TCP alike: 127.0.0.1 and one port. */
  host: string;
  port: number;
}

export interface NameRequest {
  name: string;
  /** A records, of the name and of every name one label below it (`bucket.name`, for virtual-host addressing). */
  addresses: string[];
  ttlSeconds: number;
  /** The process appends its dns.query events here. */
  historyFile: string;
}

/** How queries for a name, and for those below it, are treated. */
export type DnsFault = {
  rule: string;
  /**
   * Absent: every query. Otherwise drawn by (seed, rule, name, record type, transport, how many times that was asked while the fault is
   * on). The name counts as it stands to the one that was given out, so that another lease's draws are the same.
   */
  sometimes?: { seed: number; probability: number };
} & (
  | { mode: 'servfail' }
  | { mode: 'nxdomain' }
  | { mode: 'refused' }
  /** NOERROR without a record. */
  | { mode: 'empty' }
  /** No answer at all. */
  | { mode: 'silent' }
  /** The right answer, later. */
  | { mode: 'slow'; delayMs: number }
  /** Over UDP an answer without records that says that it was truncated; over TCP the right one, or none (`tcp: silent`). */
  | { mode: 'truncated'; tcp: 'answers' | 'silent' }
  /** Another address: one that is out of date, or leads to the wrong S3; with a time to live of its own. */
  | { mode: 'stale'; addresses: string[]; ttlSeconds: number }
);

export interface DnsFaultEvidence {
  /** Queries that were treated so: answered otherwise than they would have been, later, or not at all. */
  fired: number;
  /** Queries for the name while the fault was on it. */
  considered: number;
}
