/** From findings to a verdict. */
import type { Checker, Finding, Verdict } from '../checkers/checker.ts';

/** The kind of the checker that a finding names. */
export type KindOf = (checker: string) => Checker['kind'];

/**
 * The verdict of a scenario:
 *
 * 1. A safety invariant was violated, or the harness could not undo what it did: fail, whatever else.
 * 2. The run proves nothing, or a safety invariant cannot be decided: inconclusive.
 * 3. A budget was missed: fail. That another budget could not be decided does not change that.
 * 4. A budget could not be decided: inconclusive.
 * 5. Else pass.
 */
export function verdictOf(findings: readonly Finding[], kindOf: KindOf): Verdict {
  if (findings.length === 0) return 'inconclusive';
  const has = (verdict: Verdict, budget: boolean) =>
    findings.some((finding) => finding.verdict === verdict && (kindOf(finding.checker) === 'budget') === budget);
  if (has('fail', false)) return 'fail';
  if (has('inconclusive', false)) return 'inconclusive';
  if (has('fail', true)) return 'fail';
  if (has('inconclusive', true)) return 'inconclusive';
  return 'pass';
}
