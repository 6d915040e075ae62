/**
 * What a fleet of 30 writers costs this machine, in compressed time: the scenario `thundering-start`, through each client, in four subject
 * processes beside the traffic of a deployment's queriers and compactors.
 *
 * 1. Memory: of every process of the harness that tells its lateness (harness, gateway, DNS server, subjects, background), the most that it
 *    had, added up. MinIO and Toxiproxy are apart: they are other people's.
 * 2. The 99th percentile of the event loop's delay, of each process, until the final read: while something is timed. That of the whole run
 *    is told beside it.
 *
 * The harness's own process holds the bench, and this is the only scenario in it.
 */
import { join } from 'node:path';
import { historyFile } from '../history/merge.ts';
import { historyEvents } from '../history/read-history.ts';
import { clientNames } from '../object-store/clients.ts';
import { prepare } from '../scenario/run.ts';
import type { Measurement } from './measurement.ts';
import { processesOf } from './processes-of.ts';
import { runScenarios } from './scenario-runs.ts';

const SCENARIO = 'thundering-start';
const MiB = 1024 ** 2;
const MEMORY_GOAL = 2 * 1024 * MiB;
/** Milliseconds. */
const DELAY_GOAL = 20;

export async function benchFleet(): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  const { runs } = await prepare({ scenarios: [SCENARIO], clients: clientNames, set: [] });
  for (const one of runs) {
    await runScenarios([one], 1, async (result, _place, folder) => {
      const processes = processesOf(await historyEvents(join(folder, historyFile)));
      const memory = processes.reduce((sum, process) => sum + process.memory, 0);
      measurements.push({
        what: `${one.client}: memory of ${processes.length} processes (${result.verdict})`,
        value: `${(memory / MiB).toFixed(0)} MiB`,
        goal: `<= ${MEMORY_GOAL / MiB} MiB`,
        met: result.asExpected && memory <= MEMORY_GOAL,
      });
      for (const { process, pid, p99Ms, wholeP99Ms, maxMs, memory: own } of processes) {
        measurements.push({
          what: `${one.client}: ${process} ${pid}, event loop p99 (longest ${maxMs.toFixed(0)} ms; with the final read ${wholeP99Ms.toFixed(1)} ms; ${(own / MiB).toFixed(0)} MiB)`,
          value: `${p99Ms.toFixed(1)} ms`,
          goal: `<= ${DELAY_GOAL} ms`,
          met: p99Ms <= DELAY_GOAL,
        });
      }
    });
  }
  return measurements;
}
