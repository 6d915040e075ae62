/**
 * Progress on a terminal. Lines that stay scroll up; below them, each scenario that is running has one line that is drawn
 * again and again.
 *
 * 1. Every line that stays, and every tick, draws a frame: go back to the first row of the last frame, row by row, and clear
 *    each (cleared as one, they would be kept in the scrollback of some terminals), write what stays, write the running lines.
 * 2. Running lines are cut to the width of the terminal, and to its height: a frame that scrolled could not be gone back on.
 * 3. The rows of the last frame are counted at the width of now: a terminal made narrower has wrapped them.
 *
 * listr2 draws lists of tasks that are known before they run; scenarios are told of as they start.
 */
import type { Cancel, Clock } from '../clock.ts';
import { passedTime } from './figures.ts';
import type { Paint } from './paint.ts';
import { finishedLine, finishedTitle, type Progress, type ProgressStream, scenarioTitle } from './progress.ts';
import { printable } from './wrap.ts';

const TICK_MS = 100;
const spinners = { unicode: [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'], ascii: [...'|/-\\'] };

interface Running {
  title: string;
  doing: string;
  since: number;
}

export interface TtyOptions {
  stream: ProgressStream;
  clock: Clock;
  paint: Paint;
  /** False where the terminal's locale is not UTF-8. */
  unicode: boolean;
}

export function progressTty({ stream, clock, paint, unicode }: TtyOptions): Progress {
  const spinner = unicode ? spinners.unicode : spinners.ascii;
  const running = new Map<string, Running>();
  let preparing: string | undefined;
  let drawn: string[] = [];
  let ticks = 0;
  let cancelTick: Cancel | undefined;
  let closed = false;

  const columns = () => stream.columns || 80;

  /** What each running scenario shows, as many as the terminal has rows for. */
  function liveLines(): string[] {
    const spin = spinner[ticks % spinner.length];
    const lines = [...running.values()].map(
      ({ title, doing, since }) => `${spin} ${title}${doing && `: ${doing}`}  ${passedTime(clock.now() - since)}`,
    );
    if (preparing !== undefined) lines.unshift(`${spin} ${preparing}`);
    // The cursor stands on a row of its own below them, and one row of what stays is left in sight.
    const room = Math.max(1, (stream.rows || 24) - 2);
    if (lines.length <= room) return lines;
    return [...lines.slice(0, room - 1), `  and ${lines.length - room + 1} more`];
  }

  function draw(staying: string[]): void {
    const width = columns();
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / width)), 0);
    // The last column stays free: some terminals wrap a line that fills it.
    drawn = liveLines().map((line) => line.slice(0, width - 1));
    const back = rows > 0 ? `${'\u001b[1A\u001b[2K'.repeat(rows)}\r` : '';
    const lines = [...staying, ...drawn.map((line) => paint('dim', line))];
    if (back !== '' || lines.length > 0) stream.write(back + lines.map((line) => `${line}\n`).join(''));
  }

  function tick(): void {
    ticks++;
    draw([]);
    cancelTick = running.size > 0 || preparing !== undefined ? clock.after(TICK_MS, tick) : undefined;
  }

  function show(...staying: string[]): void {
    if (closed) return;
    draw(staying);
    cancelTick ??= running.size > 0 || preparing !== undefined ? clock.after(TICK_MS, tick) : undefined;
  }

  return {
    say: (line) => show(line),
    warning: (line) => show(printable(`warning: ${line}`)),
    preparing(line) {
      preparing = printable(line);
      show();
    },
    environmentUp(line) {
      preparing = undefined;
      show(printable(line));
    },
    scenarioStarted(scenario) {
      preparing = undefined;
      const title = scenarioTitle(scenario);
      running.set(title, { title, doing: '', since: clock.now() });
      show();
    },
    scenarioProgress(scenario, doing) {
      // Drawn by the next tick: a scenario may tell of every block.
      const line = running.get(scenarioTitle(scenario));
      if (line) line.doing = printable(doing);
    },
    scenarioFinished(result) {
      running.delete(finishedTitle(result));
      show(finishedLine(result, paint));
    },
    close() {
      if (closed) return;
      running.clear();
      preparing = undefined;
      show();
      closed = true;
      cancelTick?.();
    },
  };
}
