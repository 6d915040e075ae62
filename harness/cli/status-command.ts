/** `tempo-s3-chaos status`: what is in force on a path that is up, and what it did so far. */
import type { Command } from 'commander';
import { jsonDocument } from '../report/json.ts';
import { paintFor } from '../report/paint.ts';
import { type StatusReport, statusText } from '../report/status-report.ts';
import type { CommandContext } from './command-context.ts';
import { resultColumns } from './terminal.ts';

const example = `
Example:
  $ tempo-s3-chaos status --json`;

export function addStatusCommand(program: Command, { harness, terminal, end }: CommandContext): void {
  program
    .command('status')
    .description('tell what is in force on the path that is up, for how long still, and what it did so far')
    .summary('what is in force')
    .option('--up <id>', 'the up, when several run')
    .option('--json', 'print one JSON document')
    .addHelpText('after', example)
    .action(async ({ up, json }: { up?: string; json?: true }) => {
      const connection = await harness.connectUp(up);
      const [path, faults] = await Promise.all([connection.path(), connection.faults()]);
      const report: StatusReport = { format: 1, at: terminal.clock.date().toISOString(), path, ...faults };
      terminal.stdout.write(
        json
          ? jsonDocument(report)
          : statusText(report, resultColumns(terminal), paintFor(terminal.stdout, terminal.environment)),
      );
      end(0);
    });
}
