/** What a run of the mutants found: for a terminal, for a machine, and for the docs. */
import { counted } from '../checkers/counted.ts';
import { table } from '../docs/fault-page.ts';
import { catcherOf, isOfTests, type Mutant, saidOf, whereOf } from './mutant.ts';
import type { MutantReport } from './run-mutants.ts';

/** Characters of a checker's message: all of them are in the run. */
const MOST_SHOWN = 110;

/** Whether each mutant was caught by whom it was to be caught by, but for those of which the catalogue says that nobody does. */
export function allCaught(reports: readonly MutantReport[]): boolean {
  return reports.every(({ mutant, outcome }) => (outcome.verdict === 'caught') === (mutant.uncaught === undefined));
}

/** A line for each that was not caught, with the reason, and one for all. */
export function mutantReport(reports: readonly MutantReport[]): string {
  const others = reports.filter(({ outcome }) => outcome.verdict !== 'caught');
  const lines = others.map(
    ({ mutant, outcome }) =>
      `${outcome.verdict}: ${mutant.name} (${wanted(mutant)}): ${mutant.uncaught ?? outcome.message}`,
  );
  const wrong = reports.filter(({ mutant, outcome }) => outcome.verdict === 'caught' && mutant.uncaught !== undefined);
  const stale = wrong.map(({ mutant }) => `caught, which the catalogue says nobody does: ${mutant.name}`);
  return [...lines, ...stale, sum(reports)].join('\n');
}

/** For `--json`. */
export function mutantDocument(reports: readonly MutantReport[]): object {
  return {
    format: 1,
    allCaught: allCaught(reports),
    mutants: reports.map(({ mutant, outcome, tries, tookMs }) => ({
      ...aboutMutant(mutant),
      ...outcome,
      tries,
      tookMs: Math.round(tookMs),
    })),
  };
}

/** The list of the catalogue. */
export function mutantList(mutants: readonly Mutant[]): string {
  return mutants.map((mutant) => `${mutant.name}: ${mutant.what} ${whereOf(mutant)}, ${wanted(mutant)}`).join('\n');
}

/** The same, for `--json`. */
export function mutantListDocument(mutants: readonly Mutant[]): object {
  return { format: 1, mutants: mutants.map(aboutMutant) };
}

function aboutMutant(mutant: Mutant): object {
  const { name, what, uncaught } = mutant;
  const found = isOfTests(mutant)
    ? { tests: mutant.tests }
    : {
        scenario: mutant.scenario,
        client: mutant.client,
        ...(mutant.set && { set: mutant.set }),
        caughtBy: mutant.caughtBy,
        says: saidOf(mutant),
      };
  return { name, what, ...found, ...(uncaught !== undefined && { uncaught }) };
}

/** docs/mutants.md. */
export function mutantPage(themes: readonly { title: string; reports: readonly MutantReport[] }[]): string {
  const reports = themes.flatMap((theme) => theme.reports);
  const parts = [
    '<!-- Written by `npm run mutants -- --write-docs`, as measured: the list is in harness/mutants/catalogue/. -->',
    '# A test of the tester',
    'A verdict is worth what it costs to get past it. Each line is a bug planted in the writer, in its client, or in the harness itself, one at a time. The sources with that bug are built, and the scenario is run with that build; the same scenario without the bug did what it expects. The bug has to be found by the checker that is named, not by whichever: *fail* is a bug of what is judged, *inconclusive* one of the harness, by which a run proves nothing, and *pass* a checker that is blind in a scenario that it has to fail. What a single run does not show (a replay, an exploration, an advice) is found by tests of its own, which pass without the bug.',
    `\`npm run mutants\` does it again: ${sum(reports)}.`,
    ...themes.flatMap(({ title, reports: own }) => [`## ${title}`, mutantTable(own)]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function mutantTable(reports: readonly MutantReport[]): string {
  return table(
    ['planted bug', 'scenario', 'to be found by', 'found', 'what it said'],
    reports.map(({ mutant, outcome }) => [
      mutant.what,
      whereOf(mutant).replace('.yaml (', ' ('),
      catcherOf(mutant),
      outcome.verdict === 'caught' ? 'yes' : `**${outcome.verdict}**`,
      mutant.uncaught ?? shortened(outcome.message),
    ]),
  );
}

function wanted(mutant: Mutant): string {
  return mutant.uncaught === undefined ? `to be caught by ${catcherOf(mutant)}` : 'known not to be caught';
}

function sum(reports: readonly MutantReport[]): string {
  const caught = reports.filter(({ outcome }) => outcome.verdict === 'caught').length;
  const known = reports.filter(({ mutant }) => mutant.uncaught !== undefined).length;
  return `${caught} of ${counted(reports.length, 'planted bug')} caught by the checker that is named${known > 0 ? `, ${known} known not to be` : ''}`;
}

/** A block's id tells nobody anything, and is another one with each seed. */
function shortened(message: string): string {
  const text = message.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…').replaceAll('\n', ' ');
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN).trimEnd()} …` : text;
}
