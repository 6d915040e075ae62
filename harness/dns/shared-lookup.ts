/**
 * Look-ups of the same name that overlap are one look-up, as in Go (`singleflight` in its package net): ten connections opened
 * at once ask once. Nothing is kept: who comes after its end looks up anew.
 */
import type { Resolver } from './resolver.ts';

interface Lookup {
  addresses: Promise<string[]>;
  waiting: number;
  ending: AbortController;
}

/** A resolver that shares what `lookUp` does among those who wait for it. It is aborted when nobody waits any more. */
export function shareLookups(lookUp: (name: string, signal: AbortSignal) => Promise<string[]>): Resolver {
  const running = new Map<string, Lookup>();

  function begin(name: string): Lookup {
    const ending = new AbortController();
    const lookup = { addresses: lookUp(name, ending.signal), waiting: 0, ending };
    running.set(name, lookup);
    const end = () => leave(name, lookup);
    lookup.addresses.then(end, end);
    return lookup;
  }

  function leave(name: string, lookup: Lookup): void {
    if (running.get(name) === lookup) running.delete(name);
  }

  return {
    resolve: (name, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const lookup = running.get(name) ?? begin(name);
        lookup.waiting++;
        const onAbort = () => {
          reject(signal.reason);
          lookup.waiting--;
          if (lookup.waiting > 0) return;
          leave(name, lookup);
          lookup.ending.abort(signal.reason);
        };
        signal.addEventListener('abort', onAbort, { once: true });
        lookup.addresses
          .then((addresses) => resolve([...addresses]), reject)
          .finally(() => signal.removeEventListener('abort', onAbort));
      }),
  };
}
