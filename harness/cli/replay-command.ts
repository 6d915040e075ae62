/** `tempo-s3-chaos replay`: the verdict of a run again, from its histories alone. */
import type { Command } from 'commander';
import { jsonDocument } from '../report/json.ts';
import { paintFor } from '../report/paint.ts';
import { replayReport } from '../report/replay-report.ts';
import type { CommandContext } from './command-context.ts';
import { resultColumns } from './terminal.ts';

const example = `
The folder is that of a run (chaos-results/<run>), or that of one scenario in
it. Nothing is run, and nothing but the histories is judged; the run's
verdict.json is compared with, field by field. Where a scenario ran again, each
of its tries is judged, and the last one decides. A history that was cut short,
edited or written in another format is refused.

Exit code: 0 everything as expected, 1 something not, or judged otherwise than
verdict.json has it, 2 something inconclusive, 3 could not be judged.

Example:
  $ tempo-s3-chaos replay chaos-results/2026-01-31T12-00-00-a1b2
  $ tempo-s3-chaos replay chaos-results/2026-01-31T12-00-00-a1b2/healthy-minio`;

export function addReplayCommand(program: Command, { harness, terminal, end }: CommandContext): void {
  program
    .command('replay')
    .description('compute the verdict of a run again, from its histories alone')
    .summary('the verdict again, from the histories')
    .argument('<folder>', 'of a run, or of one scenario in it')
    .option('--json', 'print one JSON document')
    .addHelpText('after', example)
    .action(async (folder: string, { json }: { json?: true }) => {
      const replay = await harness.replay(folder);
      terminal.stdout.write(
        json
          ? jsonDocument(replay)
          : replayReport(replay, resultColumns(terminal), paintFor(terminal.stdout, terminal.environment)),
      );
      end(replay.exitCode);
    });
}
