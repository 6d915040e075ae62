/** What is wrong with a config: every problem of it at once, each with where, what and the remedy. Never a secret. */

export interface ConfigProblem {
  /** The file, or the option (`--set ingester.flush_op_timeout=1m`) that it came from. */
  file: string;
  /** From 1; absent when the problem is the file as a whole, or an option. */
  line?: number;
  column?: number;
  /** The path of the key, `storage.trace.s3.part_size`; absent when it is about no key. */
  key?: string;
  message: string;
  remedy: string;
}

/** More than this many are counted, not shown. */
const SHOWN = 20;

/** Settings cannot be had from what was given. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly ConfigProblem[]) {
    const shown = problems.slice(0, SHOWN).map(formatProblem);
    if (problems.length > SHOWN) shown.push(`... and ${problems.length - SHOWN} more`);
    super(shown.join('\n'));
  }
}

/** One line: `tempo.yaml:12:3: ingester.flush_op_timeout: "-5m" is negative. Write ...`. */
export function formatProblem({ file, line, column, key, message, remedy }: ConfigProblem): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  return `${place}: ${key === undefined ? '' : `${key}: `}${message}. ${remedy}`;
}
