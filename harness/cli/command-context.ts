/** What a command is given. */
import type { HarnessParts } from './harness-parts.ts';
import type { Interruption } from './interruption.ts';
import type { Terminal } from './terminal.ts';

export interface CommandContext {
  harness: HarnessParts;
  terminal: Terminal;
  interruption: Interruption;
  /** To be called with the exit code when the command is over. */
  end(exitCode: number): void;
}
