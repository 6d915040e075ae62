/**
 * What a person reads when an exploration is over: how often each fault acted, what was left out, each finding with its explanation and the
 * command that runs it again, what said nothing, and one line for the whole.
 */
import { counted, listed } from '../checkers/counted.ts';
import type { ExploredTimeline, ExploreFinding, ExploreResult } from '../explore/explore-result.ts';
import { configTime, passedTime } from './figures.ts';
import { type Column, grid, namesGrid } from './grid.ts';
import { type Paint, verdictStyle } from './paint.ts';
import { printable, wrap } from './wrap.ts';

const columns: Column[] = [
  { head: 'fault' },
  { head: 'drawn', align: 'right' },
  { head: 'acted', align: 'right' },
  { head: 'how often in all' },
];
const INDENT = '    ';
/** Runs without a verdict whose reason is told. */
const MOST_TOLD = 5;

/** `width` is that of the terminal, in columns. */
export function exploreReport(result: ExploreResult, width: number, paint: Paint): string {
  const undecided = result.timelines.filter(({ verdict }) => verdict === 'inconclusive');
  const parts = [
    coverage(result, width, paint),
    ...(result.leftOut.length > 0 ? [leftOut(result, width)] : []),
    ...(undecided.length > 0 ? [inconclusive(undecided, width, paint)] : []),
    ...result.findings.map((finding) => told(finding, result, width, paint)),
    ...(result.notShrunk.length > 0 ? [notShrunk(result, width)] : []),
    wholeLine(result, width, paint),
  ];
  return `${parts.join('\n\n')}\n`;
}

function coverage({ coverage, runs }: ExploreResult, width: number, paint: Paint): string {
  const drawn = coverage.filter((one) => one.drawn > 0).sort((a, b) => b.drawn - a.drawn);
  const rows = drawn.map(({ fault, drawn, acted, fired, unit }) => [
    fault,
    String(drawn),
    String(acted),
    unit === undefined ? '-' : `${fired} ${unit}`,
  ]);
  const others = coverage.filter((one) => one.drawn === 0).map(({ fault }) => fault);
  const not =
    others.length > 0 ? `\n${wrap(`not drawn in ${counted(runs, 'timeline')}: ${others.join(', ')}`, width)}` : '';
  return grid(columns, rows, (head) => paint('dim', head)) + not;
}

function leftOut({ leftOut }: ExploreResult, width: number): string {
  return `left out:\n${namesGrid(
    leftOut.map(({ fault, why }) => [fault, why]),
    width,
  )}`;
}

function inconclusive(undecided: readonly ExploredTimeline[], width: number, paint: Paint): string {
  const lines = undecided
    .slice(0, MOST_TOLD)
    .map(
      ({ name, client, faults, reason = '' }) =>
        `${paint('yellow', 'inconclusive')}  ${printable(name)} (${client}), twice: ${faults}\n${wrap(reason, width, INDENT)}`,
    );
  const more = undecided.length - lines.length;
  return [...lines, ...(more > 0 ? [`${more} more are inconclusive`] : [])].join('\n');
}

function told(finding: ExploreFinding, { folder }: ExploreResult, width: number, paint: Paint): string {
  const { confirmed, shrinking, alike } = finding;
  const runs = `${counted(shrinking.runs, 'run')} to make it smaller${shrinking.stopped ? ', no more were to spend' : ''}`;
  return [
    `${paint('red', 'fail')}  ${paint('bold', printable(finding.name))} (${finding.client}): ${finding.cause}`,
    wrap(finding.explanation, width, INDENT),
    `${INDENT}drawn:     ${finding.drawn}`,
    `${INDENT}smallest:  ${finding.smallest} (${runs})`,
    `${INDENT}confirmed: ${confirmation(confirmed)}`,
    ...(alike.length > 0 ? [`${INDENT}alike:     ${listed(alike)}, with the same faults or more`] : []),
    `${INDENT}scenario:  ${printable(finding.file)}`,
    `${INDENT}evidence:  ${printable(`${folder}/${finding.evidence[0]}`)}/`,
    `${INDENT}again:     ${printable(finding.command)}`,
  ].join('\n');
}

function confirmation({ times, of }: ExploreFinding['confirmed']): string {
  if (times === of) return `failed ${times} of ${of} times more`;
  const how = times === 0 ? 'not once' : `${times} times`;
  return `failed when it was drawn, and ${how} in ${of} runs more: it depends on more than the seed`;
}

function notShrunk({ notShrunk, findings }: ExploreResult, width: number): string {
  return wrap(
    `After ${counted(findings.length, 'finding')} no more were made smaller; these failed too: ${notShrunk.join(', ')}. Mend the first ones, and explore again.`,
    width,
  );
}

function wholeLine(result: ExploreResult, width: number, paint: Paint): string {
  const { timelines, findings, verdict, spent, judged } = result;
  const passed = timelines.filter((one) => one.verdict === 'pass');
  const undecided = timelines.filter((one) => one.verdict === 'inconclusive').length;
  const failed = timelines.length - passed.length - undecided;
  const clients = result.clients.join(' and ');
  const explored = `${counted(result.runs, 'timeline')} of seed ${result.seed} through ${clients}`;
  const runs = spent.timelines + spent.again + spent.shrinking + spent.confirming;
  const where = `${counted(runs, 'run')} in ${passedTime(result.tookMs)}; results in ${printable(result.folder)}`;
  const words = `${paint(verdictStyle(verdict, verdict === 'pass'), verdict)}: ${explored}`;
  const rest = undecided > 0 ? `, ${undecided} inconclusive` : '';
  if (findings.length > 0) {
    return `${words}: ${failed} failed (${counted(findings.length, 'finding')}), ${passed.length} passed${rest}; ${where}`;
  }
  if (passed.length === 0) return `${words}: all were inconclusive, which says nothing about the config; ${where}`;
  const longest = Math.max(...passed.map(({ outageMs }) => outageMs));
  const budgets = `all were judged by whether they lost data and recovered, ${judged.visibleWithin} of ${timelines.length} also by how soon each block was visible, ${judged.deadlineExceeded} by whether a flush ran into its deadline: the others leave no room for that.`;
  return `${wrap(`Nothing was found: ${budgets}`, width)}\n\n${words}: ${passed.length} passed, none lost data, the longest outage lasted ${configTime(longest)}${rest}; ${where}`;
}
