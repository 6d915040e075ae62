/** `tempo-s3-chaos check`: what a config says of its writes to S3, by reading and arithmetic alone. */
import type { Command } from 'commander';
import { jsonDocument } from '../report/json.ts';
import { paintFor } from '../report/paint.ts';
import { configCheck, settingsReport } from '../report/settings-report.ts';
import type { CommandContext } from './command-context.ts';
import { addConfigOptions, type ConfigOptions, overrides } from './options.ts';
import { resultColumns } from './terminal.ts';

const example = `
Exit code: 0 the config can be used, 3 it cannot.

Example:
  $ tempo-s3-chaos check tempo.yaml --set ingester.flush_op_timeout=1m
  $ tempo-s3-chaos check tempo-3.yaml --tempo-version 3.0`;

export function addCheckCommand(program: Command, { harness, terminal, end }: CommandContext): void {
  addConfigOptions(
    program
      .command('check')
      .description('print the settings of a config that reach the write path, and what they can bear')
      .summary('what a config can bear')
      .argument('<file>', "Tempo's YAML file"),
  )
    .option('--json', 'print one JSON document')
    .addHelpText('after', example)
    .action(async (file: string, { json, ...options }: ConfigOptions & { json?: true }) => {
      const { tempoVersion: version } = options;
      const config = await harness.readTempoConfig(file, { ...(version && { version }), set: overrides(options) });
      const check = configCheck(file, config, await harness.checkSettings(config.settings));
      terminal.stdout.write(
        json
          ? jsonDocument(check)
          : settingsReport(check, resultColumns(terminal), paintFor(terminal.stdout, terminal.environment)),
      );
      end(0);
    });
}
