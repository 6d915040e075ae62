/** What cannot be explored: exit code 3. */
export class ExploreError extends Error {
  override readonly name = 'ExploreError';
  constructor(
    problem: string,
    readonly remedy: string,
  ) {
    super(problem);
  }
}
