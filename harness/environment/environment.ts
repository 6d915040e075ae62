/**
 * Where the parts of the path run. An `EnvironmentKind` is not started: it can tell whether it would work, and start. A
 * `StartedEnvironment` is a running MinIO and a running Toxiproxy, and takes both down when disposed of.
 */

import type { Register } from './register.ts';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

/** Told while something takes long: one line, without a line break, the last one is the current one. */
export type Progress = (line: string) => void;

/** Whether an environment would work here, and if not, the one command or action that would make it work. */
export type Diagnosis = { works: true; detail: string } | { works: false; problem: string; remedy: string };

export interface EnvironmentKind {
  readonly name: 'native' | 'docker';
  diagnose(): Promise<Diagnosis>;
  /** Whether a MinIO of one lease's own can have a data disk of a size of its own, which can be filled. */
  diagnoseDisk(): Promise<Diagnosis>;
  /**
   * Starts MinIO and Toxiproxy on free ports of 127.0.0.1, with random credentials, and waits until both answer.
   * What it starts is entered in the run's register (environment/register.ts) before it runs, so that a later run finds
   * what a killed one left behind.
   * @throws EnvironmentError when it cannot.
   */
  start(progress: Progress, register: Register): Promise<StartedEnvironment>;
}

/**
 * A MinIO of one lease alone, for the faults of the server itself. Its address stays when it is started again, and so does its
 * data. Each method rejects with what could not be done, and why.
 */
export interface OwnServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly credentials: Credentials;
  /** SIGSTOP, or the engine's pause: it answers nothing, and its connections stay. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** `kill`: SIGKILL, as by a crash. `stop`: SIGTERM, an orderly end. From the answer on nothing listens. */
  end(how: 'kill' | 'stop'): Promise<void>;
  /** Starts it again, with more in its environment (MINIO_API_REQUESTS_MAX) if given, and waits until it answers. */
  start(environment?: Record<string, string>): Promise<void>;
  /** Whether its data disk can be filled: if not, why, and what would be needed. */
  readonly disk: { limited: true; bytes: number } | { limited: false; problem: string; remedy: string };
  /** Fills its data disk until `free` bytes are left. */
  fill(free: number): Promise<void>;
  /** Takes away what `fill` put there. */
  empty(): Promise<void>;
  /** Makes it answer again where a fault left it paused or ended, so that what is on its disk can be read. */
  revive(): Promise<void>;
  /** What a fault left behind: `paused`, `ended`, `filled`, `settings`. Empty when it is as it was at first. */
  inForce(): readonly string[];
  /** Resolves, and says how, when it ends without having been asked to. */
  readonly died: Promise<string>;
}

export interface StartedEnvironment extends AsyncDisposable {
  readonly name: 'native' | 'docker';
  /** Starts a MinIO of its own for one lease. `limitedDisk`: on a file system of a size of its own, where that can be had. */
  startServer(name: string, options?: { limitedDisk?: boolean }): Promise<OwnServer>;
  readonly minio: { host: string; port: number; credentials: Credentials };
  readonly toxiproxy: { host: string; port: number };
  /** Where the programs come from, for the first line of output: `cache`, `PATH`, `PATH and cache`, `images`. */
  readonly origin: string;
  /** Resolves, and says which program, when one of them ends without having been asked to. */
  readonly died: Promise<string>;
}

/** The run could not start: exit code 3. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  constructor(
    problem: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(problem, options);
  }
}
