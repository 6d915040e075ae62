/** Progress for a pipe or a log: plain lines, one when a scenario starts, and one when it is over, its verdict first. */
import type { Clock } from '../clock.ts';
import { plain } from './paint.ts';
import { finishedLine, type Progress, type ProgressStream, scenarioTitle } from './progress.ts';
import { printable } from './wrap.ts';

/** A build tells its progress several times a second; a log needs to see that it is alive, no more. */
const PREPARING_EVERY_MS = 10_000;

export function progressLines(stream: ProgressStream, clock: Clock): Progress {
  let closed = false;
  let lastPreparing = Number.NEGATIVE_INFINITY;
  const say = (line: string) => {
    if (!closed) stream.write(`${line}\n`);
  };
  return {
    say,
    warning: (line) => say(printable(`warning: ${line}`)),
    preparing(line) {
      if (clock.now() - lastPreparing < PREPARING_EVERY_MS) return;
      lastPreparing = clock.now();
      say(printable(line));
    },
    environmentUp: (line) => say(printable(line)),
    scenarioStarted: (scenario) => say(`start  ${scenarioTitle(scenario)}`),
    // What a scenario is doing changes many times; its end tells what came of it.
    scenarioProgress() {},
    scenarioFinished: (result) => say(finishedLine(result, plain)),
    close() {
      closed = true;
    },
  };
}
