/** Milliseconds as they pass: a report of lateness covers half a second, and a gateway under load is late with its own. */
const MORE_IS_TOLD_MS = 2000;
/** Tempo's wait before it flushes a block again, and some: the config's time. */
export const SOON_MS = 40_000;

/** More may be told of a flush for so long after its end, in milliseconds as they pass. @param time how many times time is compressed */
export function patienceFor(time: number): number {
  return Math.max(MORE_IS_TOLD_MS, SOON_MS / time);
}
