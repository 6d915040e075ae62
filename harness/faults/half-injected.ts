/** A fault of several steps, of which one failed: it is taken back, so that nothing stays in force unnoticed. */

/** What was injected of a fault could not be taken back either: it is in force still, and the run fails. */
export class HalfInjectedError extends Error {
  override readonly name = 'HalfInjectedError';
  constructor(error: Error, failure: Error) {
    super(`${error.message}; and what was injected of it could not be healed: ${failure.message}`, { cause: error });
  }
}

/** Undoes what was injected, and throws: `error`, or HalfInjectedError when that fails too. */
export async function takeBack(error: unknown, undo: () => Promise<unknown>): Promise<never> {
  try {
    await undo();
  } catch (failure) {
    throw new HalfInjectedError(error as Error, failure as Error);
  }
  throw error;
}
