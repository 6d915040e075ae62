/**
 * The resolver of Go (`goLookupIPCNAMEOrder` and `tryOneName` in its net/dnsclient_unix.go), which is Tempo's:
 *
 * 1. An IP address is its own answer; what cannot be a domain name is no such host. Neither is asked for.
 * 2. A name with fewer dots than `ndots` is tried below each suffix of the search list, then as it is; others the other way round.
 *    The first that has an address ends the look-up.
 * 3. For each of these, A and AAAA are asked at the same time, and both are waited for. One address is enough: what went wrong
 *    with the other type is forgotten.
 * 4. For each type, `attempts` times, every server in turn: an answer that says that there is no such name, or no such record,
 *    is believed at once. On anything else (SERVFAIL, silence, nothing listening) the next is asked.
 *
 * There is no cache. Look-ups of one name that overlap are one (shared-lookup.ts).
 */
import { isIP } from 'node:net';
import type { DecodedPacket } from 'dns-packet';
import type { Clock } from '../clock.ts';
import { addressOf, type DnsServerAddress, ExchangeError, exchange } from './exchange.ts';
import { DnsError, type Found, type TellingResolver } from './resolver.ts';
import { responseCodes } from './response-code.ts';
import { shareLookups } from './shared-lookup.ts';

export interface GoResolverOptions {
  servers: readonly DnsServerAddress[];
  clock: Clock;
  /** For one answer of one server. Go: 5000, from resolv.conf(5). */
  timeoutMs?: number;
  /** How often every server is asked. Go: 2. */
  attempts?: number;
  /** Go: 1. Kubernetes sets 5. */
  ndots?: number;
  /** Suffixes, without dots around them. Go: from resolv.conf; here none unless given. */
  search?: readonly string[];
}

type RecordType = 'A' | 'AAAA';

/** @throws Error when the options cannot be worked with: no server, or one that is not an IP address. */
export function goResolver(options: GoResolverOptions): TellingResolver {
  const { servers, clock, timeoutMs = 5000, attempts = 2, ndots = 1, search = [] } = options;
  const wrong = servers.find(({ host }) => isIP(host) === 0);
  if (wrong) throw new Error(`resolver: DNS server "${wrong.host}" is not an IP address: give its address`);
  if (servers.length === 0) throw new Error('resolver: no DNS server is given: give at least one');
  if (!(attempts >= 1)) throw new Error(`resolver: ${attempts} attempts ask nobody: give at least 1`);

  async function lookUp(name: string, signal: AbortSignal): Promise<Found> {
    let lastError: unknown;
    for (const candidate of candidates(name, ndots, search)) {
      const found: Partial<Record<RecordType, Found>> = {};
      await Promise.all(
        (['A', 'AAAA'] as const).map(async (type) => {
          try {
            found[type] = await lookUpOne(name, candidate, type, signal);
          } catch (error) {
            // Of several errors, the one about the name itself is the one to tell.
            if (lastError === undefined || candidate === withoutLastDot(name)) lastError = error;
          }
        }),
      );
      signal.throwIfAborted();
      const both = [found.A, found.AAAA].filter((each) => each !== undefined);
      if (both.length > 0) {
        return {
          addresses: both.flatMap(({ addresses }) => addresses),
          ttlSeconds: Math.min(...both.map(({ ttlSeconds }) => ttlSeconds)),
        };
      }
    }
    throw lastError;
  }

  async function lookUpOne(name: string, candidate: string, type: RecordType, signal: AbortSignal): Promise<Found> {
    let lastError: DnsError | undefined;
    for (let attempt = 1; attempt <= attempts; attempt++) {
      for (const server of servers) {
        try {
          return addressesIn(await exchange(server, candidate, type, { timeoutMs, clock, signal }), type);
        } catch (error) {
          if (!(error instanceof ExchangeError)) throw error;
          lastError = new DnsError(error.kind, name, addressOf(server), error.message, error.temporary);
          if (error.kind === 'no-such-host') throw lastError;
        }
      }
    }
    throw lastError;
  }

  const shared = shareLookups(lookUp);
  async function find(name: string, signal: AbortSignal): Promise<Found> {
    signal.throwIfAborted();
    if (isIP(name) !== 0) return { addresses: [name], ttlSeconds: 0 };
    if (!isDomainName(name)) throw new DnsError('no-such-host', name, '', 'no such host', false);
    const { addresses, ttlSeconds } = await shared(name, signal);
    // Who shares a look-up does not share its result.
    return { addresses: [...addresses], ttlSeconds };
  }
  return { find, resolve: async (name, signal) => (await find(name, signal)).addresses };
}

/** The names to ask for, in order, without a dot at the end. */
function candidates(name: string, ndots: number, search: readonly string[]): string[] {
  // A dot at the end says that the name is whole.
  if (name.endsWith('.')) return [withoutLastDot(name)];
  const suffixed = search.map((suffix) => `${name}.${suffix}`).filter((candidate) => candidate.length <= 253);
  const dots = name.split('.').length - 1;
  return dots >= ndots ? [name, ...suffixed] : [...suffixed, name];
}

function withoutLastDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name;
}

/** The addresses in an answer. @throws ExchangeError when it has none: Go's `checkHeader` and `skipToAnswer`. */
function addressesIn(answer: DecodedPacket, type: RecordType): Found {
  const records = answer.answers ?? [];
  const code = responseCode(answer);
  if (code === responseCodes.NXDOMAIN) throw new ExchangeError('no-such-host', 'no such host', false);
  if (code !== responseCodes.NOERROR) {
    throw new ExchangeError('server-misbehaving', 'server misbehaving', code === responseCodes.SERVFAIL);
  }
  const addresses = records.flatMap((record) => (record.type === type ? [record.data as string] : []));
  if (addresses.length > 0) {
    return { addresses, ttlSeconds: Math.min(...records.map((record) => ('ttl' in record && record.ttl) || 0)) };
  }
  // Neither an authority nor one who would ask one, and nothing to say: such a server cannot know that there is nothing.
  if (!answer.flag_aa && !answer.flag_ra && records.length === 0 && (answer.additionals ?? []).length === 0) {
    throw new ExchangeError('server-misbehaving', 'lame referral', false);
  }
  throw new ExchangeError('no-such-host', 'no such host', false);
}

function responseCode(answer: DecodedPacket): number {
  const low = (answer.flags ?? 0) & 0xf;
  const option = answer.additionals?.find((record) => record.type === 'OPT');
  return option ? (option.extendedRcode << 4) | low : low;
}

/** Go's `isDomainName`: letters, digits, `-` and `_`; labels of 1 to 63; not only digits and dots. */
function isDomainName(name: string): boolean {
  const whole = withoutLastDot(name);
  if (whole.length > 253 || !/[a-z_-]/i.test(whole)) return false;
  return whole.split('.').every((label) => label.length <= 63 && /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?$/i.test(label));
}
