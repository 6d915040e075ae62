/**
 * Names of a lease, for code that resolves as Node does by itself: the SDKs with agents of their own. The AWS SDK makes a new agent for
 * each request with `Expect`, and gives it nothing, so an agent's own `lookup` would not do: those requests would ask the machine's
 * resolver, which knows no name of a lease. So Node's `dns.lookup` is told of the names that somebody has announced here; every other
 * name goes where it went before.
 *
 * A failure looks as that of `getaddrinfo`, since SDKs decide by its code what to try again: `ENOTFOUND` when there is no such name,
 * `EAI_AGAIN` when nobody could tell.
 */
import dns, { type LookupAddress, type LookupOptions } from 'node:dns';
import { isIPv6 } from 'node:net';
import { DnsError, type Resolver } from '../dns/resolver.ts';

type Answered = (error: Error | null, address?: string | LookupAddress[], family?: number) => void;

/** By name, the latest last: writers of one process may share a name. */
const announced = new Map<string, Resolver[]>();
let original: typeof dns.lookup | undefined;

/** From now on `name`, and every name below it, is resolved by `resolver` in this process. @returns what ends that. */
export function announce(name: string, resolver: Resolver): () => void {
  if (!original) {
    original = dns.lookup;
    // `dns.promises.lookup` is a function of its own: nothing that connects uses it.
    Object.assign(dns, { lookup });
  }
  announced.set(name, [...(announced.get(name) ?? []), resolver]);
  return () => {
    const left = (announced.get(name) ?? []).filter((one) => one !== resolver);
    if (left.length > 0) announced.set(name, left);
    else announced.delete(name);
  };
}

function lookup(name: string, options: unknown, answered?: Answered): void {
  const resolver = resolverOf(name);
  if (!resolver) {
    const all = answered === undefined ? [name, options] : [name, options, answered];
    Reflect.apply(original as (...all: unknown[]) => void, dns, all);
    return;
  }
  const { all = false, family = 0 } = (typeof options === 'object' ? options : {}) as LookupOptions;
  const callback = (typeof options === 'function' ? options : answered) as Answered;
  // Never before the caller has gone on, as an answer of getaddrinfo's: who connects has listeners to add.
  const answer: Answered = (...told) => process.nextTick(callback, ...told);
  resolver.resolve(name, new AbortController().signal).then(
    (addresses) => {
      const found = addresses
        .map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }))
        .filter((one) => family === 0 || String(family).endsWith(String(one.family)));
      const [first] = found;
      if (!first) answer(asGetaddrinfo('ENOTFOUND', name));
      else if (all) answer(null, found);
      else answer(null, first.address, first.family);
    },
    (error) => {
      const code = error instanceof DnsError && error.kind === 'no-such-host' ? 'ENOTFOUND' : 'EAI_AGAIN';
      answer(asGetaddrinfo(code, name, error));
    },
  );
}

function resolverOf(name: string): Resolver | undefined {
  for (const [known, resolvers] of announced) {
    if (name === known || name.endsWith(`.${known}`)) return resolvers.at(-1);
  }
  return undefined;
}

function asGetaddrinfo(code: string, hostname: string, cause?: Error): Error {
  const error = new Error(`getaddrinfo ${code} ${hostname}`, { cause });
  return Object.assign(error, { code, hostname, syscall: 'getaddrinfo' });
}
