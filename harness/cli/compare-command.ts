/** `tempo-s3-chaos compare`: the same scenarios with the same seeds on two configs. Is the new one worse? */
import type { Command } from 'commander';
import { compareRuns } from '../report/comparison.ts';
import { comparisonReport } from '../report/comparison-report.ts';
import { jsonDocument } from '../report/json.ts';
import { paintFor } from '../report/paint.ts';
import type { RunObserver, RunResult } from '../scenario/run-result.ts';
import type { TempoVersion } from '../tempo/settings.ts';
import type { CommandContext } from './command-context.ts';
import { addCommonOptions, againOption, type CommonOptions, toRunOptions, versionOption } from './options.ts';
import { progressFor } from './progress-for.ts';
import { resultColumns } from './terminal.ts';

const example = `
For each scenario and client, worse is: a worse verdict, a failure by another
cause than the expected one, more blocks lost or not flushed, clearly more
flushes over their deadline, or a clearly slower recovery. What is inconclusive
on one of the configs is run again on it, alone, and the report says so.

Exit code: 0 the new config is not worse, 1 it is, 2 something inconclusive,
3 could not run.

Example:
  $ tempo-s3-chaos compare tempo.yaml tempo-new.yaml --client minio
  $ tempo-s3-chaos compare tempo.yaml tempo-3.yaml --new-tempo-version 3.0`;

export function addCompareCommand(program: Command, { harness, terminal, interruption, end }: CommandContext): void {
  addCommonOptions(
    program
      .command('compare')
      .description('run the same scenarios on two configs, and tell whether the new one is worse')
      .summary('is a new config worse?')
      .argument('<old>', "Tempo's YAML file as it is")
      .argument('<new>', 'and as it is to be')
      .argument('[scenario...]', 'what to run; all that ship unless given'),
  )
    .addOption(
      versionOption('--new-tempo-version', 'the version that the new config is for', 'that of --tempo-version'),
    )
    .addOption(againOption())
    .addHelpText('after', example)
    .action(async (oldConfig: string, newConfig: string, scenarios: string[], options: CompareOptions) => {
      const progress = progressFor(terminal);
      try {
        const { newTempoVersion = options.tempoVersion, again, ...common } = options;
        const runs = [
          toRunOptions(scenarios, oldConfig, common),
          toRunOptions(scenarios, newConfig, { ...common, ...(newTempoVersion && { tempoVersion: newTempoVersion }) }),
        ].map((run) => ({ ...run, again }));
        const [oldRun, newRun] = await interruption.during(
          (signal) => harness.runEach(runs, oldThenNew(progress), signal),
          progress.say,
        );
        const comparison = compareRuns(oldRun as RunResult, newRun as RunResult);
        progress.close();
        terminal.stdout.write(
          options.json
            ? jsonDocument(comparison)
            : comparisonReport(comparison, resultColumns(terminal), paintFor(terminal.stdout, terminal.environment)),
        );
        end(comparison.exitCode);
      } finally {
        progress.close();
      }
    });
}

interface CompareOptions extends CommonOptions {
  newTempoVersion?: TempoVersion;
  again: number;
}

/** Says of each scenario which of the two runs it is part of: the one on the old config ends before the other begins. */
function oldThenNew(observer: RunObserver): RunObserver {
  const times = new Map<string, number>();
  const keyOf = ({ name, client }: { name: string; client: string }) => JSON.stringify([name, client]);
  const labelled = <About extends { name: string; client: string }>(about: About): About => ({
    ...about,
    client: `${about.client}, ${times.get(keyOf(about)) === 1 ? 'old' : 'new'}`,
  });
  return {
    warning: (line) => observer.warning(line),
    preparing: (line) => observer.preparing(line),
    environmentUp: (line) => observer.environmentUp(line),
    scenarioStarted(about) {
      // A later try is of the same run.
      if (about.tryNumber === undefined) times.set(keyOf(about), (times.get(keyOf(about)) ?? 0) + 1);
      observer.scenarioStarted(labelled(about));
    },
    scenarioProgress: (about, doing) => observer.scenarioProgress(labelled(about), doing),
    scenarioFinished: (result) => observer.scenarioFinished(labelled(result)),
  };
}
