/**
 * Which process a number means. A process id is given to another process some time after its owner has ended, so that
 * it names a process only together with the time at which that process started.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';

export interface ProcessIdentity {
  pid: number;
  /** As the system tells it: clock ticks since boot on Linux, a date elsewhere. Only ever compared. */
  startedAt: string;
}

/** The process that has this id now; `undefined` when there is none, or only what is left of an ended one. */
export function identify(pid: number): ProcessIdentity | undefined {
  const startedAt = process.platform === 'linux' ? startedAtOnLinux(pid) : startedAtByPs(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** Whether exactly this process still runs. */
export function stillRuns(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startedAt === identity.startedAt;
}

/** Kills exactly this process, and the group that it leads, if it does. Returns whether there was anything to kill. */
export function kill(identity: ProcessIdentity): boolean {
  if (!stillRuns(identity)) return false;
  for (const target of [-identity.pid, identity.pid]) {
    try {
      process.kill(target, 'SIGKILL');
      return true;
    } catch (error) {
      // No such group: it leads none. No such process: it has just ended.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  return false;
}

/**
 * Where process ids mean the same: the boot and the PID namespace on Linux. What another container has written into a
 * shared folder cannot be judged from here.
 */
export function processIdSpace(): { boot: string; namespace: string } {
  if (process.platform !== 'linux') return { boot: '', namespace: '' };
  return {
    boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    namespace: readlinkSync('/proc/self/ns/pid'),
  };
}

function startedAtOnLinux(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The second field is the program's name in parentheses, and may hold spaces and parentheses itself. See proc(5).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  if (state === 'Z' || state === 'X') return undefined;
  return fields[22 - 3];
}

function startedAtByPs(pid: number): string | undefined {
  const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  });
  return stdout?.trim() || undefined;
}
