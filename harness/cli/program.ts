/** The command line: from arguments to an exit code. Never throws, never exits. */
import { Command, CommanderError } from 'commander';
import { printable } from '../report/wrap.ts';
import { addCheckCommand } from './check-command.ts';
import type { CommandContext } from './command-context.ts';
import { addCompareCommand } from './compare-command.ts';
import { addDoctorCommand } from './doctor-command.ts';
import { addExplainCommand } from './explain-command.ts';
import { addExploreCommand } from './explore-command.ts';
import { describeFailure } from './failure.ts';
import { addHealCommand } from './heal-command.ts';
import { addInjectCommand } from './inject-command.ts';
import { addListCommand } from './list-command.ts';
import { addReplayCommand } from './replay-command.ts';
import { addRunCommand } from './run-command.ts';
import { addStatusCommand } from './status-command.ts';
import { addUpCommand } from './up-command.ts';

const example = `
Example:
  $ tempo-s3-chaos run --config tempo.yaml`;

/** `argv` is what follows the program's name; `version` is what --version prints. Gives the exit code. */
export async function runProgram(
  argv: readonly string[],
  version: string,
  context: Omit<CommandContext, 'end'>,
): Promise<number> {
  const { stdout, stderr, environment } = context.terminal;
  let exitCode = 0;
  const program = new Command('tempo-s3-chaos')
    .description("With this S3 client config, which outages does Grafana Tempo's block writer survive?")
    .version(version)
    .addHelpText('after', example)
    // What follows the name of a fault is for that fault.
    .enablePositionalOptions()
    // That each has options goes without saying, and leaves the words room in 80 columns.
    .configureHelp({ subcommandTerm: (command) => `${command.name()}${usageOf(command)}` })
    .exitOverride()
    // Errors are printed below, all in one way.
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError() {},
    });
  const commands = [
    addRunCommand,
    addCompareCommand,
    addExploreCommand,
    addReplayCommand,
    addExplainCommand,
    addCheckCommand,
    addUpCommand,
    addInjectCommand,
    addHealCommand,
    addStatusCommand,
    addListCommand,
    addDoctorCommand,
  ];
  for (const add of commands) add(program, { ...context, end: (code) => (exitCode = code) });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    // Without a command, commander has printed the help already.
    if (error instanceof CommanderError && error.code === 'commander.help') {
      const [first, unknown] = argv;
      if (first === 'help' && unknown !== undefined)
        stderr.write(`tempo-s3-chaos: unknown command '${printable(unknown)}'\n`);
      return 3;
    }
    const failure = describeFailure(error, environment);
    stderr.write(failure.text);
    return failure.exitCode;
  }
}

/** Its arguments alone. */
function usageOf({ registeredArguments }: Command): string {
  return registeredArguments
    .map((argument) => {
      const name = argument.name() + (argument.variadic ? '...' : '');
      return argument.required ? ` <${name}>` : ` [${name}]`;
    })
    .join('');
}
