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

interface Planted {
  /** Letters, digits and hyphens. */
  name: string;
  /** What is wrong, in a sentence. */
  what: string;
  edits: readonly Edit[];
  /** Why nobody finds it, and what does instead. */
  uncaught?: string;
}

/** One that a run of a scenario shows. */
export interface MutantOfRun extends Planted {
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
}

/** One of what a single run does not show: what replays, explores, advises or hides secrets. Tests of the unit project find it. */
export interface MutantOfTests extends Planted {
  /** The file of the tests, below the package's folder: one of them has to fail. */
  tests: string;
}

export type Mutant = MutantOfRun | MutantOfTests;

export function isOfTests(mutant: Mutant): mutant is MutantOfTests {
  return 'tests' in mutant;
}

export function saidOf({ says = 'fail' }: Pick<MutantOfRun, 'says'>): Verdict {
  return says;
}

/** Where it is to be seen: `healthy (minio)`, or the file of the tests. */
export function whereOf(mutant: Mutant): string {
  return isOfTests(mutant) ? mutant.tests : `${mutant.scenario} (${mutant.client})`;
}

/** By whom: `durability (fail)`, or its tests. */
export function catcherOf(mutant: Mutant): string {
  return isOfTests(mutant) ? 'its tests' : `${mutant.caughtBy} (${saidOf(mutant)})`;
}
