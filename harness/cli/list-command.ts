/** `tempo-s3-chaos list`: the scenarios that ship, and the faults that there are; or one fault, whole. */
import { relative } from 'node:path';
import type { Command } from 'commander';
import type { JsonSchema } from '../faults/described-parameters.ts';
import type { FaultDefinition } from '../faults/fault.ts';
import { jsonDocument } from '../report/json.ts';
import { type ListedFault, type Listing, listing } from '../report/listing.ts';
import { paintFor } from '../report/paint.ts';
import type { CommandContext } from './command-context.ts';
import { named } from './options.ts';
import { resultColumns } from './terminal.ts';

const example = `
Example:
  $ tempo-s3-chaos list s3-error`;

export function addListCommand(program: Command, { harness, terminal, end }: CommandContext): void {
  program
    .command('list')
    .description('list the scenarios that ship, and the faults that a scenario can be made of; or show one fault')
    .summary('list scenarios and faults')
    .argument('[fault]', 'show this one, with its parameters')
    .option('--json', 'print one JSON document')
    .addHelpText('after', example)
    .action(async (name: string | undefined, { json }: { json?: true }) => {
      // With the schemas: no other command pays for loading them.
      const [faults, { jsonSchemaOf }, { faultText }] = await Promise.all([
        harness.faults(),
        import('../faults/described-parameters.ts'),
        import('../report/fault-text.ts'),
      ]);
      const listed = (fault: FaultDefinition) => listedFault(fault, jsonSchemaOf(fault.parameters));
      const width = resultColumns(terminal);
      const paint = paintFor(terminal.stdout, terminal.environment);
      if (name !== undefined) {
        const fault = named('fault', name, faults);
        terminal.stdout.write(json ? jsonDocument(listed(fault)) : faultText(fault, width, paint));
        return end(0);
      }
      const scenarios = await harness.shippedScenarios();
      const all: Listing = {
        format: 1,
        scenarios: scenarios.map(({ given, file, group, scenario: { about, expect } }) => ({
          name: given,
          ...(group !== undefined && { group }),
          about,
          file: relative(process.cwd(), file),
          expect: { verdict: expect.verdict, ...(expect.cause !== undefined && { cause: expect.cause }) },
        })),
        faults: faults.map(listed),
      };
      terminal.stdout.write(json ? jsonDocument(all) : listing(all, width, paint));
      end(0);
    });
}

function listedFault(
  { name, about, place, needs, touches, example, details }: FaultDefinition,
  parameters: JsonSchema,
): ListedFault {
  return {
    name,
    about,
    place,
    ...(needs && { needs }),
    ...(touches !== undefined && { touches }),
    parameters,
    example,
    details,
  };
}
