/** Two configs side by side: what each scenario did on the old one and on the new one, and which is worse where. */
import { stripVTControlCharacters } from 'node:util';
import type { ScenarioResult } from '../scenario/run-result.ts';
import type { Comparison, Outcome, ScenarioComparison } from './comparison.ts';
import { explained } from './explained.ts';
import { latencyMs, passedTime, recoveryFigure } from './figures.ts';
import { type Column, grid } from './grid.ts';
import type { Paint } from './paint.ts';
import { countedAgain, ranAgain } from './ran-again.ts';
import { verdictWords } from './verdict-words.ts';
import { printable, wrap } from './wrap.ts';

const columns: Column[] = [
  { head: '\nnew is' },
  { head: '\nscenario' },
  { head: '\nclient' },
  { head: 'verdict\nold -> new' },
  { head: 'lost\nold -> new', align: 'right' },
  { head: 'deadline exc.\nold -> new', align: 'right' },
  { head: 'recovery\nold -> new', align: 'right' },
  { head: 'PUT p99 ms\nold -> new', align: 'right' },
];

const styles = { worse: 'red', inconclusive: 'yellow', better: 'green', same: 'dim' } as const;

/** `width` is that of the terminal, in columns. */
export function comparisonReport(comparison: Comparison, width: number, paint: Paint): string {
  const { scenarios } = comparison;
  const table = grid(
    columns,
    scenarios.map((scenario) => row(scenario, paint)),
    (head) => paint('dim', head),
  );
  const widest = Math.max(...table.split('\n').map((line) => stripVTControlCharacters(line).length));
  const parts = [
    `old: ${printable(comparison.old.config)}\nnew: ${printable(comparison.new.config)}`,
    widest <= width ? table : scenarios.map((scenario) => stacked(scenario, width, paint)).join('\n'),
    ...scenarios
      .filter(({ outcome }) => outcome === 'worse' || outcome === 'inconclusive')
      .map((scenario) => because(scenario, comparison, width, paint)),
    ...(['old', 'new'] as const).flatMap((which) => {
      const run = { folder: comparison[which].folder, scenarios: resultsOf(comparison, which) };
      return ranAgain(run, width) ?? [];
    }),
    wholeLine(comparison, paint),
  ];
  return `${parts.join('\n\n')}\n`;
}

function row(scenario: ScenarioComparison, paint: Paint): string[] {
  return [
    paint(styles[scenario.outcome], scenario.outcome),
    printable(scenario.name),
    scenario.client,
    ...figures(scenario).map(([, pair]) => pair),
  ];
}

function stacked(scenario: ScenarioComparison, width: number, paint: Paint): string {
  const text = figures(scenario)
    .map(([name, pair]) => `${name} ${pair}`)
    .join('; ');
  const outcome = paint(styles[scenario.outcome], scenario.outcome);
  return `${outcome}  ${printable(scenario.name)} (${scenario.client})\n${wrap(text, width, '    ')}`;
}

function figures(scenario: ScenarioComparison): [name: string, pair: string][] {
  const pair = (of: (result: ScenarioResult) => string) =>
    [scenario.old, scenario.new].map((result) => (result ? of(result) : '-')).join(' -> ');
  return [
    ['verdict', pair(verdictWords)],
    ['lost', pair(({ blocks }) => String(blocks.lost))],
    ['deadline exceeded', pair(({ deadlineExceeded }) => String(deadlineExceeded))],
    ['recovery', pair((result) => recoveryFigure({ ...result, recovery: { ...result.recovery, budgetMs: null } }))],
    ['PUT p99 ms', pair(({ latency }) => latencyMs(latency.p99))],
  ];
}

/** Why it is worse, and what the new config's run says of itself. */
function because(scenario: ScenarioComparison, { old, new: newer }: Comparison, width: number, paint: Paint): string {
  const { name, client, outcome, reason } = scenario;
  const lines = [`${paint(styles[outcome], outcome)}  ${paint('bold', printable(name))} (${client}): ${reason}`];
  const doubtful = scenario.new?.verdict === 'pass' ? undefined : scenario.new;
  if (doubtful) lines.push(explained(doubtful, newer.folder, width, paint));
  if (scenario.old?.verdict === 'inconclusive') lines.push(explained(scenario.old, old.folder, width, paint));
  return lines.join('\n');
}

/** Of one of the two runs, each told as part of it. */
function resultsOf({ scenarios }: Comparison, which: 'old' | 'new'): ScenarioResult[] {
  return scenarios.flatMap(({ [which]: result }) =>
    result ? [{ ...result, client: `${result.client}, ${which}` }] : [],
  );
}

/** `not worse: of 16: 2 better, 14 same, in 58 s; results in ... and ...`. */
function wholeLine(comparison: Comparison, paint: Paint): string {
  const { outcome, scenarios, old, new: newer, tookMs } = comparison;
  const counts = (['worse', 'inconclusive', 'better', 'same'] satisfies Outcome[])
    .map((one) => [scenarios.filter((scenario) => scenario.outcome === one).length, one] as const)
    .filter(([number]) => number > 0)
    .map(([number, one]) => `${number} ${one}`);
  const style = outcome === 'not worse' ? 'green' : styles[outcome];
  const of = `of ${scenarios.length}: ${counts.join(', ')}`;
  const folders = `${printable(old.folder)} and ${printable(newer.folder)}`;
  const again = countedAgain(
    scenarios.flatMap((scenario) => [scenario.old, scenario.new]).filter((one) => one !== null),
  );
  return `${paint(style, outcome)}: ${of}, in ${passedTime(tookMs)}${again}; results in ${folders}`;
}
