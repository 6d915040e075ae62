/** What is told of scenarios that ran again: that the verdict is of a later try, and why the tries before proved nothing. */
import { tryNumberOf } from '../scenario/earlier-try.ts';
import type { ScenarioResult } from '../scenario/run-result.ts';
import { scenarioTitle } from './progress.ts';
import { verdictWords } from './verdict-words.ts';
import { wrap } from './wrap.ts';

/** Of a run, what is told. */
interface Run {
  /** Of its results. */
  folder: string;
  scenarios: readonly ScenarioResult[];
}

/** A paragraph for each of them; `undefined` when none ran again. `width` is that of the terminal, in columns. */
export function ranAgain({ folder, scenarios }: Run, width: number): string | undefined {
  const told = scenarios.flatMap((result) => {
    const { earlierTries = [], name, client } = result;
    if (earlierTries.length === 0) return [];
    const why = earlierTries.map(
      (tried, index) => `Try ${index + 1}: ${tried.explanation} (${folder}/${tried.folder}/)`,
    );
    const words = `${verdictWords(result)} is the verdict of try ${tryNumberOf(result)}`;
    const text = `${scenarioTitle({ name, client })} ran again, alone: ${words}. ${why.join(' ')}`;
    return [wrap(text, width, '    ').trimStart()];
  });
  return told.length === 0 ? undefined : told.join('\n');
}

/** `; 2 ran again`, for the line of the whole; nothing when none did. */
export function countedAgain(scenarios: readonly Pick<ScenarioResult, 'earlierTries'>[]): string {
  const number = scenarios.filter(({ earlierTries = [] }) => earlierTries.length > 0).length;
  return number === 0 ? '' : `; ${number} ran again`;
}
