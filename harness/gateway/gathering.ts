/** Keeps the writing of the history out of the way of the requests that it is about. */
import type { Clock } from '../clock.ts';
import type { HistoryEvent, Recorder } from '../history/events.ts';

/**
 * Milliseconds. Each event on its own would take a thread, a write and a wake-up of this process just when the next request
 * comes in. Measured on 2 cores with PUTs of 4 KiB: the gateway added 0.33 ms at the median with, and 0.27 ms without that.
 */
const GATHER_MS = 25;

/** Passes events on in the order in which they came, some milliseconds later, all that have gathered at once. */
export class Gathering {
  #events: HistoryEvent[] = [];
  #planned = false;

  constructor(
    readonly clock: Clock,
    readonly target: Recorder,
  ) {}

  readonly record: Recorder = (event) => {
    this.#events.push(event);
    if (this.#planned) return;
    this.#planned = true;
    this.clock.after(GATHER_MS, () => this.flush());
  };

  /** Passes on what has gathered. */
  flush(): void {
    this.#planned = false;
    for (const event of this.#events.splice(0)) this.target(event);
  }
}
