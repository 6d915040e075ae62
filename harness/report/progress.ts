/** What a person sees while scenarios run. On standard error: standard output is for results. */
import { tryNumberOf } from '../scenario/earlier-try.ts';
import type { RunObserver, ScenarioResult, ScenarioUnderWay } from '../scenario/run-result.ts';
import { passedTime } from './figures.ts';
import { type Paint, verdictStyle } from './paint.ts';
import { verdictWords } from './verdict-words.ts';
import { printable } from './wrap.ts';

export interface Progress extends RunObserver {
  /** A line that stays, whatever is being drawn. */
  say(line: string): void;
  /** Nothing is drawn after this. Safe to call more than once. */
  close(): void;
}

/** The part of a stream that progress needs. */
export interface ProgressStream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
  rows?: number;
}

/** `slowdown-burst (aws-sdk)`, of a later try `slowdown-burst (aws-sdk, try 2)`. */
export function scenarioTitle({ name, client, tryNumber = 1 }: ScenarioUnderWay): string {
  return printable(`${name} (${client}${tryNumber > 1 ? `, try ${tryNumber}` : ''})`);
}

/** As that of the try while it was under way. */
export function finishedTitle(result: ScenarioResult): string {
  return scenarioTitle({ ...result, tryNumber: tryNumberOf(result) });
}

/** Wide enough for the verdicts that are common, so that the names stand below one another. */
const VERDICT_COLUMNS = 'fail (expected)'.length;

/** One line for a scenario that is over, its verdict first: `pass   slowdown-burst (aws-sdk): 8 of 8 blocks in S3, 0 lost; 9.9 s`. */
export function finishedLine(result: ScenarioResult, paint: Paint): string {
  const { blocks } = result;
  const words = verdictWords(result);
  const verdict =
    paint(verdictStyle(result.verdict, result.asExpected), words) +
    ' '.repeat(Math.max(0, VERDICT_COLUMNS - words.length));
  const figures = `${blocks.readBack} of ${blocks.cut} blocks in S3, ${blocks.lost} lost; ${passedTime(result.tookMs)}`;
  return `${verdict}  ${finishedTitle(result)}: ${figures}`;
}
