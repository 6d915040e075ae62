/**
 * `tempo-s3-chaos inject`: a fault into a path that is up. What it takes is read in two steps, since each fault has options of its own:
 *
 * 1. The fault's name, and what stands before it.
 * 2. All that follows, by the parameters of that fault.
 */
import type { Command } from 'commander';
import { type FaultDefinition, places } from '../faults/fault.ts';
import { printable, wrap } from '../report/wrap.ts';
import type { CommandContext } from './command-context.ts';
import type { OwnOptions } from './inject-fault.ts';
import { named } from './options.ts';
import { resultColumns, type Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

export function addInjectCommand(program: Command, context: CommandContext): void {
  const { harness, terminal, end } = context;
  const command = program
    .command('inject')
    .description('inject a fault into the path that is up (tempo-s3-chaos up), and print its id')
    .summary('inject a fault into what is up')
    .argument('[fault]', 'a fault of the catalogue')
    .argument('[options...]', 'its parameters, as options')
    .option('--up <id>', 'the up, when several run')
    .option('--json', 'print one JSON document')
    .option('-h, --help', 'list the faults; after the name of a fault: list its options')
    .helpOption(false)
    .passThroughOptions();
  command.action(
    async (name: string | undefined, rest: string[], { help, ...before }: OwnOptions & { help?: true }) => {
      const [faults, { exitCodes, injectCommandOf }] = await Promise.all([
        harness.faults(),
        import('./inject-fault.ts'),
      ]);
      if (name === undefined) {
        if (!help) throw new UsageError('inject needs the name of a fault', 'inject --help lists them');
        terminal.stdout.write(
          `${command.helpInformation()}\n${faultLines(faults, terminal)}\n${exitCodes}\n${example()}`,
        );
        return end(0);
      }
      const fault = named('fault', name, faults);
      const second = injectCommandOf(fault, before, context);
      if (help) return second.outputHelp();
      await second.parseAsync(rest, { from: 'user' });
    },
  );
}

function faultLines(faults: readonly FaultDefinition[], terminal: Terminal): string {
  const width = Math.max(...faults.map(({ name }) => name.length));
  const columns = resultColumns(terminal) - width - 4;
  const line = ({ name, about }: FaultDefinition) => {
    const indent = ' '.repeat(width + 4);
    return `  ${name.padEnd(width)}  ${wrap(about, columns).replaceAll('\n', `\n${indent}`)}`;
  };
  const handy = places.flatMap((place) =>
    faults.filter((fault) => fault.place === place && !fault.needs?.includes('writers')),
  );
  return `Faults:\n${printable(handy.map(line).join('\n'))}`;
}

function example(): string {
  return `
Example:
  $ tempo-s3-chaos inject s3-error --code SlowDown --probability 0.5 --for 30s
`;
}
