/** The harness's side of a process that compactors run in. */
import type { Clock } from '../clock.ts';
import { HarnessProcess } from '../process/child.ts';
import type { CompactorAssignment, FromCompactor, ToCompactor } from './protocol.ts';

/** Compactors that answer a stop later than this are taken to hang: they only have to end the requests under way. */
const STOP_PATIENCE_MS = 30_000;

export interface RunningCompactors {
  readonly pid: number;
  /** Resolves, with why, when one of them cannot go on, or their process has ended without having been asked to. */
  readonly died: Promise<string>;
  /** The keys of all data that they wrote, or began to write: what is left of an upload is found by its key. */
  readonly dataKeys: readonly string[];
  /**
   * Begins no further job, aborts those under way when `patience` milliseconds are over, and ends the process. When it resolves, their
   * parts of the history are whole. Once more is nothing more.
   * @throws Error when the process is gone, or does not answer; the parts may then be cut short.
   */
  stop(patience?: number): Promise<void>;
}

/** Starts a process, and the compactors in it. @throws Error with what it wrote to standard error, when it does not start. */
export async function startCompactorProcess(
  assignments: readonly CompactorAssignment[],
  clock: Clock,
): Promise<RunningCompactors> {
  const { process: child } = await HarnessProcess.start<ToCompactor, FromCompactor>('compactor');
  return new CompactorProcess(child, assignments, clock);
}

class CompactorProcess implements RunningCompactors {
  readonly pid: number;
  readonly died: Promise<string>;
  readonly dataKeys: string[] = [];
  readonly #child: HarnessProcess<ToCompactor, FromCompactor>;
  readonly #clock: Clock;
  #stopped: Promise<void> | undefined;

  constructor(
    child: HarnessProcess<ToCompactor, FromCompactor>,
    assignments: readonly CompactorAssignment[],
    clock: Clock,
  ) {
    this.pid = child.pid;
    this.#child = child;
    this.#clock = clock;
    this.died = new Promise((resolve) => {
      child.onMessage((message) => {
        if (message.type === 'compacted') this.dataKeys.push(message.dataKey);
        if (message.type === 'failed') resolve(`${message.compactor}: ${message.message}`);
      });
      this.#exited().then((how) => {
        if (!this.#stopped) resolve(how);
      });
    });
    for (const assignment of assignments) child.send({ type: 'compact', assignment });
  }

  stop(patience = 0): Promise<void> {
    this.#stopped ??= this.#stop(patience);
    return this.#stopped;
  }

  async #stop(patience: number): Promise<void> {
    const most = patience + STOP_PATIENCE_MS;
    const answer = await this.#child.ask(
      { type: 'stop', patience },
      ({ type }) => type === 'stopped',
      most,
      this.#clock,
    );
    await this.#child.stop();
    if (answer === 'ended') throw new Error(`compactors: they cannot be stopped: ${await this.#exited()}`);
    if (answer === 'late') throw new Error(`compactors: they did not stop within ${most} ms: their process is ended`);
  }

  async #exited(): Promise<string> {
    const { code, signal } = await this.#child.exited;
    const said = this.#child.stderr;
    return `the process of the compactors ended (${signal ?? `exit code ${code}`})${said ? `: ${said}` : ''}`;
  }
}
