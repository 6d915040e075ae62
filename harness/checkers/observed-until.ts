/** Until when the writer was watched: what had not happened by then was given no more time. */
import type { HistoryEvent } from '../history/events.ts';

export class ObservedUntil {
  #last = 0;
  #ended: number | undefined;

  see(event: HistoryEvent): void {
    this.#last = event.t;
    // What the final read itself takes is none of the writer's time.
    const ends = event.type === 'final.read' || (event.type === 'phase' && event.phase === 'final-read');
    if (ends) this.#ended ??= event.t;
  }

  /** A moment of the history's clock. */
  get t(): number {
    return this.#ended ?? this.#last;
  }
}
