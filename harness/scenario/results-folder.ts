/** Where a run's results go: `chaos-results/<run>/`, a folder that was not there before, so that no earlier run is lost. */
import { randomBytes } from 'node:crypto';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Clock } from '../clock.ts';

/** A result could not be written: exit code 3. */
export class ResultsError extends Error {
  override readonly name = 'ResultsError';
  constructor(
    message: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const reasons: Record<string, [string, string]> = {
  EACCES: ['it may not be written', 'name another folder with --out, or run as a user who may write there'],
  EROFS: ['it is on a file system that is read-only', 'name another folder with --out'],
  ENOENT: ['nothing can be made in the folder above it', 'name another folder with --out'],
  ENOTDIR: ['a part of its path is a file', 'name another folder with --out'],
  EEXIST: ['a part of its path is a file', 'name another folder with --out'],
  ENOSPC: ['the disk is full', 'free some space, or name a folder on another disk with --out'],
};

/** The error of a failed write below `folder`, in words. */
export function resultsError(folder: string, error: unknown): ResultsError {
  const { code, message } = error as NodeJS.ErrnoException;
  const [problem, remedy] = reasons[code ?? ''] ?? [message, 'name another folder with --out'];
  return new ResultsError(`results cannot go to ${folder}: ${problem}`, remedy, { cause: error });
}

/** Makes the folder of a new run below `out`, named by the time and four random letters. @throws ResultsError */
export async function newResultsFolder(out: string, clock: Clock): Promise<string> {
  const stamp = clock.date().toISOString().slice(0, 19).replaceAll(':', '-');
  const folder = join(resolve(out), `${stamp}-${randomBytes(2).toString('hex')}`);
  try {
    await makeFolders(resolve(out));
    await mkdir(folder);
    return folder;
  } catch (error) {
    throw resultsError(folder, error);
  }
}

/**
 * Makes a folder, and those above it that are missing. Not by Node's own `recursive`: where a parent lets nothing be made in it
 * and says that it is not there, as /proc does, that tries for ever.
 */
async function makeFolders(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const parent = dirname(folder);
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return;
    if (code !== 'ENOENT' || parent === folder) throw error;
    await makeFolders(parent);
    await mkdir(folder);
  }
}

/** Writes a file whole or not at all. @throws ResultsError */
export async function writeResult(file: string, content: string): Promise<void> {
  try {
    await writeFile(`${file}.new`, content);
    await rename(`${file}.new`, file);
  } catch (error) {
    throw resultsError(file, error);
  }
}
