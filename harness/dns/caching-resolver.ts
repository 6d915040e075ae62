/**
 * A cache of names in front of the client, as NodeLocal DNSCache and systemd-resolved are: an answer is kept for its time to live,
 * counted from when it came, and while it is kept nobody is asked. What failed is not kept (our server's answers that say "nothing
 * there" allow no time), and an answer is not kept beyond its time, though nobody can be asked (no "serve stale").
 */
import type { Clock } from '../clock.ts';
import type { Found, Resolver, TellingResolver } from './resolver.ts';

export interface CacheOptions {
  clock: Clock;
  /** How many milliseconds one second of a time to live lasts: 1000, or less under compression. */
  ttlSecond: number;
}

interface Kept {
  addresses: Found['addresses'];
  until: number;
}

export function cachingResolver(resolver: TellingResolver, { clock, ttlSecond }: CacheOptions): Resolver {
  const answers = new Map<string, Kept>();
  return {
    async resolve(name, signal) {
      signal.throwIfAborted();
      const key = name.toLowerCase();
      const kept = answers.get(key);
      if (kept && clock.now() < kept.until) return [...kept.addresses];
      answers.delete(key);
      const { addresses, ttlSeconds } = await resolver.find(name, signal);
      answers.set(key, { addresses, until: clock.now() + ttlSeconds * ttlSecond });
      return [...addresses];
    },
  };
}
