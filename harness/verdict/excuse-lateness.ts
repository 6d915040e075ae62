/** A budget that was missed while the harness itself was late says nothing about the writer. */
import type { Finding } from '../checkers/checker.ts';
import type { KindOf } from './verdict.ts';

/**
 * The findings, with every missed budget made inconclusive, and `harness-on-time` too, when the harness was late. With all budgets
 * met, a late harness changes nothing.
 */
export function excuseLateness(
  findings: readonly Finding[],
  harness: { late: boolean; describe(): string },
  kindOf: KindOf,
): Finding[] {
  const missed = (finding: Finding) => finding.verdict === 'fail' && kindOf(finding.checker) === 'budget';
  if (!harness.late || !findings.some(missed)) return [...findings];
  const figures = harness.describe();
  return findings.map((finding) => {
    if (missed(finding)) {
      return { ...finding, verdict: 'inconclusive', message: `${finding.message}; but ${figures}` };
    }
    if (finding.checker !== 'harness-on-time') return finding;
    return { ...finding, verdict: 'inconclusive', message: `${figures}, and a budget was missed` };
  });
}
