/**
 * The verdict of a run, computed again from its histories alone, on whatever machine they are.
 *
 * 1. Find the histories.
 * 2. Judge each. One that is not whole ends all: there is no verdict from half a run.
 * 3. Put the tries of a scenario together, as the run did: the last one decides.
 * 4. Compare with what the run wrote, if that is there. Nothing is taken from it but the order of the scenarios.
 */
import { effects } from '../faults/catalogue.ts';
import { earlierTry } from '../scenario/earlier-try.ts';
import type { RunResult, ScenarioResult } from '../scenario/run-result.ts';
import { scenarioResult } from '../scenario/scenario-result.ts';
import { tool } from '../scenario/tool.ts';
import { exitCode, verdictOfExit } from '../verdict/expectation.ts';
import { judgeFile } from '../verdict/judge-file.ts';
import { type Difference, differences } from './differences.ts';
import { findHistories } from './find-histories.ts';
import { foldTries } from './fold-tries.ts';
import { mustBeAll, readWrittenVerdict, type WrittenVerdict, writtenFolders } from './written-verdict.ts';

/** As a run's result; `exitCode` is 1 too when the judgement differs from what was written. Times are those that the histories span. */
export interface Replay extends Omit<RunResult, 'config' | 'set' | 'startedAt'> {
  /** What it was compared with, and which version wrote that. `null`: the run left no verdict.json. */
  compared: { file: string; tool: string } | null;
  /** Where the judgement differs from what was written; of one scenario, with its folder. */
  differences: (Difference & { scenario?: string })[];
}

/** @throws HistoryError when there is nothing to judge, or no verdict can be made of it. */
export async function replay(folder: string): Promise<Replay> {
  const { runFolder, histories, whole } = await findHistories(folder);
  const written = await readWrittenVerdict(runFolder);
  const order = written ? writtenFolders(written) : [];
  if (written && whole) mustBeAll(written, histories);
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  histories.sort((a, b) => place(a.folder) - place(b.folder));

  const tries: ScenarioResult[] = [];
  const environments = new Set<string>();
  let [from, until] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const history of histories) {
    const judged = await judgeFile(history.file, { effects });
    tries.push(scenarioResult(judged, history.folder));
    environments.add(judged.scenario.environment);
    [from, until] = [Math.min(from, judged.from), Math.max(until, judged.until)];
  }
  const scenarios = foldTries(tries);
  const code = exitCode(scenarios);
  const result = {
    format: 1 as const,
    tool,
    verdict: verdictOfExit(code),
    exitCode: code,
    environment: [...environments].join(', '),
    tookMs: until - from,
    folder: runFolder,
    scenarios,
  };
  // A scenario of a run that was of others too is compared with what was written of it.
  const comparable = written && (whole || order.includes(histories[0]?.folder ?? '')) ? written : undefined;
  const found = comparable ? compare(comparable, result, whole) : [];
  return {
    ...result,
    exitCode: found.length > 0 ? 1 : code,
    compared: comparable ? { file: comparable.file, tool: comparable.tool } : null,
    differences: found,
  };
}

function compare(
  written: WrittenVerdict,
  { verdict, exitCode, environment, scenarios }: Pick<RunResult, 'verdict' | 'exitCode' | 'environment' | 'scenarios'>,
  whole: boolean,
): Replay['differences'] {
  const ofRun = whole
    ? differences(
        { verdict: written.verdict, exitCode: written.exitCode, environment: written.environment },
        { verdict, exitCode, environment },
      )
    : [];
  const ofScenarios = scenarios.flatMap((scenario) => {
    const found = differencesOf(scenario, written, whole);
    return found.map((difference) => ({ scenario: scenario.folder, ...difference }));
  });
  return [...ofRun, ...ofScenarios];
}

/** Of a try that the run did not end with, only as much was written as is told of an earlier one. */
function differencesOf(scenario: ScenarioResult, { scenarios }: WrittenVerdict, whole: boolean): Difference[] {
  // As it would have been written: what is `undefined` is not there.
  const asWritten = (value: object) => JSON.parse(JSON.stringify(value)) as object;
  const earlier = scenarios.flatMap(({ earlierTries = [] }) => earlierTries);
  const asEarlier = earlier.find(({ folder }) => folder === scenario.folder);
  if (asEarlier) return differences(asEarlier, asWritten(earlierTry(scenario)));
  const before = scenarios.find(({ folder }) => folder === scenario.folder);
  if (!before || whole) return differences(before, asWritten(scenario));
  // The history of a later try alone tells nothing of those before.
  const { earlierTries: _, ...alone } = before;
  return differences(alone, asWritten(scenario));
}
