/**
 * A file system in memory (tmpfs), of a size that can be changed while it is in use, in a mount namespace of its own: nothing of it is
 * to be seen from outside, and it is gone with the last process in there, however that ends.
 *
 * A process that does nothing holds the namespace, so that what is on the disk stays while no MinIO runs; it ends with the harness. It
 * is made by root, or by anyone in a user namespace in which they are root, where the system allows that.
 */
import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { realClock } from '../clock.ts';
import type { Diagnosis } from './environment.ts';
import { type Invocation, type RunningProcess, startProcess } from './native-process.ts';
import type { Register } from './register.ts';

/** Bytes. As large as tmpfs makes itself unless told (half of the memory, tmpfs(5)), and no larger than what a scenario may need. */
export const MEMORY_DISK_BYTES = Math.min(4 * 1024 ** 3, Math.floor(totalmem() / 2));
const PATIENCE_MS = 5000;
const POLL_MS = 5;
const FILLS_TRIED = 5;
const PAGE = 4096;

/** Where unshare, nsenter and mount of util-linux are. */
const environment = () => ({ PATH: `${process.env.PATH ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin` });

/** The ways into a namespace, and then into the same one again: as root, and as anyone. */
const WAYS = [
  { unshare: ['--mount'], nsenter: ['--mount'] },
  { unshare: ['--user', '--map-root-user', '--mount'], nsenter: ['--user', '--preserve-credentials', '--mount'] },
] as const;
type Way = (typeof WAYS)[number];

function waysHere(): readonly Way[] {
  if (process.platform !== 'linux') return [];
  return process.getuid?.() === 0 ? WAYS : WAYS.slice(1);
}

function whyNot(problems: readonly string[]): { problem: string; remedy: string } {
  const [first] = problems;
  if (first === undefined) {
    return {
      problem: `a file system with a size of its own is made by means of Linux, and this is ${process.platform}`,
      remedy: 'run it on Linux',
    };
  }
  return {
    problem: `a file system with a size of its own cannot be mounted: ${first.trim().split('\n')[0]}`,
    remedy:
      'run it as root, or let users have namespaces (sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0 user.max_user_namespaces=10000), ' +
      'or use --environment docker',
  };
}

/** `--options-mode ignore`: the options that a mount has (its owner) are not allowed to be given again in a user namespace. */
const RESIZE = 'mount --options-mode ignore -o remount,size="$2" "$1"';
const MOUNT = `mount -t tmpfs -o size="$2",mode=0700 tempo-s3-chaos "$1" && ${RESIZE}`;
const HOLD = `${MOUNT} && echo mounted && exec cat`;

const inNamespace = (way: Way, script: string, folder: string) => [
  ...way.unshare,
  ...['sh', '-c', script, 'sh', folder, String(MEMORY_DISK_BYTES)],
];

/** Whether one can be had here: it is tried, and gone again. */
export async function diagnoseMemoryDisk(): Promise<Diagnosis> {
  const ways = waysHere();
  const problems: string[] = [];
  for (const way of ways) {
    try {
      await promisify(execFile)('unshare', inNamespace(way, MOUNT, tmpdir()), {
        env: environment(),
        timeout: PATIENCE_MS,
      });
      return { works: true, detail: `a data disk can be limited to ${MEMORY_DISK_BYTES / 1024 ** 2} MiB, in memory` };
    } catch (error) {
      problems.push((error as { stderr?: string }).stderr || (error as Error).message);
    }
  }
  return { works: false, ...whyNot(problems) };
}

export class MemoryDisk {
  readonly bytes = MEMORY_DISK_BYTES;

  private constructor(
    private readonly folder: string,
    private readonly holder: RunningProcess,
    private readonly way: Way,
    private readonly register: Register,
  ) {}

  /** Mounts one at this folder, for those inside. @returns what keeps it from being had, where something does. */
  static async mount(folder: string, register: Register): Promise<MemoryDisk | { problem: string; remedy: string }> {
    const problems: string[] = [];
    for (const way of waysHere()) {
      const args = inNamespace(way, HOLD, folder);
      const holder = startProcess(
        { name: 'data-disk', file: 'unshare', args, env: environment(), folder, input: 'open' },
        register,
      );
      if (await isMounted(holder)) return new MemoryDisk(folder, holder, way, register);
      await holder.kill();
      problems.push(holder.output() || (await holder.ended));
    }
    return whyNot(problems);
  }

  /** The invocation of a program that sees the disk. Its process is the program's own. */
  inside(invocation: Invocation): Invocation {
    const { file, args, env } = invocation;
    return {
      ...invocation,
      file: 'nsenter',
      args: ['--target', String(this.holder.pid), ...this.way.nsenter, '--', file, ...args],
      env: { ...environment(), ...env },
    };
  }

  /** By making it smaller: no memory is taken for it. @throws Error when fewer bytes are left already. */
  async fill(free: number): Promise<void> {
    for (let tried = 1; ; tried++) {
      const { used, left } = await this.#space();
      const size = used + free;
      if (size >= this.bytes) {
        throw new Error(
          `${left} bytes are free on its data disk of ${this.bytes}: it cannot be filled until ${free} are left`,
        );
      }
      // MinIO writes in between: then it was made too small to be, or not small enough.
      const failure = await this.#resize(size).catch((error: Error) => error);
      if (!failure && (await this.#space()).left <= free + PAGE) return;
      if (tried === FILLS_TRIED)
        throw failure ?? new Error('more was deleted on its data disk than it was made smaller by');
    }
  }

  empty(): Promise<void> {
    return this.#resize(this.bytes);
  }

  async close(): Promise<void> {
    await this.holder.kill();
  }

  async #space(): Promise<{ used: number; left: number }> {
    // The kernel's own way into another process's namespace.
    const { blocks, bavail, bsize } = await statfs(`/proc/${this.holder.pid}/root${this.folder}`);
    return { used: (blocks - bavail) * bsize, left: bavail * bsize };
  }

  async #resize(bytes: number): Promise<void> {
    const { folder, register } = this;
    const args = ['-c', RESIZE, 'sh', folder, String(Math.max(PAGE, Math.floor(bytes)))];
    const mount = startProcess(this.inside({ name: 'mount', file: 'sh', args, env: {}, folder }), register);
    const how = await mount.ended;
    if (how !== 'ended with code 0')
      throw new Error(`its data disk cannot be resized: mount ${how}: ${mount.output()}`);
  }
}

async function isMounted(holder: RunningProcess): Promise<boolean> {
  const deadline = realClock.now() + PATIENCE_MS;
  let over = false;
  holder.ended.then(() => {
    over = true;
  });
  while (!over && realClock.now() < deadline) {
    if (holder.output() === 'mounted') return true;
    await Promise.race([realClock.sleep(POLL_MS), holder.ended]);
  }
  return false;
}
