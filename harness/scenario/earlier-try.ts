/** What a result tells of a try that proved nothing: enough to judge whether it was right to run it again. */
import type { EarlierTry, ScenarioResult } from './run-result.ts';

/** Of a result that was not the last. */
export function earlierTry({ verdict, explanation, folder }: ScenarioResult): EarlierTry {
  return { verdict, explanation: firstSentence(explanation), folder };
}

/** The result with the tries before it, in their order; without any it stays as it is. */
export function afterTries(result: ScenarioResult, earlier: readonly EarlierTry[]): ScenarioResult {
  return earlier.length === 0 ? result : { ...result, earlierTries: [...earlier] };
}

/** The tries of a scenario before the one that would follow on this result. */
export function triesUpTo(result: ScenarioResult): EarlierTry[] {
  return [...(result.earlierTries ?? []), earlierTry(result)];
}

/** The tries before, and this one. */
export function tryNumberOf({ earlierTries = [] }: Pick<ScenarioResult, 'earlierTries'>): number {
  return earlierTries.length + 1;
}

/** A full stop within a figure (`3.5s`) or a name (`meta.json`) ends none; one before another capital does. */
function firstSentence(text: string): string {
  return /^.*?[.!?](?=\s+[A-Z]|\s*$)/s.exec(text)?.[0] ?? text;
}
