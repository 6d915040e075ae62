/** The histories of a folder: of a run, with a folder for each scenario and client, or of one of these. */
import type { Dirent } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { exploreFile, timelinesFolder } from '../explore/explore-files.ts';
import { copyAgain, HistoryError } from '../history/history-error.ts';
import { historyFile, partsFolder } from '../history/merge.ts';
import { whatIfFile } from '../what-if/what-if.ts';

export const verdictFile = 'verdict.json';

/** One of them is in the folder of every run that is over. */
const resultFiles = [verdictFile, exploreFile, whatIfFile];

export interface FoundHistories {
  /** The run's: where verdict.json is, if there is one. */
  runFolder: string;
  /** `folder`: the name of the scenario's folder in the run's. */
  histories: { folder: string; file: string }[];
  /** Whether these are all that the run's folder has. */
  whole: boolean;
}

/** `given`: the folder as the user wrote it. @throws HistoryError when there is none, or one is missing: there is no verdict from half a run. */
export async function findHistories(given: string): Promise<FoundHistories> {
  if (given === '') throw new HistoryError('""', 'it names no folder', whichFolder);
  // What a shell completes to ends in a slash.
  const folder = given.replace(/(?<=[^/])\/+$/, '');
  const entries = await entriesOf(folder);
  if (has(entries, historyFile)) {
    const [name, runFolder] = nameAndParent(folder);
    const histories = [{ folder: name, file: join(folder, historyFile) }];
    await mustBeReadable(histories);
    return { runFolder, histories, whole: false };
  }
  if (has(entries, partsFolder)) throw interrupted(folder);
  const explored = has(entries, exploreFile);
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const histories: FoundHistories['histories'] = [];
  const [underWay, runs, others]: [string[], string[], string[]] = [[], [], []];
  for (const name of folders.sort()) {
    // Scenarios to run again, not what was run.
    if (explored && name === timelinesFolder) continue;
    const path = join(folder, name);
    const inside = await entriesOf(path);
    if (has(inside, historyFile)) histories.push({ folder: name, file: join(path, historyFile) });
    else if (has(inside, partsFolder)) underWay.push(path);
    else if (resultFiles.some((file) => has(inside, file))) runs.push(path);
    else others.push(path);
  }
  const [first] = histories;
  const [running] = underWay;
  if (running) throw interrupted(running, first && join(folder, first.folder));
  // The names of runs begin with their time: the last is the newest.
  const newest = runs.at(-1);
  if (newest) throw new HistoryError(folder, 'it holds runs, and is none itself', `name one of them: ${newest}`);
  const [other] = others;
  if (!first && !(other && has(entries, verdictFile))) throw nothingIn(folder, entries.length, explored);
  if (other) {
    const remedy = first
      ? `copy the run's folder again, take out what is not of the run, or name the folder of one scenario: ${join(folder, first.folder)}`
      : copyAgain;
    throw new HistoryError(other, `there is no ${historyFile} in it`, remedy);
  }
  await mustBeReadable(histories);
  return { runFolder: folder, histories, whole: true };
}

const whichFolder = 'name the folder of a run (chaos-results/<run>), or that of one scenario in it';

function interrupted(folder: string, whole?: string): HistoryError {
  const problem = `only ${partsFolder}/ is in it, and no ${historyFile}: the run was interrupted, or is still under way`;
  const other = whole === undefined ? '' : `, or name the folder of a scenario that is over: ${whole}`;
  return new HistoryError(folder, problem, `wait until the run is over, or run the scenario again${other}`);
}

function nothingIn(folder: string, entries: number, explored: boolean): HistoryError {
  if (explored) {
    const problem = 'no history is in it: an exploration keeps those of what failed, and nothing did';
    const remedy = `run one of its timelines: tempo-s3-chaos run ${join(folder, timelinesFolder)}/<name>.yaml`;
    return new HistoryError(folder, problem, remedy);
  }
  const none = `neither ${historyFile} nor the folder of a scenario is in it`;
  return new HistoryError(folder, entries === 0 ? 'the folder is empty' : none, whichFolder);
}

/** Of `.` too; the parent as it was given, wherever it was. */
function nameAndParent(folder: string): [name: string, parent: string] {
  const path = resolve(folder);
  const name = basename(path);
  return [name, basename(folder) === name ? dirname(folder) : dirname(path)];
}

async function mustBeReadable(histories: FoundHistories['histories']): Promise<void> {
  for (const { file } of histories) {
    try {
      if ((await stat(file)).isDirectory()) {
        throw new HistoryError(file, 'it is a folder, and the history is a file', copyAgain);
      }
      await (await open(file)).close();
    } catch (error) {
      throw error instanceof HistoryError ? error : unreadable(file, error as NodeJS.ErrnoException);
    }
  }
}

function has(entries: readonly Dirent[], name: string): boolean {
  return entries.some((entry) => entry.name === name);
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw unreadable(folder, error as NodeJS.ErrnoException);
  }
}

/** What the file system says of a file or a folder, with what to do about it. */
function unreadable(path: string, error: NodeJS.ErrnoException): HistoryError {
  const problems: Record<string, [string, string]> = {
    ENOENT: ['there is no such folder', whichFolder],
    ENOTDIR: ['it is a file', `name its folder: ${dirname(path)}`],
    EACCES: ['it may not be read', 'run as a user who may read it'],
  };
  const [problem, remedy] = problems[error.code ?? ''] ?? [error.message, whichFolder];
  return new HistoryError(path, problem, remedy, { cause: error });
}
