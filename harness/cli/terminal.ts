/** Where a command reads its surroundings from and writes to. */
import type { Clock } from '../clock.ts';
import type { ProgressStream } from '../report/progress.ts';

export interface Terminal {
  /** Results, and nothing else. */
  stdout: ProgressStream;
  /** Progress, logs, errors. */
  stderr: ProgressStream;
  environment: NodeJS.ProcessEnv;
  clock: Clock;
}

/** What a file or a pipe is written for. */
const USUAL_COLUMNS = 120;

/** Columns for a result. */
export function resultColumns({ stdout }: Terminal): number {
  return (stdout.isTTY && stdout.columns) || USUAL_COLUMNS;
}

/** Whether its characters may be any of Unicode's, by the locale: POSIX's order of precedence. */
export function takesUnicode({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
}
