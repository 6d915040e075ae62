/** The table of a run: a line for each scenario through each client. Where it does not fit, the same figures stacked. */
import { stripVTControlCharacters } from 'node:util';
import type { RunResult, ScenarioResult } from '../scenario/run-result.ts';
import { latencyMs, recoveryFigure } from './figures.ts';
import { type Column, grid } from './grid.ts';
import { type Paint, verdictStyle } from './paint.ts';
import { verdictWords } from './verdict-words.ts';
import { printable, wrap } from './wrap.ts';

const columns: Column[] = [
  { head: '\nscenario' },
  { head: '\nclient' },
  { head: '\nverdict' },
  { head: 'blocks: cut/flushed\n/read back/lost' },
  { head: 'requests\nsent/needed', align: 'right' },
  { head: '\nretries', align: 'right' },
  { head: 'recovery\nof budget', align: 'right' },
  { head: 'deadline\nexceeded', align: 'right' },
  { head: 'PUT ms\np50/p99', align: 'right' },
];

/** All scenarios, fitted into `width` columns. */
export function resultTable(run: Pick<RunResult, 'scenarios'>, width: number, paint: Paint): string {
  const table = grid(
    columns,
    run.scenarios.map((result) => row(result, paint)),
    (head) => paint('dim', head),
  );
  const widest = Math.max(...table.split('\n').map((line) => stripVTControlCharacters(line).length));
  return widest <= width ? table : run.scenarios.map((result) => stacked(result, width, paint)).join('\n');
}

function row(result: ScenarioResult, paint: Paint): string[] {
  const { blocks, requests } = result;
  return [
    printable(result.name),
    result.client,
    paint(verdictStyle(result.verdict, result.asExpected), verdictWords(result)),
    `${blocks.cut}/${blocks.flushed}/${blocks.readBack}/${alarm(blocks.lost, result, paint)}`,
    `${requests.sent}/${requests.needed}`,
    String(requests.retries),
    recoveryFigure(result),
    alarm(result.deadlineExceeded, result, paint),
    `${latencyMs(result.latency.p50)}/${latencyMs(result.latency.p99)}`,
  ];
}

function stacked(result: ScenarioResult, width: number, paint: Paint): string {
  const { blocks, requests, latency } = result;
  const figures = [
    `blocks ${blocks.cut} cut, ${blocks.flushed} flushed, ${blocks.readBack} read back, ${blocks.lost} lost`,
    `requests ${requests.sent} sent, ${requests.needed} needed, ${requests.retries} of them retries`,
    `recovery ${recoveryFigure(result)}`,
    `deadline exceeded ${result.deadlineExceeded}`,
    `PUT ms p50/p99 ${latencyMs(latency.p50)}/${latencyMs(latency.p99)}`,
  ].join('; ');
  const verdict = paint(verdictStyle(result.verdict, result.asExpected), verdictWords(result));
  return `${verdict}  ${printable(result.name)} (${result.client})\n${wrap(figures, width, '    ')}`;
}

/** A figure that ought to be 0 stands out when it is not, unless the scenario expected trouble. */
function alarm(figure: number, { asExpected }: ScenarioResult, paint: Paint): string {
  return figure > 0 && !asExpected ? paint('red', String(figure)) : String(figure);
}
