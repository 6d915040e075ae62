/** A history that cannot be judged: exit code 3, never a verdict. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';

  /** `where`: the file, with its line if one is to blame, or the folder. */
  constructor(
    readonly where: string,
    problem: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(`${where}: ${problem}`, options);
  }
}

/** What helps when a file is not as it was written. */
export const copyAgain = 'copy its folder again from where it was run, or run the scenario again';
