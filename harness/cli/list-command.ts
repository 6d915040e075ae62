/** `tempo-s3-chaos list`: the scenarios that ship, and the faults that there are; or one fault, whole. */
import { relative } from 'node:path';
import type { Command } from 'commander';
import type { JsonSchema } from '../faults/described-parameters.ts';
import type { FaultDefinition } from '../faults/fault.ts';
import { jsonDocument } from '../report/json.ts';
import { type ListedFault, type Listing, listing } from '../report/listing.ts';
import { paintFor } from '../report/paint.ts';
import type { NamedScenario } from '../scenario/shipped.ts';
import type { CommandContext } from './command-context.ts';
import { named } from './options.ts';
import { resultColumns } from './terminal.ts';
import { UsageError } from './usage-error.ts';

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
        if (!faults.some((fault) => fault.name === name)) refuseScenario(name, await harness.shippedScenarios());
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

/** @throws UsageError for the name of a scenario, or of a group: it is not shown here, and there it is. */
function refuseScenario(name: string, scenarios: readonly NamedScenario[]): void {
  const found = scenarios.find(({ given, group }) => given === name || group === name);
  if (!found) return;
  throw found.given === name
    ? new UsageError(
        `"${name}" is a scenario, and only faults are shown one by one`,
        `read ${relative(process.cwd(), found.file)}, or run it: tempo-s3-chaos run ${name}`,
      )
    : new UsageError(
        `"${name}" is a group of scenarios, and only faults are shown one by one`,
        `list without a name shows what is in it; run it: tempo-s3-chaos run ${name}`,
      );
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
