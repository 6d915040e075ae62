/** Runs a scenario of a history again, as it was and with one setting changed: on an environment of its own. */
import { join } from 'node:path';
import { type Clock, realClock } from '../clock.ts';
import { faultNames } from '../faults/catalogue.ts';
import type { ScenarioEvent } from '../history/events.ts';
import { HistoryError } from '../history/history-error.ts';
import { type ClientName, clientNames } from '../object-store/clients.ts';
import { checkTimeline } from '../scenario/check-timeline.ts';
import { Harness } from '../scenario/harness.ts';
import { newResultsFolder, removeIfEmpty, writeResult } from '../scenario/results-folder.ts';
import type { RunOptions } from '../scenario/run.ts';
import type { RunObserver, ScenarioResult } from '../scenario/run-result.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { ScenarioError } from '../scenario/scenario-error.ts';
import { withSetOptions } from '../tempo/set-option.ts';
import type { TempoSettings } from '../tempo/settings.ts';
import { type Candidate, candidates } from './candidates.ts';
import type { ExplainedRun } from './explain-run.ts';
import { uncompressed } from './uncompressed.ts';
import { type WhatIfResult, whatIf, whatIfFile } from './what-if.ts';

export interface WhatIfOptions extends Pick<RunOptions, 'environment' | 'out'> {
  /** Settings to try, at most. */
  most?: number;
}

export interface RanWhatIf extends WhatIfResult {
  /** Where the histories of the runs are. */
  folder: string;
}

/** What is run, as it is in a history. */
interface Subject {
  scenario: Scenario;
  client: ClientName;
  /** Uncompressed. */
  settings: TempoSettings;
}

/**
 * One run after another: what else runs would be in the way of the one that is to prove something.
 * @throws HistoryError for a scenario that this version cannot run; EnvironmentError, ResultsError. Also the signal's reason.
 */
export async function runWhatIf(
  explained: ExplainedRun,
  { environment, out, most }: WhatIfOptions,
  observer: RunObserver,
  signal: AbortSignal,
  clock: Clock = realClock,
): Promise<RanWhatIf> {
  const subject = subjectOf(explained.scenario);
  const { blame, failedFlushes, result } = explained;
  const { deadlineExceeded } = result;
  const promising = candidates(subject.settings, { blame, deadlineExceeded, failedFlushes }, most);
  const possible = promising.filter((candidate) => canRun(subject, candidate));
  const folder = await newResultsFolder(out, clock);
  try {
    await using harness = await Harness.start(environment, {
      progress: (line) => observer.preparing(line),
      clock,
      subjects: 1,
      signal,
    });
    observer.environmentUp(`environment: ${harness.environment.name} (${harness.environment.origin})`);
    let number = 0;
    const runWith = async (option: string | undefined, label: string): Promise<ScenarioResult> => {
      const about = { name: label, client: subject.client };
      observer.scenarioStarted(about);
      const ran = await harness.run({
        ...changed(subject, option),
        client: subject.client,
        results: folder,
        folder: `${++number}-${subject.scenario.name}`,
        command: explained.scenario.command,
        doing: (what) => observer.scenarioProgress(about, what),
        signal,
      });
      signal.throwIfAborted();
      observer.scenarioFinished({ ...ran, name: label });
      return ran;
    };
    const found = { ...(await whatIf(possible, runWith)), folder };
    await writeResult(join(folder, whatIfFile), `${JSON.stringify(found, null, 2)}\n`);
    return found;
  } finally {
    await removeIfEmpty(folder);
  }
}

/** @throws HistoryError for what another version may have written. */
export function subjectOf(event: ScenarioEvent): Subject {
  const scenario = event.scenario as Scenario;
  const client = clientNames.find((name) => name === event.client);
  const unknown = (scenario.timeline ?? []).find(({ fault }) => !faultNames.includes(fault));
  const refuse = (problem: string): never => {
    throw new HistoryError(
      `scenario ${event.name}`,
      `it cannot be run again: ${problem}`,
      `use the version that wrote its history: ${event.tool}`,
    );
  };
  if (!client) return refuse(`there is no client "${event.client}"`);
  if (unknown) return refuse(`there is no fault "${unknown.fault}"`);
  return { scenario, client, settings: uncompressed(event.settings as TempoSettings, event.compression) };
}

/** The scenario with one setting changed. Of smaller blocks there are more: the data is the same. */
export function changed({ scenario, settings }: Subject, option?: string): Pick<Subject, 'scenario' | 'settings'> {
  if (option === undefined) return { scenario, settings };
  const other = withSetOptions(settings, [option]);
  const more = settings.blocks.maxBlockBytes / other.blocks.maxBlockBytes;
  const blocks = Math.max(1, Math.round(scenario.load.blocks * more));
  return { scenario: { ...scenario, load: { ...scenario.load, blocks } }, settings: other };
}

/** Whether the scenario can come true with it: compressed, the setting may be too short to be true. */
function canRun(subject: Subject, { option }: Candidate): boolean {
  const { scenario, settings } = changed(subject, option);
  try {
    checkTimeline(scenario.name, scenario, settings);
    return true;
  } catch (error) {
    if (error instanceof ScenarioError) return false;
    throw error;
  }
}
