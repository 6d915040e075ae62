/** Colour, for a terminal and nothing else. */
import { styleText } from 'node:util';
import type { Verdict } from '../checkers/checker.ts';

type Style = 'green' | 'red' | 'yellow' | 'dim' | 'bold';

export type Paint = (style: Style, text: string) => string;

/** Leaves every text as it is. */
export const plain: Paint = (_style, text) => text;

/**
 * Colours for a terminal; `plain` for a pipe, for a terminal that has none (`TERM=dumb`), and when NO_COLOR is set to
 * anything (https://no-color.org).
 */
export function paintFor(stream: { isTTY?: boolean }, environment: NodeJS.ProcessEnv): Paint {
  if (!stream.isTTY || environment.NO_COLOR || environment.TERM === 'dumb') return plain;
  // Whether the stream takes colours has just been decided; Node would ask standard output, which need not be this stream.
  return (style, text) => styleText(style, text, { validateStream: false });
}

/** The colour of a verdict: a fail that was expected is no alarm. */
export function verdictStyle(verdict: Verdict, asExpected: boolean): Style {
  if (asExpected) return 'green';
  return verdict === 'inconclusive' ? 'yellow' : 'red';
}
