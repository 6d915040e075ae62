/** What `explain` prints: the verdict and why, whom the lost time is due to, and the waterfalls of the flushes that are asked for. */
import { counted } from '../checkers/counted.ts';
import type { Waterfall } from '../verdict/attribution/waterfall.ts';
import type { ExplainedRun } from '../what-if/explain-run.ts';
import { blameSentence } from './blame-words.ts';
import { type Paint, verdictStyle } from './paint.ts';
import { verdictWords } from './verdict-words.ts';
import { waterfallText } from './waterfall-text.ts';
import { printable, wrap } from './wrap.ts';

/** More waterfalls than this nobody reads; `--flush` and `--block` show any. */
const USUALLY_SHOWN = 5;

/** Which of the flushes: by number, from 1, as they ended; or those of a block, by the begin of its id. Absent: those that matter. */
export interface Wanted {
  flush?: number;
  block?: string;
}

/** With the numbers that they have among all that are known. */
export function shownWaterfalls({ waterfalls }: Pick<ExplainedRun, 'waterfalls'>, { flush, block }: Wanted) {
  const numbered = waterfalls.map((waterfall, index) => ({ number: index + 1, waterfall }));
  if (flush !== undefined) return numbered.filter(({ number }) => number === flush);
  if (block !== undefined) return numbered.filter(({ waterfall }) => waterfall.block.startsWith(block));
  // Where a deadline struck, that is what is asked about; then what failed otherwise, then what was slow.
  const exceeded = numbered.filter(({ waterfall }) => waterfall.deadlineExceeded);
  const failed = numbered.filter(({ waterfall }) => waterfall.outcome === 'fail');
  return exceeded.length > 0 ? exceeded : failed.length > 0 ? failed : numbered;
}

/** `width` is that of the terminal, in columns. */
export function explainReport(explained: ExplainedRun, wanted: Wanted, width: number, paint: Paint): string {
  const { file, result, blame, of, waterfalls } = explained;
  const gravest = of > 1 ? `, the gravest of ${of} scenarios` : '';
  const words = paint(verdictStyle(result.verdict, result.asExpected), verdictWords(result));
  const head = `${words}  ${paint('bold', printable(result.name))} (${result.client}, seed ${result.seed})${gravest}`;
  const parts = [head];
  if (result.explanation !== '') parts.push(wrap(result.explanation, width, '    '));
  parts.push(wrap(blameSentence(blame), width, '    '));
  const shown = shownWaterfalls(explained, wanted);
  const all = wanted.flush !== undefined || wanted.block !== undefined;
  const printed = all ? shown : shown.slice(0, USUALLY_SHOWN);
  parts.push(
    ...printed.map(
      ({ number, waterfall }) => `${heading(number, waterfall, width, paint)}\n${waterfallText(waterfall, width)}`,
    ),
  );
  const left = waterfalls.length - printed.length;
  if (left > 0 && !all) {
    parts.push(
      `${counted(left, 'more flush')} failed or ${left === 1 ? 'was' : 'were'} slow: --flush N shows any of 1 to ${waterfalls.length}.`,
    );
  }
  parts.push(`evidence: ${printable(file)}\nalone:    ${printable(result.command)}`);
  return `${parts.join('\n\n')}\n`;
}

function heading(
  number: number,
  { block, writer, attempt, deadlineExceeded, outcome }: Waterfall,
  width: number,
  paint: Paint,
): string {
  const how = deadlineExceeded ? 'context deadline exceeded' : outcome === 'fail' ? 'failed' : 'slow';
  const flush = `flush ${number}`;
  const words = wrap(`${flush}: block ${block} of ${writer}, try ${attempt}: ${how}`, width);
  return words.replace(flush, paint('bold', flush));
}
