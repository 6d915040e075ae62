/** Why a run counts as a finding: which checker failed it. */
import { checkers } from '../checkers/catalogue.ts';
import type { Finding } from '../checkers/checker.ts';
import type { ScenarioResult } from '../scenario/run-result.ts';

const kinds = new Map(checkers({}).map(({ name, kind }) => [name, kind]));

/** The checkers of safety and of budgets that failed it, those of safety first. */
export function causesOf({ verdict, findings }: Pick<ScenarioResult, 'verdict' | 'findings'>): string[] {
  if (verdict !== 'fail') return [];
  const failedBy = (kind: string) =>
    findings.filter((one) => one.verdict === 'fail' && kinds.get(one.checker) === kind).map(({ checker }) => checker);
  return [...new Set([...failedBy('safety'), ...failedBy('budget')])];
}

/** Of a run that says nothing about the config: what stood against it. */
export function reasonOf({ findings, explanation }: Pick<ScenarioResult, 'findings' | 'explanation'>): string {
  const against = (verdict: Finding['verdict']) => findings.find((one) => one.verdict === verdict);
  const found = against('fail') ?? against('inconclusive');
  return found ? `${found.checker}: ${found.message}` : explanation;
}
