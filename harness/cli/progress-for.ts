/** The progress that fits the terminal: drawn on one that can be drawn on, plain lines elsewhere. */
import { paintFor } from '../report/paint.ts';
import type { Progress } from '../report/progress.ts';
import { progressLines } from '../report/progress-lines.ts';
import { progressTty } from '../report/progress-tty.ts';
import { type Terminal, takesUnicode } from './terminal.ts';

export function progressFor({ stderr, environment, clock }: Terminal): Progress {
  // A CI system may offer a terminal, but what it keeps is a log.
  const drawable = stderr.isTTY && environment.TERM !== 'dumb' && !environment.CI;
  if (!drawable) return progressLines(stderr, clock);
  const paint = paintFor(stderr, environment);
  return progressTty({ stream: stderr, clock, paint, unicode: takesUnicode(environment) });
}
