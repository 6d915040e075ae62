/** The histories of a folder: of a run, with a folder for each scenario and client, or of one of these. */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { HistoryError } from '../history/history-error.ts';
import { historyFile, partsFolder } from '../history/merge.ts';

export const verdictFile = 'verdict.json';

export interface FoundHistories {
  /** The run's: where verdict.json is, if there is one. */
  runFolder: string;
  /** `folder`: the name of the scenario's folder in the run's. */
  histories: { folder: string; file: string }[];
  /** Whether these are all that the run's folder has. */
  whole: boolean;
}

/** @throws HistoryError when there is none, or one is missing: there is no verdict from half a run. */
export async function findHistories(folder: string): Promise<FoundHistories> {
  const entries = await entriesOf(folder);
  if (has(entries, historyFile)) {
    const path = resolve(folder);
    const histories = [{ folder: basename(path), file: join(folder, historyFile) }];
    return { runFolder: dirname(path), histories, whole: false };
  }
  if (has(entries, partsFolder)) throw interrupted(folder);
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  if (folders.length === 0) {
    const problem =
      entries.length === 0 ? 'the folder is empty' : `neither ${historyFile} nor the folder of a scenario is in it`;
    throw new HistoryError(folder, problem, whichFolder);
  }
  const histories = [];
  for (const name of folders.sort()) {
    const path = join(folder, name);
    const inside = await entriesOf(path);
    if (has(inside, historyFile)) histories.push({ folder: name, file: join(path, historyFile) });
    else if (has(inside, partsFolder)) throw interrupted(path);
    else if (has(inside, verdictFile)) {
      throw new HistoryError(folder, `it holds runs, and is none itself`, `name one of them: ${path}`);
    } else throw new HistoryError(path, `there is no ${historyFile} in it`, whichFolder);
  }
  return { runFolder: folder, histories, whole: true };
}

const whichFolder = 'name the folder of a run (chaos-results/<run>), or that of one scenario in it';

function interrupted(folder: string): HistoryError {
  const problem = `only ${partsFolder}/ is in it, and no ${historyFile}: the run was interrupted, or is still under way`;
  return new HistoryError(folder, problem, 'wait until the run is over, or run the scenario again');
}

function has(entries: readonly Dirent[], name: string): boolean {
  return entries.some((entry) => entry.name === name);
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const problems: Record<string, [string, string]> = {
      ENOENT: ['there is no such folder', whichFolder],
      ENOTDIR: ['it is a file', `name its folder: ${dirname(folder)}`],
      EACCES: ['it may not be read', 'run as a user who may read it'],
    };
    const [problem, remedy] = problems[code ?? ''] ?? [message, whichFolder];
    throw new HistoryError(folder, problem, remedy, { cause: error });
  }
}
