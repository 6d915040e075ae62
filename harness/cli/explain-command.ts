/** `tempo-s3-chaos explain`: where the time of a run's flushes went, and which one setting would have saved them. */
import type { Command } from 'commander';
import { explainReport, shownWaterfalls, type Wanted } from '../report/explain-report.ts';
import { jsonDocument } from '../report/json.ts';
import { paintFor } from '../report/paint.ts';
import { whatIfReport } from '../report/what-if-report.ts';
import { wrap } from '../report/wrap.ts';
import type { RunOptions } from '../scenario/run.ts';
import type { ScenarioResult } from '../scenario/run-result.ts';
import { USUAL_CANDIDATES } from '../what-if/candidates.ts';
import type { ExplainedRun } from '../what-if/explain-run.ts';
import type { WhatIfOptions } from '../what-if/run-what-if.ts';
import { exitCodeOf, troubled } from '../what-if/what-if.ts';
import type { CommandContext } from './command-context.ts';
import { environmentOption, integerFrom, outOption } from './options.ts';
import { progressFor } from './progress-for.ts';
import { resultColumns } from './terminal.ts';
import { UsageError } from './usage-error.ts';

const example = `
The folder is that of a scenario in the results of a run, or the run's: then its
gravest scenario is explained. It is told from the history alone, on any
machine. For each flush that ended in context deadline exceeded the pieces of
its time sum to flush_op_timeout. If there was none, what failed or was slow is
shown.

--what-if runs the scenario again, as it was, and then with one setting changed
each time: same seed, same client. What saves it is run twice more.

Exit code: 0 explained, and with --what-if: a setting would have saved it, or
there was nothing to save; 1 none of those tried would; 2 that could not be
told; 3 could not run.

Example:
  $ tempo-s3-chaos explain chaos-results/2026-01-31T12-00-00-a1b2
  $ tempo-s3-chaos explain chaos-results/2026-01-31T12-00-00-a1b2 --what-if`;

interface ExplainOptions {
  flush?: number;
  block?: string;
  whatIf?: true;
  most: number;
  environment: RunOptions['environment'];
  out: string;
  json?: true;
}

export function addExplainCommand(program: Command, { harness, terminal, interruption, end }: CommandContext): void {
  program
    .command('explain')
    .description('tell where the time of failed and slow flushes went, and who is to blame')
    .summary('where the time of failed flushes went')
    .argument('<folder>', "of a scenario's results, or of a run's")
    .option('--flush <n>', 'this flush alone, by its number here', integerFrom(1, '--flush'))
    .option('--block <id>', 'the flushes of this block alone; the first characters of its id will do')
    .option('--what-if', 'run it again with one setting changed at a time: which would have saved it?')
    .option('--most <n>', 'with --what-if: settings to try, at most', integerFrom(1, '--most'), USUAL_CANDIDATES)
    .addOption(environmentOption('with --what-if: where'))
    .addOption(outOption('with --what-if: the folder that the folder of the results is made in'))
    .option('--json', 'print one JSON document')
    .addHelpText('after', example)
    .action(async (folder: string, options: ExplainOptions, command: Command) => {
      const wanted = wantedOf(options);
      const whatIf = whatIfOptions(options, command);
      const explained = await harness.explain(folder);
      refuseUnknown(explained, wanted, folder);
      const { result, blame, failedFlushes } = explained;
      const paint = paintFor(terminal.stdout, terminal.environment);
      const columns = resultColumns(terminal);
      const told = { result, blame, failedFlushes, flushes: shownWaterfalls(explained, wanted) };
      if (!options.json) terminal.stdout.write(explainReport(explained, wanted, columns, paint));
      if (!whatIf || !isTroubled(explained)) {
        if (options.json) terminal.stdout.write(jsonDocument({ format: 1, ...told }));
        else if (whatIf) terminal.stdout.write(`\n${wrap(nothingToTry(result), columns)}\n`);
        end(whatIf && result.verdict === 'inconclusive' ? 2 : 0);
        return;
      }
      const progress = progressFor(terminal);
      try {
        const found = await interruption.during(
          (signal) => harness.whatIf(explained, whatIf, progress, signal),
          progress.say,
        );
        progress.close();
        const report = { ...found, blame, compression: result.compression };
        terminal.stdout.write(
          options.json
            ? jsonDocument({ format: 1, ...told, whatIf: found })
            : `\n${whatIfReport(report, columns, paint)}`,
        );
        end(exitCodeOf(found));
      } finally {
        progress.close();
      }
    });
}

function wantedOf({ flush, block }: ExplainOptions): Wanted {
  if (flush !== undefined && block !== undefined) {
    throw new UsageError('--flush and --block name flushes each in its own way', 'give one of them');
  }
  if (block === '') throw new UsageError('--block "" names no block', 'give the first characters of its id');
  return { ...(flush !== undefined && { flush }), ...(block !== undefined && { block }) };
}

/** `undefined`: nothing is to be run. */
function whatIfOptions(
  { whatIf, environment, out, most }: ExplainOptions,
  command: Command,
): WhatIfOptions | undefined {
  if (whatIf) return { environment, out, most };
  for (const name of ['most', 'environment', 'out']) {
    if (command.getOptionValueSource(name) !== 'cli') continue;
    throw new UsageError(
      `--${name} is for --what-if: nothing is run without it`,
      `add --what-if, or leave --${name} away`,
    );
  }
  return undefined;
}

function nothingToTry({ verdict, command }: ScenarioResult): string {
  return verdict === 'inconclusive'
    ? `The run was inconclusive, so that no setting can be tried on it: have it judged first, by running it again: ${command}`
    : 'There is nothing to save: every budget was kept.';
}

function isTroubled({ result }: ExplainedRun): boolean {
  const { verdict, deadlineExceeded, blocks } = result;
  return troubled({ verdict, deadlineExceeded, lost: blocks.lost });
}

function refuseUnknown({ waterfalls, blocks }: ExplainedRun, { flush, block }: Wanted, folder: string): void {
  if (flush !== undefined && flush > waterfalls.length) {
    throw new UsageError(
      `--flush ${flush}: ${waterfalls.length} flushes failed or were slow in ${folder}`,
      waterfalls.length === 0 ? 'leave --flush away' : `give a number from 1 to ${waterfalls.length}`,
    );
  }
  if (block === undefined || waterfalls.some((one) => one.block.startsWith(block))) return;
  const known = blocks.some((id) => id.startsWith(block));
  throw new UsageError(
    known
      ? `--block ${block}: no flush of it failed or was slow`
      : `--block ${block}: no block of ${folder} has that id`,
    waterfalls.length === 0
      ? 'no flush failed or was slow: leave --block away'
      : `there are ${[...new Set(waterfalls.map((one) => one.block))].slice(0, 5).join(', ')}`,
  );
}
