/**
 * The scenarios of a run, each to its last try:
 *
 * 1. All of them, side by side.
 * 2. When all have ended, those that proved nothing run again, one after another with nothing beside them: what made them inconclusive is
 *    most often a machine that was too busy.
 * 3. What proves nothing then either is run once more when all others have had their turn, `again` times at most. By then the machine
 *    may be quiet.
 *
 * What was decided is never run again: docs/decisions/113-what-proves-nothing-is-run-again.md.
 */
import { triesUpTo } from './earlier-try.ts';
import type { EarlierTry, ScenarioResult } from './run-result.ts';

export interface Tries<Run> {
  runs: readonly Run[];
  /** The places of the runs, in the order in which they begin. */
  order: readonly number[];
  /** How many run side by side in step 1, at most. */
  atOnce: number;
  /** How many more times each is run that proves nothing, at most. */
  again: number;
  signal: AbortSignal;
  /** Runs one, and gives its result with `earlier`: its tries before, in their order. `signal`: ends it early. */
  run(one: Run, earlier: readonly EarlierTry[], signal: AbortSignal): Promise<ScenarioResult>;
  /** Asked before each further try: whether none can prove anything any more. */
  isInVain(): boolean;
}

/** The result of the last try of each, in the order of `runs`. @throws what `run` throws, and the signal's reason; nothing is under way then. */
export async function runToLastTries<Run>({
  runs,
  order,
  atOnce,
  again,
  signal,
  run,
  isInVain,
}: Tries<Run>): Promise<ScenarioResult[]> {
  const results: ScenarioResult[] = new Array(runs.length);
  // A scenario whose results cannot be written ends the others too: nothing that follows would be kept either.
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const waiting = [...order];
  const worker = async () => {
    for (let place = waiting.shift(); place !== undefined && !either.aborted; place = waiting.shift()) {
      results[place] = await run(runs[place] as Run, [], either);
    }
  };
  // Each worker comes to its end, so that nothing is under way any more when this throws.
  await Promise.all(
    Array.from({ length: Math.min(atOnce, runs.length) }, () => worker().catch((error) => failed.abort(error))),
  );
  either.throwIfAborted();
  for (let round = 1; round <= again; round++) {
    for (const place of order) {
      const before = results[place] as ScenarioResult;
      if (before.verdict !== 'inconclusive') continue;
      if (isInVain()) return results;
      results[place] = await run(runs[place] as Run, triesUpTo(before), signal);
      signal.throwIfAborted();
    }
  }
  return results;
}
