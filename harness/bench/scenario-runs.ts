/** Scenarios on the real path, native, for a bench: as many at once as it says, in a harness of their own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../clock.ts';
import { pooled } from '../pooled.ts';
import { Harness } from '../scenario/harness.ts';
import { commandFor, type Prepared } from '../scenario/run.ts';
import type { ScenarioResult } from '../scenario/run-result.ts';

export interface ScenarioRuns {
  /** In the order of what was to be run. */
  results: ScenarioResult[];
  /** Milliseconds from the first's start to the last's end; the environment was up. */
  tookMs: number;
}

/** `seen` is called with each result while its folder is there. */
export async function runScenarios(
  all: readonly Prepared[],
  atOnce: number,
  seen: (result: ScenarioResult, place: number, folder: string) => Promise<void> = async () => {},
): Promise<ScenarioRuns> {
  const results = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-bench-'));
  try {
    await using harness = await Harness.start('native', {
      progress: (line) => console.error(line),
      clock: realClock,
      subjects: Math.min(atOnce, all.length),
    });
    const { signal } = new AbortController();
    const began = realClock.now();
    const found = await pooled(all, atOnce, async (one, place) => {
      const folder = `${place}-${one.scenario.name}-${one.client}`;
      const { scenario, client, settings } = one;
      const command = commandFor(one, { set: [] });
      const result = await harness.run({
        scenario,
        client,
        settings,
        results,
        folder,
        command,
        doing: () => {},
        signal,
      });
      console.error(`${result.verdict} ${result.name} ${client} (${(result.tookMs / 1000).toFixed(1)} s)`);
      await seen(result, place, join(results, folder));
      return result;
    });
    return { results: found, tookMs: realClock.now() - began };
  } finally {
    await rm(results, { recursive: true, force: true });
  }
}
