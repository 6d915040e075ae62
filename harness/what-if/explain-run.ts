/**
 * Explains a run from its histories alone: of the gravest of its scenarios whom the lost time is due to, and where the time of each flush
 * went that failed or was slow.
 */
import { effects } from '../faults/catalogue.ts';
import type { HistoryEvent, ScenarioEvent } from '../history/events.ts';
import { readHistory } from '../history/read-history.ts';
import { findHistories } from '../replay/find-histories.ts';
import { foldTries } from '../replay/fold-tries.ts';
import { mustBeAll, readWrittenVerdict } from '../replay/written-verdict.ts';
import type { ScenarioResult } from '../scenario/run-result.ts';
import { scenarioResult } from '../scenario/scenario-result.ts';
import { attribute } from '../verdict/attribution/attribution.ts';
import type { Blame } from '../verdict/attribution/blame.ts';
import type { Waterfall } from '../verdict/attribution/waterfall.ts';
import { judgeFile } from '../verdict/judge-file.ts';

export interface ExplainedRun {
  /** Where its history is. */
  file: string;
  result: ScenarioResult;
  /** Enough to run it again. */
  scenario: ScenarioEvent;
  /** How many scenarios were in the folder that it is the gravest of. */
  of: number;
  blame: Blame;
  /** In the order in which the flushes ended. */
  waterfalls: Waterfall[];
  /** The blocks that were flushed, or were to be, in the order of their first flush: their ids. */
  blocks: string[];
  failedFlushes: number;
}

/** @throws HistoryError when there is no history, or one that is not whole. */
export async function explainRun(folder: string): Promise<ExplainedRun> {
  const { histories, runFolder, whole } = await findHistories(folder);
  const written = whole ? await readWrittenVerdict(runFolder) : undefined;
  // The gravest may be the one that is missing.
  if (written) mustBeAll(written, histories);
  const tries: { file: string; result: ScenarioResult; scenario: ScenarioEvent }[] = [];
  for (const { file, folder: name } of histories) {
    const judged = await judgeFile(file, { effects });
    tries.push({ file, result: scenarioResult(judged, name), scenario: judged.scenario });
  }
  // A try that proved nothing, and was followed by another, decided nothing.
  const decisive = foldTries(tries.map(({ result }) => result));
  // findHistories gives one at least.
  const gravest = decisive.reduce((one, other) => (graver(other, one) ? other : one));
  const { file, result, scenario } = tries.find((one) => one.result.folder === gravest.folder) as (typeof tries)[0];
  // Read once more: which is the gravest is known when all are judged, and to keep what tells of single flushes of each takes far more memory.
  const blocks = new Set<string>();
  let failedFlushes = 0;
  async function* watched(): AsyncGenerator<HistoryEvent> {
    for await (const event of readHistory(file)) {
      if (event.type === 'flush.start') blocks.add(event.block);
      if (event.type === 'flush.end' && event.outcome === 'fail') failedFlushes++;
      yield event;
    }
  }
  const { blame, waterfalls } = await attribute(watched());
  return { file, result, scenario, of: decisive.length, blame, waterfalls, blocks: [...blocks], failedFlushes };
}

/** What fails and was not to; what fails; what proves nothing; what passes and was not to; then more flushes over their deadline. */
function graver(one: ScenarioResult, other: ScenarioResult): boolean {
  const rank = ({ verdict, asExpected }: ScenarioResult) =>
    verdict === 'fail' ? (asExpected ? 3 : 4) : verdict === 'inconclusive' ? 2 : asExpected ? 0 : 1;
  return rank(one) - rank(other) > 0 || (rank(one) === rank(other) && one.deadlineExceeded > other.deadlineExceeded);
}
