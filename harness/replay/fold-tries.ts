/**
 * Puts the tries of each scenario together, as the run had them: the result of the last, which tells of those before.
 *
 * Only what proves nothing is ever run again. A try that is judged otherwise now, by another version, stays a result of its own, with the one
 * that followed on it: no verdict goes missing.
 */
import { afterTries, triesUpTo } from '../scenario/earlier-try.ts';
import type { ScenarioResult } from '../scenario/run-result.ts';
import { readTryFolder } from '../scenario/try-folder.ts';

/** `results`: each as of a try alone. They come in the order of their first tries. */
export function foldTries(results: readonly ScenarioResult[]): ScenarioResult[] {
  const scenarios = new Map<string, { number: number; result: ScenarioResult }[]>();
  for (const result of results) {
    const { first, number } = readTryFolder(result.folder);
    // A folder that was renamed may look like a try of another scenario.
    const key = JSON.stringify([first, result.name, result.client, result.seed]);
    scenarios.set(key, [...(scenarios.get(key) ?? []), { number, result }]);
  }
  return [...scenarios.values()].flatMap((tries) => {
    tries.sort((a, b) => a.number - b.number);
    const folded: ScenarioResult[] = [];
    for (const { result } of tries) {
      const before = folded.at(-1);
      if (before?.verdict === 'inconclusive') folded[folded.length - 1] = afterTries(result, triesUpTo(before));
      else folded.push(result);
    }
    return folded;
  });
}
