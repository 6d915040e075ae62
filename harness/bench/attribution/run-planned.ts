/** Runs a planned scenario on a harness: what it cost, and whom the judge blames who does not know what was planted. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { historyFile } from '../../history/merge.ts';
import { historyEvents } from '../../history/read-history.ts';
import type { Harness } from '../../scenario/harness.ts';
import { usualConfig } from '../../scenario/shipped.ts';
import { readTempoConfig } from '../../tempo/config.ts';
import { attribute } from '../../verdict/attribution/attribution.ts';
import type { Blame } from '../../verdict/attribution/blame.ts';
import { hideFaults } from '../../verdict/attribution/hide-faults.ts';
import { type Cost, costOf } from './cost.ts';
import type { PlannedScenario } from './planned.ts';

export interface Observed {
  cost: Cost;
  blame: Blame;
  /** Why the run is inconclusive, if it is. It counts all the same: blame is asked of every run, and most of all of those. */
  trouble?: string;
}

export interface RunPlannedOptions {
  /** The folder of the results; the scenario has one in it, by its name. */
  results: string;
  /** Leaves the history where it is. */
  keep: boolean;
  signal: AbortSignal;
}

export async function runPlanned(
  harness: Pick<Harness, 'run'>,
  { scenario, client, name }: PlannedScenario,
  { results, keep, signal }: RunPlannedOptions,
): Promise<Observed> {
  const set = Object.entries(scenario.set).map(([key, value]) => `${key}=${value}`);
  const { settings } = await readTempoConfig(usualConfig, { set });
  const run = { scenario, client, settings, results, folder: name, command: '', doing() {}, signal };
  const { verdict, explanation } = await harness.run(run);
  const folder = join(results, name);
  const history = await historyEvents(join(folder, historyFile));
  if (!keep) await rm(folder, { recursive: true, force: true });
  return {
    cost: costOf(history),
    blame: (await attribute(hideFaults(history))).blame,
    ...(verdict === 'inconclusive' && { trouble: explanation }),
  };
}
