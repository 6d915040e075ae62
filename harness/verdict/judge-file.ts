/** Judges a history from its file: what a run does with what it has just written, and a replay on any machine. */

import { checkEvents } from '../history/check-events.ts';
import type { HistoryEvent, ScenarioEvent } from '../history/events.ts';
import { HistoryError } from '../history/history-error.ts';
import { readHistoryInPieces } from '../history/read-history.ts';
import { type Judgement, type JudgeOptions, judgeInPieces } from './judge.ts';

export interface JudgedHistory {
  scenario: ScenarioEvent;
  judgement: Judgement;
  events: number;
  /** The moments of its first and of its last event. */
  from: number;
  until: number;
}

/**
 * Reads it once.
 * @throws HistoryError when it is not whole, was edited, or is not of this version: there is no verdict then. The file system's error.
 */
export async function judgeFile(file: string, options: JudgeOptions): Promise<JudgedHistory> {
  let scenario: ScenarioEvent | undefined;
  let [events, from, until] = [0, 0, 0];
  async function* watched(): AsyncGenerator<HistoryEvent[]> {
    for await (const piece of readHistoryInPieces(file)) {
      scenario ??= piece.find((event) => event.type === 'scenario');
      if (events === 0) from = piece[0]?.t ?? 0;
      until = piece.at(-1)?.t ?? until;
      events += piece.length;
      yield piece;
    }
    // Told here, as what the file lacks, and not as what the judge was given.
    if (!scenario) {
      const problem = `the history has no scenario among its ${events} events: nothing says what is to be judged`;
      throw new HistoryError(file, problem, 'run the scenario again');
    }
  }
  let judgement: Judgement;
  try {
    judgement = await judgeInPieces(watched(), options);
  } catch (error) {
    if (error instanceof HistoryError) throw error;
    // A judge that stumbles over an event that is not as it should be: say of the file what is wrong with it. Else the fault is the judge's.
    await checkEvents(file);
    throw error;
  }
  return { scenario: scenario as ScenarioEvent, judgement, events, from, until };
}
