/** How an S3 client turns the name of its endpoint into addresses. */

export interface Resolver {
  /**
   * The addresses of `name`, IPv4 and IPv6. An IP address is returned as it is.
   * @throws DnsError when it has none, or nobody could tell; the signal's reason as soon as `signal` is aborted.
   */
  resolve(name: string, signal: AbortSignal): Promise<string[]>;
}

/** What a look-up found. */
export interface Found {
  /** IPv4 and IPv6. */
  addresses: string[];
  /** How long they may be kept: the shortest time to live of the records that they come from. */
  ttlSeconds: number;
}

/** A resolver that tells how long its answer may be kept. */
export interface TellingResolver extends Resolver {
  /** @throws as `resolve` does. */
  find(name: string, signal: AbortSignal): Promise<Found>;
}

/**
 * What went wrong:
 * - `no-such-host`: the name does not exist, or has no address;
 * - `server-misbehaving`: the servers answered, but with an error (SERVFAIL, REFUSED, ...) or with nonsense;
 * - `timeout`: no server answered in time;
 * - `network`: no server could be asked, or the connection ended before its answer (nothing listens there, say).
 */
export type DnsErrorKind = 'no-such-host' | 'server-misbehaving' | 'timeout' | 'network';

/** A name that was not resolved, worded as Go words it: `lookup s3.test on 127.0.0.1:53: no such host`. */
export class DnsError extends Error {
  override readonly name = 'DnsError';
  constructor(
    readonly kind: DnsErrorKind,
    /** The name as the caller gave it, without a suffix of the search list. */
    readonly hostname: string,
    /** The server asked last, as `host:port`; empty when none was asked. */
    readonly server: string,
    /** What Go says after the colon. */
    readonly reason: string,
    /** Go's `Temporary()`: the same look-up may do better later. */
    readonly temporary: boolean,
  ) {
    super(`lookup ${hostname}${server && ` on ${server}`}: ${reason}`);
  }
}
