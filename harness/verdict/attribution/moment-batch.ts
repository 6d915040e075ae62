/** Events of one moment are taken together, in an order of their own: so the one in which they were told makes no difference. */
import type { HistoryEvent } from '../../history/events.ts';

export class MomentBatch {
  readonly #events: HistoryEvent[] = [];
  #t = Number.NEGATIVE_INFINITY;

  /** The moment that the events are of. */
  get t(): number {
    return this.#t;
  }

  /** An event of a later moment is not taken in: what is here is to be taken out first. */
  isBefore({ t }: HistoryEvent): boolean {
    return t > this.#t;
  }

  add(event: HistoryEvent): void {
    this.#events.push(event);
  }

  /** Gives out what is here, and goes on with the moment `t`. */
  take(how: (event: HistoryEvent) => void, t = this.#t): void {
    const events = this.#events;
    if (events.length > 1) events.sort((a, b) => rankOf(a) - rankOf(b) || (nameOf(a) < nameOf(b) ? -1 : 1));
    for (const event of events) how(event);
    // Most moments have one event, and to empty an array by its length takes longer than to take one thing from it.
    if (events.length === 1) events.pop();
    else events.length = 0;
    this.#t = t;
  }
}

/** What a moment begins is there for what else it brings. */
const rank: Partial<Record<HistoryEvent['type'], number>> = {
  scenario: 0,
  phase: 0,
  'writer.process': 1,
  'complete.start': 2,
  complete: 3,
  'block.cut': 4,
  'flush.start': 5,
  edge: 6,
  attempt: 6,
  lateness: 6,
  'flush.end': 7,
};

function rankOf({ type }: HistoryEvent): number {
  return rank[type] ?? 0;
}

/** Tells events of one kind and moment apart. */
function nameOf(event: HistoryEvent): string {
  if ('id' in event && event.id !== undefined) return event.id;
  if ('block' in event && event.block !== undefined) return event.block;
  return 'writer' in event && event.writer !== undefined ? event.writer : '';
}
