/** The writers' queues, and what waited for them behind what: flushes, and in Tempo 2 completions. */
import { numberAt, valueAt } from '../../checkers/recorded-settings.ts';
import type { FlushStartEvent } from '../../history/events.ts';
import type { Account, Holder } from './account.ts';

/** `concurrent_flushes` of Tempo 2; Tempo 3 has two. */
const TEMPOS_QUEUES = { '3.0': 2, usual: 4 };
/** Of one queue, that a block may have waited behind. */
const HELD = 64;

/** Of one writer's queue: what it was busy with. */
interface Held {
  from: number;
  until: number;
  by: Holder;
}

type Queue = Pick<FlushStartEvent, 'writer' | 'queue'>;

export class Queues {
  readonly #held = new Map<string, Held[]>();

  hold(queue: Queue, what: Held): void {
    const name = nameOf(queue);
    const held = this.#held.get(name) ?? [];
    if (held.push(what) > HELD) held.shift();
    this.#held.set(name, held);
  }

  /** What a flush waited behind that could have begun at `ready`. */
  waitOf(start: FlushStartEvent, ready = start.t): Account['queued'] {
    if (ready >= start.t) return [];
    const queued: Account['queued'] = [];
    for (const { from, until, by } of this.#held.get(nameOf(start)) ?? []) {
      const ms = Math.min(until, start.t) - Math.max(from, ready);
      if (ms > 0) queued.push({ ms, behind: by });
    }
    return queued;
  }
}

function nameOf({ writer, queue }: Queue): string {
  return `${writer} ${queue}`;
}

/** Fewer than Tempo sets up. */
export function hasFewQueues(settings: unknown): boolean {
  const queues = numberAt(settings, 'policy', 'concurrentFlushes');
  const tempos = valueAt(settings, 'version') === '3.0' ? TEMPOS_QUEUES['3.0'] : TEMPOS_QUEUES.usual;
  return queues !== undefined && queues < tempos;
}

/** Those that flush complete blocks too, as in Tempo 2. */
export function sharesQueues(settings: unknown): boolean {
  return (numberAt(settings, 'policy', 'completeConcurrency') ?? 0) === 0;
}
