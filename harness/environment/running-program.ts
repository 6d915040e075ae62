/** A program that runs, wherever it does: as a process of this machine, or in a container. */
export interface RunningProgram {
  /** Resolves, and says how, when the program has ended: whether it was asked to or not. */
  readonly ended: Promise<string>;
  /** The last lines that it wrote. */
  output(): string;
  /** Ends it in order (SIGTERM, then SIGKILL after some patience), and resolves when it has ended. Safe to call more than once. */
  stop(): Promise<void>;
  /** Ends it at once (SIGKILL), stopped or not, and resolves when it has ended. Safe to call more than once. */
  kill(): Promise<void>;
  /** Stops it where it is: it runs no instruction until `resume`. @throws Error when it has ended. */
  pause(): Promise<void>;
  /** @throws Error when it has ended. */
  resume(): Promise<void>;
}

/** Keeps the last lines of what is written to it, for an error message. */
export class LastLines {
  #text = '';

  add(text: string): void {
    this.#text = (this.#text + text).slice(-4000);
  }

  get text(): string {
    return this.#text.trim().split('\n').slice(-5).join('\n');
  }
}
