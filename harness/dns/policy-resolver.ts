/** The resolver that a client's policy asks for. */
import type { Clock } from '../clock.ts';
import type { ClientPolicySettings } from '../tempo/settings.ts';
import { cachingResolver } from './caching-resolver.ts';
import type { DnsServerAddress } from './exchange.ts';
import { goResolver } from './go-resolver.ts';
import { nodeResolver } from './node-resolver.ts';
import type { Resolver } from './resolver.ts';

export type ResolverPolicy = Pick<
  ClientPolicySettings,
  | 'resolver'
  | 'dnsTimeout'
  | 'dnsAttempts'
  | 'dnsNdots'
  | 'dnsSearch'
  | 'dnsCache'
  | 'nodeDnsTimeout'
  | 'nodeDnsAttempts'
>;

/** `ttlSecond`: how many milliseconds one second of a time to live lasts. */
export function policyResolver(
  policy: ResolverPolicy,
  server: DnsServerAddress,
  { clock, ttlSecond }: { clock: Clock; ttlSecond: number },
): Resolver {
  const resolver =
    policy.resolver === 'node'
      ? nodeResolver({ servers: [server], timeoutMs: policy.nodeDnsTimeout, attempts: policy.nodeDnsAttempts })
      : goResolver({
          servers: [server],
          clock,
          timeoutMs: policy.dnsTimeout,
          attempts: policy.dnsAttempts,
          ndots: policy.dnsNdots,
          search: policy.dnsSearch,
        });
  return policy.dnsCache ? cachingResolver(resolver, { clock, ttlSecond }) : resolver;
}
