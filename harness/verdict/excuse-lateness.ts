/** A budget that was missed while the harness itself was late says nothing about the writer. */
import type { Finding } from '../checkers/checker.ts';
import type { KindOf } from './verdict.ts';

/** How late the harness was, as a checker's missed budget is held against it. */
export interface HarnessLateness {
  against(missed: Finding): { late: boolean; describe(): string };
}

/**
 * The findings, with each missed budget made inconclusive that the harness was late for, and `harness-on-time` too, if there is one.
 * With all budgets met, a late harness changes nothing.
 */
export function excuseLateness(findings: readonly Finding[], harness: HarnessLateness, kindOf: KindOf): Finding[] {
  const excused = (finding: Finding) =>
    finding.verdict === 'fail' && kindOf(finding.checker) === 'budget' && harness.against(finding).late;
  const first = findings.find(excused);
  if (!first) return [...findings];
  return findings.map((finding) => {
    if (excused(finding)) {
      const figures = harness.against(finding).describe();
      return { ...finding, verdict: 'inconclusive', message: `${finding.message}; but ${figures}` };
    }
    if (finding.checker !== 'harness-on-time') return finding;
    const figures = harness.against(first).describe();
    return { ...finding, verdict: 'inconclusive', message: `${figures}, and that budget was missed` };
  });
}
