/**
 * Removes what killed runs have left behind. For each record of the register:
 *
 * 1. If its owner still runs, or cannot be judged from here (another container's), leave everything alone.
 * 2. Kill its processes, each only if it is still the one that was entered.
 * 3. Remove its containers, its folders, and then its record.
 *
 * Two sweeps at once are harmless: every step finds its work done and goes on.
 */
import { readdirSync } from 'node:fs';
import { realClock } from '../clock.ts';
import { removeContainers } from './container-removal.ts';
import type { Progress } from './environment.ts';
import { kill, processIdSpace, stillRuns } from './process-identity.ts';
import { idOfRecord, RUN_LABEL, type RunRecord, readRecord, removeFiles, runsFolder } from './run-record.ts';

/** A killed process may be in the middle of a write to a slow disk. */
const PATIENCE_MS = 5000;

/** What was left by one killed run, and is gone now. */
export interface SweptRun {
  id: string;
  /** The names of the processes that still ran. */
  processes: string[];
  containers: boolean;
}

/** Removes what killed runs have left. What cannot be removed now is told to `progress`, and left for the next sweep. */
export async function sweep(progress: Progress): Promise<SweptRun[]> {
  const swept: SweptRun[] = [];
  for (const file of recordFiles()) {
    const id = idOfRecord(file);
    if (!id) continue;
    try {
      const record = readRecord(id);
      if (mayBeAlive(record)) continue;
      progress(`removing what the killed run ${id} has left behind`);
      swept.push(await sweepRun(id, record));
    } catch (error) {
      // Another sweep was faster.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      progress(`could not remove what run ${id} has left behind: ${(error as Error).message}`);
    }
  }
  return swept;
}

function recordFiles(): string[] {
  try {
    return readdirSync(runsFolder());
  } catch {
    // No run was ever registered here.
    return [];
  }
}

function mayBeAlive(record: RunRecord): boolean {
  const here = processIdSpace();
  // The machine has been restarted since: nothing of that time runs.
  if (record.processIdSpace.boot !== here.boot) return false;
  if (record.processIdSpace.namespace !== here.namespace) return true;
  return stillRuns(record.owner);
}

async function sweepRun(id: string, record: RunRecord): Promise<SweptRun> {
  const sameBoot = record.processIdSpace.boot === processIdSpace().boot;
  const killed = sameBoot ? record.processes.filter((entry) => kill(entry)) : [];
  const deadline = realClock.now() + PATIENCE_MS;
  while (killed.some(stillRuns) && realClock.now() < deadline) await realClock.sleep(10);
  if (record.containers > 0) await removeContainers(`${RUN_LABEL}=${id}`);
  removeFiles(id);
  return { id, processes: killed.map(({ name }) => name), containers: record.containers > 0 };
}
