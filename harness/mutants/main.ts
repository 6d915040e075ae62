/**
 * `npm run mutants`: planted bugs, each to be caught by a checker. `npm run mutants -- false-alarms`: runs in which there is nothing to
 * catch. Exit codes: 0 all as it has to be, 1 something is not, 3 could not run.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { INTERRUPTED, Interrupted, Interruption } from '../cli/interruption.ts';
import { realClock } from '../clock.ts';
import { packageRoot } from '../process/child.ts';
import { jsonDocument } from '../report/json.ts';
import { nearestKey } from '../tempo/nearest-key.ts';
import { checkPlaces } from './apply.ts';
import { mutants, mutantThemes } from './catalogue.ts';
import type { Mutant } from './mutant.ts';
import { numberFrom, UsageError } from './number-option.ts';
import { allCaught, mutantDocument, mutantList, mutantListDocument, mutantPage, mutantReport } from './report.ts';
import { runMutants } from './run-mutants.ts';
import { falseAlarmsUsage, mutantsUsage } from './usage.ts';
import { Workshop } from './workshop.ts';

const say = (line: string) => process.stderr.write(`${line}\n`);

function named(names: readonly string[]): readonly Mutant[] {
  return names.map((name) => {
    const found = mutants.find((mutant) => mutant.name === name);
    if (found) return found;
    const all = mutants.map((mutant) => mutant.name);
    const meant = nearestKey(name, all);
    throw new UsageError(`there is no mutant "${name}"${meant ? `: did you mean ${meant}?` : ': --list shows them'}`);
  });
}

async function plantedBugs(argv: string[], signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      only: { type: 'string', multiple: true },
      list: { type: 'boolean' },
      json: { type: 'boolean' },
      keep: { type: 'boolean', default: false },
      'at-once': { type: 'string', default: '2' },
      'write-docs': { type: 'boolean' },
    },
  });
  const chosen = values.only ? named(values.only) : mutants;
  if (values['write-docs'] && values.only) throw new UsageError('--write-docs is about all of them: leave --only out');
  if (values.list) {
    process.stdout.write(values.json ? jsonDocument(mutantListDocument(chosen)) : `${mutantList(chosen)}\n`);
    return 0;
  }
  const atOnce = numberFrom(1, '--at-once', values['at-once']);
  await checkPlaces(chosen, packageRoot);
  await using workshop = await Workshop.open(realClock, values.keep);
  if (values.keep) say(`everything stays in ${workshop.folder}`);
  const reports = await runMutants(chosen, { workshop, atOnce, clock: realClock, signal, progress: say });
  process.stdout.write(values.json ? jsonDocument(mutantDocument(reports)) : `${mutantReport(reports)}\n`);
  if (values['write-docs']) {
    const themes = mutantThemes.map(({ title, mutants: own }) => ({
      title,
      reports: reports.filter(({ mutant }) => own.includes(mutant)),
    }));
    await writeFile(join(packageRoot, 'docs', 'mutants.md'), mutantPage(themes));
  }
  return allCaught(reports) ? 0 : 1;
}

async function run(argv: string[], signal: AbortSignal): Promise<number> {
  const falseAlarms = argv[0] === 'false-alarms';
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(falseAlarms ? falseAlarmsUsage : mutantsUsage);
    return 0;
  }
  if (falseAlarms) return (await import('./false-alarms-command.ts')).falseAlarmsCommand(argv.slice(1), signal);
  return plantedBugs(argv, signal);
}

try {
  const interruption = new Interruption(process, realClock);
  process.exitCode = await interruption.during((signal) => run(process.argv.slice(2), signal), say);
} catch (error) {
  const { message, code } = error as NodeJS.ErrnoException;
  if (error instanceof Interrupted) {
    say(`mutants: ${message}`);
    process.exit(INTERRUPTED);
  }
  say(`mutants: ${message}`);
  if (error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS')) say('  remedy: --help shows what is valid');
  process.exitCode = 3;
}
