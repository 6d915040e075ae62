/** The one line for a whole run. */
import type { RunResult } from '../scenario/run-result.ts';
import { passedTime } from './figures.ts';
import { type Paint, verdictStyle } from './paint.ts';
import { countedAgain } from './ran-again.ts';
import { printable } from './wrap.ts';

/** What is printed of a run. */
export type ReportedRun = Pick<RunResult, 'verdict' | 'tookMs' | 'folder' | 'scenarios'>;

/** `pass: 16 of 16 as expected in 32 s; 1 ran again; results in chaos-results/...`. */
export function wholeLine(run: ReportedRun, paint: Paint): string {
  const { scenarios } = run;
  const asExpected = scenarios.filter((result) => result.asExpected).length;
  const inconclusive = scenarios.filter(({ verdict }) => verdict === 'inconclusive').length;
  const not = scenarios.length - asExpected - inconclusive;
  const counts = [
    `${asExpected} of ${scenarios.length} as expected`,
    ...(not > 0 ? [`${not} not`] : []),
    ...(inconclusive > 0 ? [`${inconclusive} inconclusive`] : []),
  ].join(', ');
  const verdict = paint(verdictStyle(run.verdict, run.verdict === 'pass'), run.verdict);
  return `${verdict}: ${counts} in ${passedTime(run.tookMs)}${countedAgain(scenarios)}; results in ${printable(run.folder)}`;
}
