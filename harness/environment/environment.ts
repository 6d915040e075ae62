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
  /**
   * Starts MinIO and Toxiproxy on free ports of 127.0.0.1, with random credentials, and waits until both answer.
   * What it starts is entered in the run's register (environment/register.ts) before it runs, so that a later run finds
   * what a killed one left behind.
   * @throws EnvironmentError when it cannot.
   */
  start(progress: Progress, register: Register): Promise<StartedEnvironment>;
}

export interface StartedEnvironment extends AsyncDisposable {
  readonly name: 'native' | 'docker';
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
