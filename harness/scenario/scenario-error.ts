/** A scenario that cannot be run: exit code 3. */
export interface ScenarioProblem {
  /** `slowdown.yaml:12:9`, or what else says where. */
  where: string;
  message: string;
  remedy?: string;
}

export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  /** For those who print errors as message and remedy: the remedies stand in the message, beside their problems. */
  readonly remedy = 'correct the scenario and run it again; README.md shows what one holds';

  constructor(readonly problems: ScenarioProblem[]) {
    super(
      problems.map(({ where, message, remedy }) => `${where}: ${message}${remedy ? ` (${remedy})` : ''}`).join('\n'),
    );
  }
}
