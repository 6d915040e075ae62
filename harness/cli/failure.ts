/** An error as the user reads it: what, where and the remedy; a stack only when it is asked for. */
import { CommanderError } from 'commander';
import { printable } from '../report/wrap.ts';
import { INTERRUPTED, Interrupted } from './interruption.ts';

/** Set to anything, it makes every error come with its stack. */
export const DEBUG_VARIABLE = 'TEMPO_S3_CHAOS_DEBUG';

export interface Failure {
  text: string;
  exitCode: 3 | typeof INTERRUPTED;
}

/** Exit code 3: it could not be run. 130: it was told to stop. */
export function describeFailure(error: unknown, environment: NodeJS.ProcessEnv): Failure {
  const stack = environment[DEBUG_VARIABLE] && error instanceof Error ? `\n${error.stack}` : '';
  const text = (message: string) => `tempo-s3-chaos: ${printable(message)}${stack}\n`;
  if (error instanceof Interrupted) {
    const left = error.cause ? `taking down failed: ${messageOf(error.cause)}` : 'everything was taken down';
    return { text: text(`${error.message}; ${left}`), exitCode: INTERRUPTED };
  }
  if (error instanceof CommanderError) return { text: text(commandLineMessage(error)), exitCode: 3 };
  const remedy = remedyOf(error);
  if ((error as Error)?.name === 'ScenarioError') {
    const end = remedy === undefined ? '' : `\n  remedy: ${remedy}`;
    return { text: text(`the scenario cannot be run\n${messageOf(error)}${end}`), exitCode: 3 };
  }
  if (remedy !== undefined) return { text: text(`${messageOf(error)}\n  remedy: ${remedy}`), exitCode: 3 };
  // Every problem of a config comes with its own remedy, in its own line.
  if ((error as Error)?.name === 'ConfigError')
    return { text: text(`the config cannot be used\n${messageOf(error)}`), exitCode: 3 };
  return {
    text: text(`unexpected error: ${messageOf(error)}\n  remedy: set ${DEBUG_VARIABLE}=1 to see where it came from`),
    exitCode: 3,
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

function remedyOf(error: unknown): string | undefined {
  const remedy = (error as { remedy?: unknown } | null | undefined)?.remedy;
  return typeof remedy === 'string' ? remedy : undefined;
}

/** Commander's message is `error: unknown option '--sed'`, and in a second line what was probably meant. */
function commandLineMessage({ message }: CommanderError): string {
  const [problem = '', meant] = message.replace(/^error: /, '').split('\n');
  const suggestion = meant?.match(/Did you mean (?:one of )?(.*)\?/)?.[1];
  return `${problem}\n  remedy: ${suggestion ? `did you mean ${suggestion}? ` : ''}--help shows what is valid`;
}
