/** The writers' queues, and what waited for them behind what. */
import { numberAt, valueAt } from '../../checkers/recorded-settings.ts';
import type { FlushEndEvent, FlushStartEvent } from '../../history/events.ts';
import type { Account } from './account.ts';

/** `concurrent_flushes` of Tempo 2; Tempo 3 has two. */
const TEMPOS_QUEUES = { '3.0': 2, usual: 4 };
/** Of one queue, that a block may have waited behind. */
const HELD = 64;

/** Of one writer's queue: what it was busy with. */
interface Held {
  from: number;
  until: number;
  account: Account | undefined;
}

export class Queues {
  readonly #held = new Map<string, Held[]>();

  /** `account`: of one that had trouble. */
  hold(start: FlushStartEvent, end: FlushEndEvent, account: Account | undefined): void {
    const queue = queueOf(start);
    const held = this.#held.get(queue) ?? [];
    if (held.push({ from: start.t, until: end.t, account }) > HELD) held.shift();
    this.#held.set(queue, held);
  }

  /** What a flush waited behind that could have begun at `ready`. */
  waitOf(start: FlushStartEvent, ready = start.t): Account['queued'] {
    if (ready >= start.t) return [];
    const queued: Account['queued'] = [];
    for (const { from, until, account } of this.#held.get(queueOf(start)) ?? []) {
      const ms = Math.min(until, start.t) - Math.max(from, ready);
      if (ms > 0) queued.push({ ms, behind: account });
    }
    return queued;
  }
}

function queueOf({ writer, queue }: FlushStartEvent): string {
  return `${writer} ${queue}`;
}

/** Fewer than Tempo sets up. */
export function hasFewQueues(settings: unknown): boolean {
  const queues = numberAt(settings, 'policy', 'concurrentFlushes');
  const tempos = valueAt(settings, 'version') === '3.0' ? TEMPOS_QUEUES['3.0'] : TEMPOS_QUEUES.usual;
  return queues !== undefined && queues < tempos;
}
