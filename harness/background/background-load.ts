/** The harness's side of the background load: the process that sends it. */
import type { Clock } from '../clock.ts';
import { HarnessProcess } from '../process/child.ts';
import type { BackgroundAssignment, FromBackground, ToBackground } from './protocol.ts';

/** Beyond what a request may take: for the deletes of what it wrote, and the end of its part of the history. */
const STOP_PATIENCE_MS = 10_000;

export class BackgroundLoad {
  /** Resolves, and says how, when it cannot go on, or its process has ended without having been asked to. */
  readonly died: Promise<string>;
  readonly #process: HarnessProcess<ToBackground, FromBackground>;
  readonly #clock: Clock;
  readonly #patience: number;
  #asked = false;
  #stopping: Promise<void> | undefined;

  private constructor(
    harnessProcess: HarnessProcess<ToBackground, FromBackground>,
    assignment: BackgroundAssignment,
    clock: Clock,
  ) {
    this.#process = harnessProcess;
    this.#clock = clock;
    this.#patience = assignment.plan.patience + STOP_PATIENCE_MS;
    this.died = new Promise((resolve) => {
      harnessProcess.onMessage((message) => {
        if (message.type === 'failed') resolve(`the background load cannot go on: ${message.message}`);
      });
      harnessProcess.exited.then(({ code, signal }) => {
        if (!this.#asked) resolve(`the background process ended (${signal ?? code}): ${harnessProcess.stderr}`);
      });
    });
    harnessProcess.send({ type: 'begin', assignment });
  }

  /** Starts a process, and the load in it. @throws Error with what it wrote, when it does not start. */
  static async start(assignment: BackgroundAssignment, clock: Clock): Promise<BackgroundLoad> {
    const { process } = await HarnessProcess.start<ToBackground, FromBackground>('background');
    return new BackgroundLoad(process, assignment, clock);
  }

  get pid(): number {
    return this.#process.pid;
  }

  /**
   * Ends the load and its process. Once resolved, its part of the history is whole.
   * @throws Error when it does not answer; the process is ended all the same.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const answer = await this.#process.ask(
      { type: 'stop' },
      ({ type }) => type === 'stopped',
      this.#patience,
      this.#clock,
    );
    this.#asked = true;
    await this.#process.stop();
    if (answer !== 'answered')
      throw new Error(`the background load did not stop within ${Math.round(this.#patience)} ms`);
  }
}
