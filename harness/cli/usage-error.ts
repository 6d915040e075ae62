/** A command line that makes no sense: exit code 3, with what would be valid. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  constructor(
    problem: string,
    readonly remedy: string,
  ) {
    super(problem);
  }
}
