import { realClock } from '../clock.ts';

/** The promise's result, or `otherwise` when it takes longer than `ms`. No timer is left behind. */
export async function within<T, Otherwise>(
  ms: number,
  promise: Promise<T>,
  otherwise: Otherwise,
): Promise<T | Otherwise> {
  const settled = new AbortController();
  const timeout = realClock.sleep(ms, settled.signal).then(
    () => otherwise,
    () => otherwise,
  );
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    settled.abort();
  }
}
