/**
 * Whether a mutant was caught by whom it was to be caught by.
 *
 * 1. The sources as they are have to do what the scenario expects: else nothing is shown by what a mutant does in it.
 * 2. Caught: the mutant's run is not as expected, and the named checker says what was named.
 *    Of tests: one of them fails, where all of them pass with the sources as they are.
 * 3. A run that is inconclusive as the harness was late shows nothing either way, and is to be tried again.
 */
import { counted } from '../checkers/counted.ts';
import type { ScenarioResult } from '../scenario/run-result.ts';
import { isOfTests, type Mutant, saidOf } from './mutant.ts';
import type { Trial } from './trial.ts';

export type Outcome =
  /** `message`: what the checker says, or the name of the first test that fails. */
  { verdict: 'caught'; message: string } | { verdict: 'not caught' | 'late' | 'proves nothing'; message: string };

/** What the sources as they are did. */
export function judgeUnmutated(trial: Trial): Outcome | undefined {
  if ('reason' in trial) return { verdict: 'proves nothing', message: `without the mutant: ${trial.reason}` };
  if ('tests' in trial) {
    const [failed] = trial.tests.failed;
    return failed === undefined
      ? undefined
      : { verdict: 'proves nothing', message: `without the mutant, this test fails: ${failed}` };
  }
  if (trial.result.asExpected) return undefined;
  const message = `without the mutant: ${sayResult(trial.result)}`;
  return { verdict: isLate(trial.result) ? 'late' : 'proves nothing', message };
}

export function judgeMutant(mutant: Mutant, trial: Trial): Outcome {
  if ('reason' in trial) return { verdict: 'not caught', message: trial.reason };
  if ('tests' in trial) {
    const { passed, failed } = trial.tests;
    const [first] = failed;
    if (first !== undefined) return { verdict: 'caught', message: first };
    return { verdict: 'not caught', message: `${counted(passed.length, 'test')} ran, and none failed` };
  }
  if (isOfTests(mutant)) throw new Error(`mutant ${mutant.name}: its tests are to be run, and a scenario was`);
  const { result } = trial;
  const says = saidOf(mutant);
  if (result.asExpected)
    return { verdict: 'not caught', message: `the verdict is ${result.verdict}, as expected; nobody objects` };
  const found = result.findings.find(({ checker, verdict }) => checker === mutant.caughtBy && verdict === says);
  if (found) return { verdict: 'caught', message: found.message };
  return { verdict: isLate(result) ? 'late' : 'not caught', message: sayResult(result) };
}

/** A budget was missed while the harness was late. */
export function isLate({ verdict, findings }: Pick<ScenarioResult, 'verdict' | 'findings'>): boolean {
  return (
    verdict === 'inconclusive' &&
    findings.some((finding) => finding.checker === 'harness-on-time' && finding.verdict === 'inconclusive')
  );
}

/** `fail: durability: 1 of 4 blocks lost ...`. */
export function sayResult({ verdict, findings }: Pick<ScenarioResult, 'verdict' | 'findings'>): string {
  const objections = findings.filter((finding) => finding.verdict !== 'pass');
  const each = objections.map((finding) => `${finding.checker} (${finding.verdict}): ${finding.message}`);
  return [verdict, ...each].join('; ');
}
