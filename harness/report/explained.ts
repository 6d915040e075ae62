/** Why a scenario is not a plain pass, in a few sentences, with its evidence and the command that runs it alone. */
import { shellQuoted } from '../process/shell-quoted.ts';
import type { ScenarioResult } from '../scenario/run-result.ts';
import { dataFigure } from './figures.ts';
import { type Paint, verdictStyle } from './paint.ts';
import { verdictWords } from './verdict-words.ts';
import { printable, wrap } from './wrap.ts';

/** The findings that stand against a scenario: those not passed, the worst first, each once. */
function objections({ findings }: ScenarioResult): string[] {
  const rank = { fail: 0, inconclusive: 1, pass: 2 };
  return findings
    .filter(({ verdict }) => verdict !== 'pass')
    .sort((a, b) => rank[a.verdict] - rank[b.verdict])
    .map(({ checker, message }) => `${checker}: ${message}`);
}

function nothingAgainst(verdict: ScenarioResult['verdict']): string {
  return verdict === 'pass' ? 'Nothing was lost or late: every checker passed.' : 'No checker said why.';
}

/** `runFolder` is the folder of the run's results. */
export function explained(result: ScenarioResult, runFolder: string, width: number, paint: Paint): string {
  const { expected, asExpected, verdict } = result;
  const sentences = [result.explanation || objections(result).join('\n') || nothingAgainst(verdict)];
  if (!asExpected && expected.verdict === 'fail') {
    sentences.push(`It was to fail${expected.cause ? ` by ${expected.cause}` : ''}, to show a limit of the config.`);
  }
  const data = dataFigure(result);
  const evidence = `${runFolder}/${result.folder}`;
  const words = paint(verdictStyle(verdict, asExpected), verdictWords(result));
  return [
    `${words}  ${paint('bold', printable(result.name))} (${result.client}, seed ${result.seed})`,
    wrap(sentences.join('\n'), width, '    '),
    ...(data === undefined ? [] : [`    data:     ${data}`]),
    `    evidence: ${printable(evidence)}/`,
    ...(verdict === 'fail' ? [`    more:     npx tempo-s3-chaos explain ${printable(shellQuoted(evidence))}`] : []),
    `    alone:    ${printable(result.command)}`,
  ].join('\n');
}
