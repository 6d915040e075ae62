/** `tempo-s3-chaos doctor`: which environments would work here. */
import type { Command } from 'commander';
import { diagnosisReport } from '../report/diagnosis.ts';
import { jsonDocument } from '../report/json.ts';
import { paintFor } from '../report/paint.ts';
import type { CommandContext } from './command-context.ts';

const example = `
Exit code: 0 one of them works, 3 none does.

Example:
  $ tempo-s3-chaos doctor`;

export function addDoctorCommand(program: Command, { harness, terminal, end }: CommandContext): void {
  program
    .command('doctor')
    .description('tell which environments would work here, and what would make the others work')
    .summary('which environments work here')
    .option('--json', 'print one JSON document')
    .addHelpText('after', example)
    .action(async ({ json }: { json?: true }) => {
      const environments = await harness.diagnoseAll();
      const works = environments.some(({ diagnosis }) => diagnosis.works);
      terminal.stdout.write(
        json
          ? jsonDocument({ format: 1, works, environments })
          : diagnosisReport(environments, paintFor(terminal.stdout, terminal.environment)),
      );
      end(works ? 0 : 3);
    });
}
