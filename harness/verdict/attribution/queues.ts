/** The writers' queues, and what waited for them behind what: flushes and completions, which share them in Tempo 2. */
import { numberAt, valueAt } from '../../checkers/recorded-settings.ts';
import type { Holder, Waited } from './account.ts';

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

interface Queue {
  writer: string;
  queue: number;
  /** Completions have queues of their own. Absent: it is one that flushes go through. */
  ofCompletions?: boolean;
}

export class Queues {
  readonly #held = new Map<string, Held[]>();

  hold(queue: Queue, what: Held): void {
    const name = nameOf(queue);
    const held = this.#held.get(name) ?? [];
    if (held.push(what) > HELD) held.shift();
    this.#held.set(name, held);
  }

  /** What it waited behind that could have begun at `ready`, and began at `begun`. */
  waitFor(queue: Queue, ready: number, begun: number): Waited[] {
    if (ready >= begun) return [];
    const queued: Waited[] = [];
    for (const { from, until, by } of this.#held.get(nameOf(queue)) ?? []) {
      const ms = Math.min(until, begun) - Math.max(from, ready);
      if (ms > 0) queued.push({ ms, behind: by });
    }
    return queued;
  }
}

function nameOf({ writer, queue, ofCompletions = false }: Queue): string {
  return `${writer} ${queue}${ofCompletions ? ' of completions' : ''}`;
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
