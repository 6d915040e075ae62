/**
 * Where the tries of a scenario are kept in the run's folder: the first in `NAME-CLIENT`, the second in `NAME-CLIENT-try-2`. A first one never
 * ends so: it ends in the name of a client.
 */

/** `first`: the folder of the first try; `number`: 1 for that one. */
export function tryFolder(first: string, number: number): string {
  return number === 1 ? first : `${first}-try-${number}`;
}

/** What `tryFolder` made the name of. */
export function readTryFolder(folder: string): { first: string; number: number } {
  const [, first, number] = /^(.+)-try-([2-9]|[1-9]\d+)$/s.exec(folder) ?? [];
  return first === undefined ? { first: folder, number: 1 } : { first, number: Number(number) };
}
