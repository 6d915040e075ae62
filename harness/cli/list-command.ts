/** `tempo-s3-chaos list`: the scenarios that ship, and the faults that there are. */
import { relative } from 'node:path';
import type { Command } from 'commander';
import { jsonDocument } from '../report/json.ts';
import { type Listing, listing } from '../report/listing.ts';
import { paintFor } from '../report/paint.ts';
import type { CommandContext } from './command-context.ts';
import { resultColumns } from './terminal.ts';

const example = `
Example:
  $ tempo-s3-chaos list --json`;

export function addListCommand(program: Command, { harness, terminal, end }: CommandContext): void {
  program
    .command('list')
    .description('list the scenarios that ship, and the faults that a scenario can be made of')
    .summary('list scenarios and faults')
    .option('--json', 'print one JSON document')
    .addHelpText('after', example)
    .action(async ({ json }: { json?: true }) => {
      const scenarios = await harness.shippedScenarios();
      const faults = await harness.faults();
      const all: Listing = {
        format: 1,
        scenarios: scenarios.map(({ given, file, scenario: { about, expect } }) => ({
          name: given,
          about,
          file: relative(process.cwd(), file),
          expect: { verdict: expect.verdict, ...(expect.cause !== undefined && { cause: expect.cause }) },
        })),
        faults: faults.map(({ name, about, place, example }) => ({ name, about, place, example })),
      };
      terminal.stdout.write(
        json
          ? jsonDocument(all)
          : listing(all, resultColumns(terminal), paintFor(terminal.stdout, terminal.environment)),
      );
      end(0);
    });
}
