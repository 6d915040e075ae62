/**
 * Look-ups of the same name that overlap are one look-up, as in Go (`singleflight` in its package net): ten connections opened
 * at once ask once. Nothing is kept: who comes after its end looks up anew.
 */

type LookUp<Found> = (name: string, signal: AbortSignal) => Promise<Found>;

interface Lookup<Found> {
  found: Promise<Found>;
  waiting: number;
  ending: AbortController;
}

/** Shares what `lookUp` finds among those who wait for it. It is aborted when nobody waits any more. */
export function shareLookups<Found>(lookUp: LookUp<Found>): LookUp<Found> {
  const running = new Map<string, Lookup<Found>>();

  function begin(name: string): Lookup<Found> {
    const ending = new AbortController();
    const lookup = { found: lookUp(name, ending.signal), waiting: 0, ending };
    running.set(name, lookup);
    const end = () => leave(name, lookup);
    lookup.found.then(end, end);
    return lookup;
  }

  function leave(name: string, lookup: Lookup<Found>): void {
    if (running.get(name) === lookup) running.delete(name);
  }

  return (name, signal) =>
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
      lookup.found.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    });
}
