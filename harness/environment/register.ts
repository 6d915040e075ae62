/**
 * The register of this run: what it has started, written down before or at the moment of the start. What a killed run leaves
 * behind is found by it (sweep.ts), and nothing else is ever taken for it.
 */
import { randomBytes } from 'node:crypto';
import { lstatSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '../process/make-folders.ts';
import { removeContainers, removeContainersNow } from './container-removal.ts';
import { EnvironmentError, type Progress } from './environment.ts';
import { stateFolder } from './folders.ts';
import { identify, kill, processIdSpace } from './process-identity.ts';
import { RUN_LABEL, type RunRecord, removeFiles, runFolder, runsFolder, writeRecord } from './run-record.ts';
import { sweep } from './sweep.ts';

/**
 * Sweeps away what killed runs have left, and opens the register of this run.
 * @throws EnvironmentError when the state folder cannot be written, or belongs to someone else.
 */
export async function openRegister(progress: Progress): Promise<Register> {
  await sweep(progress);
  const id = randomBytes(6).toString('hex');
  const owner = identify(process.pid);
  if (!owner) {
    throw new EnvironmentError(
      `cannot tell when process ${process.pid}, this one, was started`,
      'make /proc (or the program ps) available to the harness',
    );
  }
  writingState(() => {
    makeFolders(runsFolder(), 0o700);
    const { uid } = lstatSync(stateFolder());
    if (process.getuid && uid !== process.getuid()) {
      throw new Error(`${stateFolder()} belongs to another user (uid ${uid})`);
    }
  });
  return new Register(id, { owner, processIdSpace: processIdSpace(), processes: [], containers: 0 });
}

export class Register implements AsyncDisposable {
  readonly #record: RunRecord;
  #closed = false;

  /** Made by `openRegister`. */
  constructor(
    readonly id: string,
    record: RunRecord,
  ) {
    this.#record = record;
    this.#write();
  }

  /** A new temporary folder of this run. `name` is for whoever looks at the disk. */
  newFolder(name: string): string {
    this.#refuseWhenClosed(`the folder ${name}`);
    return writingState(() => {
      const parent = runFolder(this.id);
      makeFolders(parent, 0o700);
      return mkdtempSync(join(parent, `${name}-`));
    });
  }

  /**
   * Enters a process that was started this moment.
   * @throws EnvironmentError when it cannot be entered: then the caller has to end it.
   */
  enterProcess(pid: number, name: string): void {
    this.#refuseWhenClosed(`the process ${name}`);
    const identity = identify(pid);
    // It has ended already: there is nothing to find later.
    if (!identity) return;
    this.#record.processes.push({ ...identity, name });
    this.#write();
  }

  /** Takes out a process that has ended. */
  leaveProcess(pid: number): void {
    this.#record.processes = this.#record.processes.filter((entry) => entry.pid !== pid);
    this.#write();
  }

  /** Enters that containers are about to be started. Returns the labels by which they are found again. */
  enterContainers(): Record<string, string> {
    this.#refuseWhenClosed('containers');
    this.#record.containers++;
    this.#write();
    return { [RUN_LABEL]: this.id };
  }

  /** Takes back one `enterContainers`: what was started after it has been removed. */
  leaveContainers(): void {
    this.#record.containers--;
    this.#write();
  }

  /**
   * Ends what is still entered, removes the run's folders, then its record. Safe to call more than once.
   * @throws Error when something could not be removed; the record stays, and the next run's sweep tries again.
   */
  async close(): Promise<void> {
    this.#closed = true;
    this.#killProcesses();
    if (this.#record.containers > 0) await removeContainers(`${RUN_LABEL}=${this.id}`);
    this.#record.containers = 0;
    removeFiles(this.id);
  }

  /** The same without waiting: for the second Ctrl-C and for `process.on('exit')`, after which nothing can be awaited. */
  closeNow(): void {
    this.#closed = true;
    this.#killProcesses();
    if (this.#record.containers > 0) removeContainersNow(`${RUN_LABEL}=${this.id}`);
    this.#record.containers = 0;
    removeFiles(this.id);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #killProcesses(): void {
    for (const entry of this.#record.processes) kill(entry);
    this.#record.processes = [];
  }

  /** What is started while the run is being taken down would be found by nobody. */
  #refuseWhenClosed(what: string): void {
    if (!this.#closed) return;
    throw new EnvironmentError(`the run is over: ${what} comes too late`, 'nothing is to be done, the run was ended');
  }

  #write(): void {
    // What ends because of the closing must not bring the record back.
    if (this.#closed) return;
    writingState(() => writeRecord(this.id, this.#record));
  }
}

function writingState<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw new EnvironmentError(
      `cannot keep the register of runs in ${stateFolder()}: ${(error as Error).message}`,
      'free some space there, or set TEMPO_S3_CHAOS_STATE to a folder of your own that can be written',
      { cause: error },
    );
  }
}
