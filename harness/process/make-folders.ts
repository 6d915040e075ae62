/** Makes a folder, and those above it that are missing. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Not by Node's own `recursive`: where a parent lets nothing be made in it and says that it is not there, as /proc does, that tries
 * for ever. `mode` is that of every folder made.
 * @throws Error of the file system, with its code.
 */
export function makeFolders(folder: string, mode?: number): void {
  try {
    makeOne(folder, mode);
  } catch (error) {
    const parent = dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw error;
    makeFolders(parent, mode);
    makeOne(folder, mode);
  }
}

/** One that is there already, or that another process made a moment ago, is as good. */
function makeOne(folder: string, mode: number | undefined): void {
  try {
    mkdirSync(folder, mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !statSync(folder).isDirectory()) throw error;
  }
}
