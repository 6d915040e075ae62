/** A planted bug, and who has to find it. */
import type { Verdict } from '../checkers/checker.ts';
import type { ClientName } from '../object-store/clients.ts';

/** One place of the sources, changed. */
export interface Edit {
  /** Below the package's folder, with forward slashes. */
  file: string;
  /** Stands in the file exactly once. */
  find: string;
  replace: string;
}

export interface Mutant {
  /** Letters, digits and hyphens. */
  name: string;
  /** What is wrong, in a sentence. */
  what: string;
  edits: readonly Edit[];
  /** A shipped name, or the name of a file in harness/mutants/scenarios, with `.yaml`. The sources as they are do there what it expects. */
  scenario: string;
  client: ClientName;
  /** `key=value`, as `--set` takes it. */
  set?: readonly string[];
  /** The checker that has to find it. */
  caughtBy: string;
  /**
   * What that checker says of the mutant: `fail` unless told. `inconclusive`: a bug of the harness, by which the run proves nothing. `pass`:
   * the checker is blind, in a scenario that it has to fail.
   */
  says?: Verdict;
  /** Why no checker finds it, and what does instead. */
  uncaught?: string;
}

export function saidOf({ says = 'fail' }: Mutant): Verdict {
  return says;
}
