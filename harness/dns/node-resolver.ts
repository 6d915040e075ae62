/**
 * The resolver of Node (`dns.resolve4` and `dns.resolve6`, which are c-ares): no search list, and no second server after an answer,
 * whatever it says (SERVFAIL and REFUSED are told at once, where Go's asks again). Silence is waited for four times, twice as
 * long each time, less a random half of it at most.
 *
 * Each look-up has a channel of its own. Node's usual one remembers how fast its servers answered, and waits accordingly; and what
 * is cancelled on it is cancelled for all.
 */
import { Resolver as NodeResolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { addressOf, type DnsServerAddress } from './exchange.ts';
import { DnsError, type DnsErrorKind, type Found, type TellingResolver } from './resolver.ts';

export interface NodeResolverOptions {
  servers: readonly [DnsServerAddress, ...DnsServerAddress[]];
  /** For the first try, in milliseconds of the machine's clock: 250 at least is waited, whatever is given (c-ares: MIN_TIMEOUT_MS). */
  timeoutMs: number;
  /** How often every server is asked. */
  attempts: number;
}

export function nodeResolver({ servers, timeoutMs, attempts }: NodeResolverOptions): TellingResolver {
  const addresses = servers.map(addressOf);

  async function find(name: string, signal: AbortSignal): Promise<Found> {
    signal.throwIfAborted();
    if (isIP(name) !== 0) return { addresses: [name], ttlSeconds: 0 };
    const channel = new NodeResolver({ timeout: Math.round(timeoutMs), tries: attempts });
    channel.setServers(addresses);
    const onAbort = () => channel.cancel();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const [a, aaaa] = await Promise.allSettled([
        channel.resolve4(name, { ttl: true }),
        channel.resolve6(name, { ttl: true }),
      ]);
      signal.throwIfAborted();
      const records = [a, aaaa].flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
      if (records.length > 0) {
        return {
          addresses: records.map(({ address }) => address),
          ttlSeconds: Math.min(...records.map(({ ttl }) => ttl)),
        };
      }
      throw a.status === 'rejected' ? failure(name, addresses, a.reason) : failure(name, addresses);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  return { find, resolve: async (name, signal) => (await find(name, signal)).addresses };
}

const kinds: Record<string, DnsErrorKind> = {
  ENOTFOUND: 'no-such-host',
  ENODATA: 'no-such-host',
  EBADNAME: 'no-such-host',
  ETIMEOUT: 'timeout',
  ECONNREFUSED: 'network',
};

function failure(name: string, servers: readonly string[], error?: NodeJS.ErrnoException): DnsError {
  const code = error?.code ?? 'ENODATA';
  const kind = kinds[code] ?? 'server-misbehaving';
  const temporary = ['ETIMEOUT', 'ECONNREFUSED', 'ESERVFAIL'].includes(code);
  return new DnsError(kind, name, servers.at(-1) ?? '', error?.message ?? `queryA ${code} ${name}`, temporary);
}
