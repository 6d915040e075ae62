/** What `inject` and `heal` say when a fault stays in force that should not. */
import { printable } from '../report/wrap.ts';
import type { CommandContext } from './command-context.ts';

interface LeftInForce extends Error {
  remedy: string;
  inForce: readonly string[];
}

/** Exit code 1, and what is still in force. Any other error is thrown on. */
export function endWithLeftInForce(error: unknown, { terminal, end }: Pick<CommandContext, 'terminal' | 'end'>): void {
  const { message, remedy, inForce = [] } = error as LeftInForce;
  if (inForce.length === 0) throw error;
  terminal.stderr.write(
    `tempo-s3-chaos: ${printable(message)}\n  still in force: ${printable(inForce.join(', '))}\n  remedy: ${printable(remedy)}\n`,
  );
  end(1);
}
