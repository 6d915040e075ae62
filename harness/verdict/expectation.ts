/** Whether exactly that happened which a scenario expects, and the exit code for many of them. */
import type { Finding, Verdict } from '../checkers/checker.ts';
import type { Expectations } from '../scenario/expectations.ts';
import type { KindOf } from './verdict.ts';

/**
 * A scenario that expects pass has to pass. One that demonstrates a limit has to fail, by its `cause`; budgets may be missed
 * along with it (a block that is lost is never visible either), but no other safety invariant may be violated, and the harness has
 * to have undone what it did. Inconclusive is never as expected.
 */
export function isAsExpected(
  verdict: Verdict,
  findings: readonly Finding[],
  expect: Pick<Expectations, 'verdict' | 'cause'>,
  kindOf: KindOf,
): boolean {
  if (verdict !== expect.verdict) return false;
  if (verdict === 'pass' || expect.cause === undefined) return true;
  const failed = findings.filter((finding) => finding.verdict === 'fail').map(({ checker }) => checker);
  return (
    failed.includes(expect.cause) && failed.every((checker) => checker === expect.cause || kindOf(checker) === 'budget')
  );
}

/** The verdict for the whole, by its exit code. */
export function verdictOfExit(code: 0 | 1 | 2): Verdict {
  return (['pass', 'fail', 'inconclusive'] as const)[code];
}

/** 0: all as expected; 1: something was decided, and is not; 2: something is inconclusive, and nothing is 1. */
export function exitCode(scenarios: Iterable<{ verdict: Verdict; asExpected: boolean }>): 0 | 1 | 2 {
  let code: 0 | 2 = 0;
  for (const { verdict, asExpected } of scenarios) {
    if (asExpected) continue;
    if (verdict !== 'inconclusive') return 1;
    code = 2;
  }
  return code;
}
