/**
 * Builds a program from its pinned Go module.
 *
 * 1. Take the lock of the program's file. Who has to wait for it says so, and is done when the other's result is there.
 * 2. Remove what killed builds have left.
 * 3. `go build` to a temporary name, telling what it compiles.
 * 4. Put it in place by a rename: the file is there whole, or not at all.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { realClock } from '../clock.ts';
import { makeFolders } from '../process/make-folders.ts';
import { EnvironmentError, type Progress } from './environment.ts';
import { neededGo } from './go-toolchain.ts';
import type { GoProgram } from './programs.ts';
import type { Register } from './register.ts';

/** A lock whose holder has not touched it for this long belongs to a killed build. */
const LOCK_STALE_MS = 10_000;
const LOCK_POLL_MS = 250;
const PROGRESS_INTERVAL_MS = 1000;
const KEPT_LINES = 20;

/**
 * Builds `program` into `file` and returns `file`. Several calls at once, in any processes, build once.
 * @throws EnvironmentError when it cannot be built.
 */
export async function buildProgram(
  program: GoProgram,
  file: string,
  progress: Progress,
  register: Register,
): Promise<string> {
  try {
    makeFolders(dirname(file));
  } catch (error) {
    throw cacheFailure(program, dirname(file), error as Error);
  }
  const release = await lock(program, file, progress);
  if (!release) return file;
  try {
    removeLeftovers(file);
    const unfinished = `${file}.${process.pid}.new`;
    try {
      await goBuild(program, unfinished, progress, register);
      renameSync(unfinished, file);
    } finally {
      rmSync(unfinished, { force: true });
    }
    return file;
  } finally {
    await release();
  }
}

/** Returns what gives the lock back, or `undefined` when the file has come to be while waiting. */
async function lock(program: GoProgram, file: string, progress: Progress): Promise<(() => Promise<void>) | undefined> {
  const { lock: tryLock } = (await import('proper-lockfile')).default;
  for (let waited = false; ; waited = true) {
    let release: (() => Promise<void>) | undefined;
    try {
      // A lock that is lost (this process was stopped for long) does no harm: both builds end in a rename.
      release = await tryLock(file, { realpath: false, stale: LOCK_STALE_MS, onCompromised: () => {} });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED')
        throw cacheFailure(program, dirname(file), error as Error);
    }
    const giveBack = release && (() => release().catch(() => {}));
    if (existsSync(file)) {
      await giveBack?.();
      return undefined;
    }
    if (giveBack) return giveBack;
    if (!waited) progress(`waiting for another run that is building ${program.title}`);
    await realClock.sleep(LOCK_POLL_MS);
  }
}

function removeLeftovers(file: string): void {
  for (const entry of readdirSync(dirname(file))) {
    if (entry.startsWith(`${basename(file)}.`) && entry.endsWith('.new'))
      rmSync(join(dirname(file), entry), { force: true });
  }
}

async function goBuild(program: GoProgram, output: string, progress: Progress, register: Register): Promise<void> {
  const what = `building ${program.title} from its Go module (first time only, ${program.estimate})`;
  progress(what);
  const args = ['build', '-v', '-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w', '-o', output];
  const { GOOS: _, GOARCH: __, ...environment } = process.env;
  if (program.modFile !== undefined) args.push('-modfile', program.modFile);
  const go = spawn('go', [...args, program.package], {
    cwd: program.folder,
    env: { ...environment, CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
    // It is ended by the register, together with the compilers that it has started.
    detached: true,
  });
  const ended = new Promise<number | string | Error>((resolve) => {
    go.once('error', resolve);
    go.once('close', (code, signal) => resolve(signal ?? code ?? -1));
  });
  if (go.pid !== undefined) enterOrKill(go, register);

  let packages = 0;
  let modules = 0;
  let toldAt = realClock.now();
  const messages: string[] = [];
  const lines = createInterface({ input: go.stderr });
  lines.on('line', (line) => {
    if (line.startsWith('go: downloading')) modules++;
    else if (/^[\w.~-]+(\/[\w.~-]+)*$/.test(line)) packages++;
    else {
      messages.push(line);
      if (messages.length > KEPT_LINES) messages.shift();
    }
    if (realClock.now() - toldAt < PROGRESS_INTERVAL_MS) return;
    toldAt = realClock.now();
    if (packages > 0) progress(`${what}: ${packages} of ${program.packages} packages`);
    else progress(`${what}: ${modules} modules fetched`);
  });
  const [end] = await Promise.all([ended, once(lines, 'close')]);
  if (go.pid !== undefined) register.leaveProcess(go.pid);
  if (end !== 0) throw buildFailure(program, output, end, messages);
}

function enterOrKill(go: ChildProcess, register: Register): void {
  try {
    register.enterProcess(go.pid as number, 'go build');
  } catch (error) {
    go.kill('SIGKILL');
    throw error;
  }
}

function buildFailure(
  program: GoProgram,
  output: string,
  end: number | string | Error,
  messages: string[],
): EnvironmentError {
  const ownProgram = `put a program ${program.name} on PATH`;
  const orPath = program.mayBeOnPath ? `, or ${ownProgram}` : '';
  const text = messages.join('\n');
  const failure = (problem: string, remedy: string) =>
    new EnvironmentError(`cannot build ${program.title}: ${problem}`, remedy);
  if (end instanceof Error) {
    if ((end as NodeJS.ErrnoException).code !== 'ENOENT')
      return failure(
        `go cannot be run: ${end.message}`,
        program.mayBeOnPath ? ownProgram : 'see what is wrong with it',
      );
    return failure(
      'there is no Go on PATH',
      `install Go ${neededGo(program)} or later (https://go.dev/doc/install)${orPath}`,
    );
  }
  const tooOld = messages.find((line) => /requires go >= |invalid go version|unknown directive: toolchain/.test(line));
  if (tooOld) {
    return failure(`the Go on PATH is too old: ${tooOld}`, `install Go ${neededGo(program)} or later${orPath}`);
  }
  const full = messages.find((line) => /no space left on device|disk quota exceeded/.test(line));
  if (full) {
    return failure(
      `the disk is full: ${full}`,
      `free some space, or point GOCACHE, GOTMPDIR and TEMPO_S3_CHAOS_CACHE (now ${dirname(output)}) to a larger disk`,
    );
  }
  const readOnly = messages.find((line) => /permission denied|read-only file system/.test(line));
  if (readOnly) {
    return failure(readOnly, 'point GOPATH, GOCACHE and TEMPO_S3_CHAOS_CACHE to folders that can be written');
  }
  const unreachable = messages.find((line) =>
    /dial tcp|no such host|i\/o timeout|TLS handshake|module lookup disabled/.test(line),
  );
  if (unreachable) {
    return failure(
      `its Go modules cannot be fetched: ${unreachable}`,
      `set GOPROXY to a module proxy that can be reached from here (and HTTPS_PROXY, if there is one)${orPath}`,
    );
  }
  const outcome = typeof end === 'string' ? `was ended by ${end}` : `ended with code ${end}`;
  return failure(`go build ${outcome}: ${text || 'it said nothing'}`, `run it by hand in ${program.folder}${orPath}`);
}

function cacheFailure(program: GoProgram, folder: string, error: Error): EnvironmentError {
  return new EnvironmentError(
    `cannot keep ${program.title} in the cache ${folder}: ${error.message}`,
    'free some space there, or set TEMPO_S3_CHAOS_CACHE to a folder that can be written',
    { cause: error },
  );
}
