/**
 * What a person reads when a run is over: the table, what compression kept, what passed and is worth telling, why what is no plain pass is
 * none, what ran again, and one line for the whole.
 */
import { explained } from './explained.ts';
import { notes } from './notes.ts';
import type { Paint } from './paint.ts';
import { proportions } from './proportions.ts';
import { ranAgain } from './ran-again.ts';
import { resultTable } from './table.ts';
import { isPlainPass } from './verdict-words.ts';
import { type ReportedRun, wholeLine } from './whole.ts';

/** `width` is that of the terminal, in columns. The line for the whole is the last: it is what stays on the screen. */
export function runReport(run: ReportedRun, width: number, paint: Paint): string {
  const toExplain = run.scenarios.filter((result) => !isPlainPass(result));
  const kept = proportions(run, width);
  const told = notes(run, width);
  const again = ranAgain(run, width);
  const parts = [
    ...(run.scenarios.length > 0 ? [resultTable(run, width, paint)] : []),
    ...(kept === undefined ? [] : [paint('dim', kept)]),
    ...(told === undefined ? [] : [told]),
    ...toExplain.map((result) => explained(result, run.folder, width, paint)),
    ...(again === undefined ? [] : [again]),
    wholeLine(run, paint),
  ];
  return `${parts.join('\n\n')}\n`;
}
