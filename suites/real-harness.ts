/** The real environment for a suite: started once, and a folder of results to look into when a test fails. */
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { realClock } from '../harness/clock.ts';
import type { HistoryEvent } from '../harness/history/events.ts';
import { historyFile } from '../harness/history/merge.ts';
import { historyEvents } from '../harness/history/read-history.ts';
import type { ClientName } from '../harness/object-store/clients.ts';
import { Harness } from '../harness/scenario/harness.ts';
import { newResultsFolder } from '../harness/scenario/results-folder.ts';
import { commandFor, type Prepared, prepare, type RunOptions } from '../harness/scenario/run.ts';
import type { ScenarioResult } from '../harness/scenario/run-result.ts';
import type { Sabotage } from '../harness/scenario/stage.ts';

type Options = Partial<Pick<RunOptions, 'config' | 'set' | 'seed'>>;

export interface RealHarness {
  /** Runs what `prepare` made ready. */
  run(prepared: Prepared, options?: Options & { sabotage?: Sabotage }): Promise<ScenarioResult>;
  /** Prepares and runs one scenario through one client. */
  runNamed(scenario: string, client: ClientName, options?: Options & { sabotage?: Sabotage }): Promise<ScenarioResult>;
  /** Where a run's history is. */
  folderOf(result: ScenarioResult): string;
  /** What happened in a run, in the order of time. */
  history(result: ScenarioResult): Promise<HistoryEvent[]>;
}

/** To be called at the top of a suite. The environment is `TEMPO_S3_CHAOS_ENVIRONMENT`, else the first that works. */
export function realHarness(): RealHarness {
  let harness: Harness;
  let results: string;
  let number = 0;
  beforeAll(async () => {
    results = await newResultsFolder('chaos-results', realClock);
    harness = await Harness.start((process.env.TEMPO_S3_CHAOS_ENVIRONMENT ?? 'auto') as 'auto', {
      progress: () => {},
      clock: realClock,
      subjects: 2,
    });
  });
  afterAll(() => harness?.[Symbol.asyncDispose]());

  const run: RealHarness['run'] = (prepared, { sabotage, ...options } = {}) =>
    harness.run({
      scenario: prepared.scenario,
      client: prepared.client,
      settings: prepared.settings,
      results,
      folder: `${prepared.scenario.name}-${prepared.client}-${number++}`,
      command: commandFor(prepared, { set: [], ...options }),
      doing: () => {},
      signal: new AbortController().signal,
      ...(sabotage && { sabotage }),
    });
  return {
    run,
    async runNamed(scenario, client, options = {}) {
      const { runs } = await prepare({ scenarios: [scenario], clients: [client], set: [], ...options });
      return run(runs[0] as Prepared, options);
    },
    folderOf: ({ folder }) => join(results, folder),
    async history({ folder }) {
      return historyEvents(join(results, folder, historyFile));
    },
  };
}

/** For an assertion's message: why the verdict is what it is. */
export function because({ verdict, explanation, findings, folder }: ScenarioResult): string {
  const objections = findings
    .filter((finding) => finding.verdict !== 'pass')
    .map(({ checker, message }) => `${checker}: ${message}`);
  return [`${verdict} (${folder}): ${explanation}`, ...objections].join('\n');
}
