/**
 * Shows each event to those that take anything from events of its type. Some thirty judge and count, and of a lateness, say, seven take
 * anything: to ask all of them for each of a million events takes a while.
 */
import type { HistoryEvent } from '../history/events.ts';

/** The types of the events that one takes anything from, be it that there was one. What it is shown of others makes no difference to it. */
export type Reads = readonly HistoryEvent['type'][] | 'every event';

export interface Watcher {
  see(event: HistoryEvent): void;
}

export class Audience {
  readonly #members: { watcher: Watcher; reads: Reads }[] = [];
  readonly #byType = new Map<string, Watcher[]>();

  /** Before the first event. */
  add(watcher: Watcher, reads: Reads): void {
    this.#members.push({ watcher, reads });
  }

  /** In the order in which they were added. */
  show(event: HistoryEvent): void {
    for (const watcher of this.#byType.get(event.type) ?? this.#invite(event.type)) watcher.see(event);
  }

  #invite(type: HistoryEvent['type']): Watcher[] {
    const invited = this.#members.filter(({ reads }) => reads === 'every event' || reads.includes(type));
    const watchers = invited.map(({ watcher }) => watcher);
    this.#byType.set(type, watchers);
    return watchers;
  }
}
