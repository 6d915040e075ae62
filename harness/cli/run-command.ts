/** `tempo-s3-chaos run`: scenarios on one config, to a verdict. */
import type { Command } from 'commander';
import { jsonDocument } from '../report/json.ts';
import { paintFor } from '../report/paint.ts';
import { runReport } from '../report/run-report.ts';
import type { RunResult } from '../scenario/run-result.ts';
import type { CommandContext } from './command-context.ts';
import { addCommonOptions, againOption, type CommonOptions, toRunOptions } from './options.ts';
import { progressFor } from './progress-for.ts';
import { resultColumns } from './terminal.ts';

const example = `
A scenario is the name of one that ships (tempo-s3-chaos list), or the path of
a YAML file; without any, all that ship are run. Without --config, the config
is the deployment of grafana/tempo#4361.

A scenario that is inconclusive has proved nothing, most often since the machine
was busy. When all others have ended it is run again, alone; the report says so,
and why. What passed or failed is never run again.

Exit code: 0 everything as expected, 1 something not, 2 something inconclusive,
3 could not run.

Example:
  $ tempo-s3-chaos run retries-matter --set policy.attempts=1
  $ tempo-s3-chaos run slowdown-burst --config tempo-3.yaml --tempo-version 3.0
  $ tempo-s3-chaos run mine.yaml --policy sdk --set sdk.maxAttempts=5`;

export function addRunCommand(program: Command, { harness, terminal, interruption, end }: CommandContext): void {
  addCommonOptions(
    program
      .command('run')
      .description('run scenarios on a config of Tempo, and give a verdict')
      .summary('run scenarios, to a verdict')
      .argument('[scenario...]', 'what to run')
      .option('--config <file>', "Tempo's YAML file"),
  )
    .addOption(againOption())
    .addHelpText('after', example)
    .action(async (scenarios: string[], options: CommonOptions & { config?: string; again: number }) => {
      const progress = progressFor(terminal);
      try {
        const [result] = await interruption.during(
          (signal) =>
            harness.runEach(
              [{ ...toRunOptions(scenarios, options.config, options), again: options.again }],
              progress,
              signal,
            ),
          progress.say,
        );
        progress.close();
        terminal.stdout.write(print(result as RunResult, options.json));
        end((result as RunResult).exitCode);
      } finally {
        progress.close();
      }
    });

  function print(result: RunResult, json: true | undefined): string {
    if (json) return jsonDocument(result);
    return runReport(result, resultColumns(terminal), paintFor(terminal.stdout, terminal.environment));
  }
}
