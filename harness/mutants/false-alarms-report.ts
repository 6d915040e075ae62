/** The table of false alarms: for a terminal, and for the docs. */
import Table from 'cli-table3';
import { table } from '../docs/fault-page.ts';
import type { RunOptions } from '../scenario/run.ts';
import type { Tally } from './false-alarms.ts';

const head = ['scenario', 'client', 'runs', 'as expected', 'inconclusive: late', 'false alarms'];

export function falseAlarmReport(tallies: readonly Tally[]): string {
  const grid = new Table({ head, style: { head: [], border: [] } });
  grid.push(...rows(tallies));
  return [grid.toString(), ...tallies.flatMap(({ alarms }) => alarms), sum(tallies)].join('\n');
}

/** docs/false-alarms.md. */
export function falseAlarmPage(
  tallies: readonly Tally[],
  runs: readonly Pick<RunOptions, 'set' | 'seed' | 'atOnce'>[],
): string {
  const alarms = tallies.flatMap((one) => one.alarms);
  const parts = [
    '<!-- Written by `npm run mutants -- false-alarms --write-docs`, as measured. -->',
    '# False alarms',
    'The other side of [the planted bugs](mutants.md): runs in which there is nothing to catch, healthy ones and outages that the writer survives. Each has to end as it is expected to. An alarm is a verdict other than that; a run that is inconclusive since the harness itself was late says nothing about the writer, and is counted for itself.',
    `Each scenario ran through both clients with ${runs.length} seeds, each with settings of its own: ${runs.map(({ seed, set }) => `${seed} (${set.length > 0 ? set.map((one) => `\`${one}\``).join(', ') : 'as they are'})`).join('; ')}. Side by side: ${runs[0]?.atOnce ?? 1}.`,
    `\`npm run mutants -- false-alarms\` does it again: ${sum(tallies)}.`,
    table(head, rows(tallies)),
    ...(alarms.length > 0 ? ['## The alarms', alarms.map((alarm) => `- ${alarm}`).join('\n')] : []),
  ];
  return `${parts.join('\n\n')}\n`;
}

function rows(tallies: readonly Tally[]): string[][] {
  return [...tallies.map(cells), cells({ ...total(tallies), scenario: 'all', client: '' })];
}

function cells({ scenario, client, runs, asExpected, late, alarms }: Tally): string[] {
  return [scenario, client, ...[runs, asExpected, late, alarms.length].map(String)];
}

function total(tallies: readonly Tally[]): Omit<Tally, 'scenario' | 'client'> {
  const sumOf = (key: 'runs' | 'asExpected' | 'late') => tallies.reduce((sum, one) => sum + one[key], 0);
  return {
    runs: sumOf('runs'),
    asExpected: sumOf('asExpected'),
    late: sumOf('late'),
    alarms: tallies.flatMap(({ alarms }) => alarms),
  };
}

function sum(tallies: readonly Tally[]): string {
  const { runs, asExpected, late, alarms } = total(tallies);
  return `${runs} runs, ${asExpected} as expected, ${late} inconclusive as the harness was late, ${alarms.length} false alarms`;
}
