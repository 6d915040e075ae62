/** The second step of `inject`: the options of one fault. Loaded with the schemas, which no other command needs. */
import { Command, Option } from 'commander';
import type { FaultDefinition } from '../faults/fault.ts';
import { parameterWords } from '../report/fault-text.ts';
import { jsonDocument } from '../report/json.ts';
import { faultOptions, injectCommand, isSwitch, readOption } from '../up/fault-options.ts';
import type { InjectInput } from '../up/protocol.ts';
import { writersOnly } from '../up/writers-only.ts';
import type { CommandContext } from './command-context.ts';
import { integerFrom } from './options.ts';
import type { Terminal } from './terminal.ts';
import { endWithLeftInForce } from './up-failure.ts';
import { UsageError } from './usage-error.ts';

export const exitCodes = `
Exit code: 0 it is in force, 1 a part of it is and could not be taken back,
3 nothing was injected.`;

/** Options of `inject` itself. */
export interface OwnOptions {
  for?: string;
  seed?: number;
  up?: string;
  json?: true;
}

/** A command that takes what this fault takes, and injects it. `before`: what was given before the fault's name. */
export function injectCommandOf(fault: FaultDefinition, before: OwnOptions, context: CommandContext): Command {
  return optionsOf(fault, context.terminal).action(async (given: Record<string, unknown>) => {
    await inject(fault, given, { ...before, ...(given as OwnOptions) }, context);
  });
}

async function inject(
  fault: FaultDefinition,
  given: Record<string, unknown>,
  own: OwnOptions,
  context: CommandContext,
): Promise<void> {
  const { harness, terminal, end } = context;
  // Before its parameters are asked for, and a path for it.
  if (fault.needs?.includes('writers')) {
    throw new UsageError(`${fault.name} cannot be injected: ${writersOnly.why}`, writersOnly.remedy);
  }
  const request = {
    fault: fault.name,
    with: parametersOf(fault, given),
    ...(own.for !== undefined && { for: own.for }),
    ...(own.seed !== undefined && { seed: own.seed }),
  };
  await harness.readInjectRequest(request).catch((error) => {
    throw asOptions(fault, error);
  });
  const connection = await harness.connectUp(own.up);
  try {
    const report = await connection.inject(request as InjectInput);
    terminal.stdout.write(own.json ? jsonDocument(report) : `${report.id}\n`);
    terminal.stderr.write(
      `${report.id} is in force${report.healsAt === null ? '' : ` for ${own.for}`} on up ${connection.id}; end it with: tempo-s3-chaos heal ${report.id}\n`,
    );
    end(0);
  } catch (error) {
    endWithLeftInForce(error, context);
  }
}

function optionsOf(fault: FaultDefinition, { stdout, stderr }: Terminal): Command {
  const command = new Command(`tempo-s3-chaos inject ${fault.name}`)
    .description(fault.about)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError() {},
    });
  for (const option of faultOptions(fault)) {
    const value = isSwitch(option) ? '[true|false]' : '<value>';
    const words = parameterWords(option.parameter).replace('\n', ': ');
    command.addOption(new Option(`${option.flag} ${value}`, words));
  }
  return command
    .addOption(
      new Option('--for <duration>', 'heal it by itself after so long, like 30s; without, it stays until heal'),
    )
    .addOption(
      new Option('--seed <n>', 'keys its draws, if it makes any: 42 unless given').argParser(integerFrom(0, '--seed')),
    )
    .option('--up <id>', 'the up, when several run')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `${exitCodes}\n\nExample:\n  $ ${injectCommand(fault, fault.example as Record<string, unknown>)} --for 30s`,
    );
}

/** What was typed, as a `with:` has it. */
function parametersOf(fault: FaultDefinition, given: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    faultOptions(fault).flatMap((option) => {
      const typed = given[new Option(option.flag).attributeName()];
      if (typed === undefined) return [];
      return [[option.parameter.name, typed === true ? true : readOption(String(typed), option.parameter.schema)]];
    }),
  );
}

interface Problems extends Error {
  problems: { where: string; message: string; remedy?: string }[];
}

/** The problems of a request, told by the options that they came from. */
function asOptions(fault: FaultDefinition, error: unknown): unknown {
  const { problems = [] } = error as Problems;
  if (problems.length === 0) return error;
  const flags = new Map(faultOptions(fault).map(({ flag, parameter }) => [parameter.name, flag]));
  const lines = problems.map(({ where, message, remedy }) => {
    const [room, parameter = '', ...within] = where.split('.');
    const flag = room === 'with' ? (flags.get(parameter) ?? `--${parameter}`) : `--${room}`;
    // Which of a list it is, the message tells by its value.
    const keys = within.filter((step) => !/^\d+$/.test(step));
    return `${[flag, ...keys].join(' ')}: ${message}${remedy === undefined ? '' : ` (${remedy})`}`;
  });
  return new UsageError(
    `inject ${fault.name}: ${lines.join('\n  ')}`,
    `tempo-s3-chaos inject ${fault.name} --help shows what it takes; nothing was injected`,
  );
}
