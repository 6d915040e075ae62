/** Judges a history from its file: what a run does with what it has just written, and a replay on any machine. */

import { checkEvents } from '../history/check-events.ts';
import type { HistoryEvent, ScenarioEvent } from '../history/events.ts';
import { HistoryError } from '../history/history-error.ts';
import { type Reading, readHistoryInPieces } from '../history/read-history.ts';
import { type Judgement, type JudgeOptions, judgeInPieces } from './judge.ts';
import { isWorthTwo, judgeInTwo } from './judge-in-two.ts';

export interface JudgedHistory {
  scenario: ScenarioEvent;
  judgement: Judgement;
  events: number;
  /** The moments of its first and of its last event. */
  from: number;
  until: number;
}

/**
 * Reads it once; a very large one twice at the same time.
 * @throws HistoryError when it is not whole, was edited, or is not of this version: there is no verdict then. The file system's error.
 */
export async function judgeFile(file: string, options: JudgeOptions): Promise<JudgedHistory> {
  if (!(await isWorthTwo(file))) return judgeInOneThread(file, options);
  // Whatever is wrong is found again in one thread, and told as it is of any history.
  return judgeInTwoThreads(file, options).catch(() => judgeInOneThread(file, options));
}

/** The same, of a history of any size. @throws Error of any kind when it cannot be judged. */
export async function judgeInTwoThreads(file: string, options: JudgeOptions): Promise<JudgedHistory> {
  const passing = new Passing(file);
  const judgement = await judgeInTwo(file, passing.pieces({ unsealed: true }), options);
  return passing.judged(judgement);
}

/** The same. @throws what `judgeFile` throws. */
export async function judgeInOneThread(file: string, options: JudgeOptions): Promise<JudgedHistory> {
  const passing = new Passing(file);
  try {
    return passing.judged(await judgeInPieces(passing.pieces(), options));
  } catch (error) {
    if (error instanceof HistoryError) throw error;
    // A judge that stumbles over an event that is not as it should be: say of the file what is wrong with it. Else the fault is the judge's.
    await checkEvents(file);
    throw error;
  }
}

/** What is noted of the events of a file as they pass. */
class Passing {
  readonly #file: string;
  #scenario: ScenarioEvent | undefined;
  #events = 0;
  #from = 0;
  #until = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** @throws HistoryError when they end without a scenario, and what reading them throws. */
  async *pieces(reading: Reading = {}): AsyncGenerator<HistoryEvent[]> {
    for await (const piece of readHistoryInPieces(this.#file, reading)) {
      this.#scenario ??= piece.find((event) => event.type === 'scenario');
      if (this.#events === 0) this.#from = piece[0]?.t ?? 0;
      this.#until = piece.at(-1)?.t ?? this.#until;
      this.#events += piece.length;
      yield piece;
    }
    if (this.#scenario) return;
    // Told here, as what the file lacks, and not as what the judge was given.
    const problem = `the history has no scenario among its ${this.#events} events: nothing says what is to be judged`;
    throw new HistoryError(this.#file, problem, 'run the scenario again');
  }

  /** When all have passed. */
  judged(judgement: Judgement): JudgedHistory {
    const scenario = this.#scenario as ScenarioEvent;
    return { scenario, judgement, events: this.#events, from: this.#from, until: this.#until };
  }
}
