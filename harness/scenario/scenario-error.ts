/** A scenario that cannot be run: exit code 3. */
export interface ScenarioProblem {
  /** `slowdown.yaml:12:9`, or what else says where. */
  where: string;
  message: string;
  remedy?: string;
}

export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  /** For those who print errors as message and remedy. Absent when every problem has its own, which stands beside it. */
  get remedy(): string | undefined {
    return this.problems.every(({ remedy }) => remedy) ? undefined : 'README.md shows what a scenario holds';
  }

  constructor(readonly problems: ScenarioProblem[]) {
    super(
      problems.map(({ where, message, remedy }) => `${where}: ${message}${remedy ? ` (${remedy})` : ''}`).join('\n'),
    );
  }
}
