/** The verdict of one scenario in words: always beginning with `pass`, `fail` or `inconclusive`, so that grep finds it. */
import type { ScenarioResult } from '../scenario/run-result.ts';

export function verdictWords({ verdict, expected, asExpected }: ScenarioResult): string {
  if (verdict === 'inconclusive') return 'inconclusive';
  if (verdict === 'pass') return asExpected ? 'pass' : 'pass (unexpected)';
  if (asExpected) return 'fail (expected)';
  // It was to fail, and it did, yet by another cause than the one that it demonstrates.
  return expected.verdict === 'fail' ? 'fail (other cause)' : 'fail';
}

/** Whether there is nothing to explain: it was to pass, and passed. */
export function isPlainPass({ verdict, asExpected }: ScenarioResult): boolean {
  return verdict === 'pass' && asExpected;
}
