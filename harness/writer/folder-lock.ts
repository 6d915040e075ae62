/**
 * One writer a folder: who holds a folder is written into it, so that a second writer is refused, and not two make one disk.
 *
 * 1. The lock is a symbolic link whose target names the holder. It is made in one step with what it says, needs no space on a full
 *    disk, and is no file to those who list the folder.
 * 2. A lock whose process is gone is taken over: a killed process leaves its lock behind. As process ids are used again, the lock also says
 *    when its process began, where the system tells (Linux).
 * 3. Taking over means to move the old lock aside. If what was moved is not what was read, another was quicker: it is put back.
 */
import { readFileSync, rmSync } from 'node:fs';
import { readlink, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';

const LOCK = 'writer.lock';

/** A lock that is held. */
export interface FolderLock {
  /** Gives the folder free. Safe to call more than once. */
  release(): void;
}

/**
 * Takes an existing folder for a writer of this process.
 * @throws Error that names the folder and the holder, when a writer of a process that runs has it, be it this one.
 */
export async function lockFolder(folder: string, writer: string): Promise<FolderLock> {
  const path = join(folder, LOCK);
  const own = `${process.pid}:${startOf(process.pid) ?? ''}:${writer}`;
  for (;;) {
    try {
      await symlink(own, path);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw new Error(`writer: cannot lock ${folder}: ${(error as Error).message}`, { cause: error });
      }
    }
    const holder = await readlink(path).catch(() => undefined);
    // Given free in between.
    if (holder === undefined) continue;
    const [pid, began, name] = partsOf(holder);
    if (isRunning(pid, began)) {
      throw new Error(
        `writer: cannot start ${writer} on ${folder}: ${name} of process ${pid} holds it: stop that one first, or give each writer a folder of its own`,
      );
    }
    await moveAside(path, holder);
  }
  let held = true;
  return {
    release() {
      if (!held) return;
      held = false;
      rmSync(path, { force: true });
    },
  };
}

/** Takes a stale lock away, unless it is no longer the one that was read. */
export async function moveAside(path: string, holder: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  // Another may have done so already.
  await rename(path, aside).catch(() => {});
  const moved = await readlink(aside).catch(() => undefined);
  if (moved !== undefined && moved !== holder) await symlink(moved, path).catch(() => {});
  await rm(aside, { force: true });
}

function partsOf(holder: string): [pid: number, began: string, writer: string] {
  const [pid = '', began = '', ...writer] = holder.split(':');
  return [Number(pid), began, writer.join(':')];
}

function isRunning(pid: number, began: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // It may be another user's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const start = startOf(pid);
  if (start === 'gone') return false;
  return start === undefined || began === '' || start === began;
}

/** When a process began, in ticks since the system did; `undefined` where that cannot be known, `gone` of one that has ended. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // What comes before may hold spaces: the name of the program, in brackets. proc(5): the state is field 3, the start field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'gone' : fields[19];
  } catch {
    return undefined;
  }
}
