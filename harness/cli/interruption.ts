/**
 * What ends a command before its time, while it has something running:
 *
 * 1. The first SIGINT, SIGTERM or SIGHUP aborts the command's signal; the command takes down what it put up.
 * 2. The second one ends the process at once. What is still running is ended by those who listen to the process's `exit`.
 * 3. An uncaught error does as the first signal does, and as the second one when taking down takes too long.
 */
import type { Cancel, Clock } from '../clock.ts';

/** 128 and the number of SIGINT, as shells have it; for the other signals too, so that scripts need to know only one. */
export const INTERRUPTED = 130;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ending MinIO, Toxiproxy and the harness's processes takes 2 s at the worst, when one has to be killed. */
const PATIENCE_MS = 20_000;

/** Asked to stop, by a signal. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  constructor(readonly signal: string) {
    super(`interrupted by ${signal}`);
  }
}

/** Of Node's process, what is needed. */
export interface InterruptibleProcess {
  on(event: string, listener: (value: unknown) => void): unknown;
  off(event: string, listener: (value: unknown) => void): unknown;
  exit(code: number): void;
}

export class Interruption {
  #active = 0;

  constructor(
    private readonly process: InterruptibleProcess,
    private readonly clock: Clock,
  ) {}

  /** Whether something is running that an error must not end without taking it down. */
  get active(): boolean {
    return this.#active > 0;
  }

  /**
   * Runs `work` with a signal to stop by. `onStop` is told why once that is given, in a line for the user.
   * @throws the reason (Interrupted, or the uncaught error) when it was stopped, however `work` ended; its `cause` then is the
   *   error that `work` ended with, if that is another one.
   */
  async during<T>(work: (signal: AbortSignal) => Promise<T>, onStop: (line: string) => void): Promise<T> {
    this.#active++;
    const stop = new AbortController();
    let cancelPatience: Cancel | undefined;
    const onSignal = (name: unknown) => {
      if (stop.signal.aborted) return this.process.exit(INTERRUPTED);
      onStop(`${name}: taking everything down (once more to end at once)`);
      stop.abort(new Interrupted(String(name)));
    };
    const onUncaught = (thrown: unknown) => {
      // While everything is being taken down more may break; the first error is the one to tell.
      if (stop.signal.aborted) return;
      onStop('something of the harness broke: taking everything down');
      cancelPatience = this.clock.after(PATIENCE_MS, () => this.process.exit(3));
      stop.abort(thrown instanceof Error ? thrown : new Error(String(thrown)));
    };
    for (const name of signals) this.process.on(name, onSignal);
    this.process.on('uncaughtException', onUncaught);
    this.process.on('unhandledRejection', onUncaught);
    try {
      const result = await work(stop.signal);
      if (stop.signal.aborted) throw stop.signal.reason;
      return result;
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      const { reason } = stop.signal;
      if (error !== reason && (error as Error)?.name !== 'AbortError') reason.cause = error;
      throw reason;
    } finally {
      this.#active--;
      cancelPatience?.();
      for (const name of signals) this.process.off(name, onSignal);
      this.process.off('uncaughtException', onUncaught);
      this.process.off('unhandledRejection', onUncaught);
    }
  }
}
