/** `tempo-s3-chaos heal`: ends faults on a path that is up, and tells what they did. */
import type { Command } from 'commander';
import { evidenceWords, neverTookEffect } from '../report/evidence-words.ts';
import { jsonDocument } from '../report/json.ts';
import { paintFor } from '../report/paint.ts';
import { printable } from '../report/wrap.ts';
import type { FaultReport } from '../up/protocol.ts';
import type { CommandContext } from './command-context.ts';
import { endWithLeftInForce } from './up-failure.ts';
import { UsageError } from './usage-error.ts';

const example = `
Exit code: 0 healed, 1 it could not be healed, 2 healed, and a fault never took
effect, 3 could not be asked.

Example:
  $ tempo-s3-chaos heal 1-s3-error`;

export function addHealCommand(program: Command, context: CommandContext): void {
  const { harness, terminal, end } = context;
  program
    .command('heal')
    .description('end a fault on the path that is up, and tell what it did')
    .summary('end a fault, and see what it did')
    .argument('[id]', 'as inject printed it; the only one in force unless given')
    .option('--all', 'every fault that is in force')
    .option('--up <id>', 'the up, when several run')
    .option('--json', 'print one JSON document')
    .addHelpText('after', example)
    .action(async (id: string | undefined, { all, up, json }: { all?: true; up?: string; json?: true }) => {
      if (all && id !== undefined)
        throw new UsageError(`heal takes an id (${id}) or --all, not both`, 'leave one away');
      const connection = await harness.connectUp(up);
      let healed: FaultReport[];
      try {
        if (all) ({ healed } = await connection.healAll());
        else healed = [await connection.heal(id ?? onlyOne((await connection.faults()).inForce))];
      } catch (error) {
        return endWithLeftInForce(error, context);
      }
      const paint = paintFor(terminal.stdout, terminal.environment);
      const line = (fault: FaultReport) => {
        const words = `${printable(`${fault.id} is healed: ${evidenceWords(fault)}`)}\n`;
        if (!neverTookEffect(fault)) return words;
        return paint('yellow', words.replace('it never took effect', 'IT NEVER TOOK EFFECT'));
      };
      if (json) terminal.stdout.write(jsonDocument({ format: 1, healed }));
      else terminal.stdout.write(healed.map(line).join('') || 'nothing was in force\n');
      end(healed.some(neverTookEffect) ? 2 : 0);
    });
}

function onlyOne(inForce: FaultReport[]): string {
  const [first, second] = inForce;
  if (!first) throw new UsageError('nothing is in force', 'nothing is to be healed; status shows what was');
  if (second) {
    throw new UsageError(
      `${inForce.length} faults are in force`,
      `name one, or give --all: ${inForce.map(({ id }) => id).join(', ')}`,
    );
  }
  return first.id;
}
