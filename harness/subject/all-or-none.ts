import { setMaxListeners } from 'node:events';

/**
 * What is begun side by side: when one of it fails, the others are told to give up (by a signal that is aborted also with `patience`), and
 * all have ended when it is over.
 * @throws what the first one was rejected with.
 */
export async function allOrNone<Value>(
  patience: AbortSignal,
  begin: (over: AbortSignal) => readonly Promise<Value>[],
): Promise<Value[]> {
  const failed = new AbortController();
  const over = AbortSignal.any([patience, failed.signal]);
  // All of them listen, and there may be any number.
  setMaxListeners(0, over);
  const all = begin(over);
  for (const one of all) one.catch((error) => failed.abort(error));
  await Promise.allSettled(all);
  if (failed.signal.aborted) throw failed.signal.reason;
  return Promise.all(all);
}
