/** Where a run's results go: `chaos-results/<run>/`, a folder that was not there before, so that no earlier run is lost. */
import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Clock } from '../clock.ts';
import { makeFolders } from '../process/make-folders.ts';

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
  EPERM: ['it may not be written', 'name another folder with --out, or run as a user who may write there'],
  EDQUOT: ['the disk is full', 'free some space, or name a folder on another disk with --out'],
  ENOSPC: ['the disk is full', 'free some space, or name a folder on another disk with --out'],
};

/** The error of a failed write below `folder`, in words. */
export function resultsError(folder: string, error: unknown): ResultsError {
  const { code, message } = error as NodeJS.ErrnoException;
  const [problem, remedy] = reasons[code ?? ''] ?? [message, 'name another folder with --out'];
  return new ResultsError(`results cannot go to ${folder}: ${problem}`, remedy, { cause: error });
}

/** What `work` gives; where it fails by the file system, its error in words. @throws ResultsError, and what else `work` throws. */
export async function writingResults<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const failure = [error, (error as Error | undefined)?.cause].find(
      (one) => reasons[(one as NodeJS.ErrnoException | undefined)?.code ?? ''],
    );
    throw failure ? resultsError(folder, failure) : error;
  }
}

/** More runs than this do not draw the same letters in the same second. */
const MOST_DRAWS = 20;

const fourLetters = () => randomBytes(2).toString('hex');

/** Makes the folder of a new run below `out`, named by the time and four random letters. @throws ResultsError */
export async function newResultsFolder(out: string, clock: Clock, letters = fourLetters): Promise<string> {
  const stamp = clock.date().toISOString().slice(0, 19).replaceAll(':', '-');
  const folder = () => join(resolve(out), `${stamp}-${letters()}`);
  let named = folder();
  try {
    makeFolders(resolve(out));
    for (let draw = 1; ; draw++) {
      try {
        await mkdir(named);
        return named;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        // Another run of this second has it.
        if (draw === MOST_DRAWS) throw new Error('it, and others by its name, are there already', { cause: error });
        named = folder();
      }
    }
  } catch (error) {
    throw resultsError(named, error);
  }
}

/** Removes a run's folder that nothing was written to: a run that could not begin leaves none. */
export async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch(() => {});
}

/** Writes a file whole or not at all. @throws ResultsError */
export async function writeResult(file: string, content: string): Promise<void> {
  try {
    await writeFile(`${file}.new`, content);
    await rename(`${file}.new`, file);
  } catch (error) {
    await rm(`${file}.new`, { force: true }).catch(() => {});
    throw resultsError(file, error);
  }
}
