/** The part of a history in which one fault was active, kept as far as its effect is judged by it. */
import { type ConnectionUse, type EffectEvent, effectEvents, keptForEffect } from '../faults/effect.ts';
import { ruledBy } from '../gateway/ruled-by.ts';
import type { AttemptEvent, EdgeEvent, FaultEndEvent, FaultStartEvent, HistoryEvent } from '../history/events.ts';

const kept: ReadonlySet<string> = new Set(effectEvents);

function isKept(event: HistoryEvent): event is EffectEvent {
  return kept.has(event.type);
}

/** When what the event tells of began. */
function beginning(event: EffectEvent): number {
  if (event.type === 'wire') return event.opened;
  if (event.type === 'lateness') return event.t - event.intervalMs;
  return 'start' in event ? event.start : event.t;
}

/**
 * When a fault is known to have acted by this event, which names it; `undefined`: the event does not. A connection of the wire stage
 * says that bytes waited, and not when.
 */
function actedAt(event: HistoryEvent, fault: string): number | undefined {
  if (event.type === 'edge') {
    const named = ruledBy(event, fault) || event.judged?.some(({ rule }) => rule === fault);
    return named ? event.start : undefined;
  }
  return isKept(event) && event.type !== 'wire' && 'rule' in event && ruledBy(event, fault)
    ? beginning(event)
    : undefined;
}

export class FaultWindow {
  end: FaultEndEvent | undefined;
  /** See `EffectContext`. */
  actedFrom: number;
  readonly attempts: AttemptEvent[] = [];
  readonly edges = new Map<string, EdgeEvent>();
  readonly events: EffectEvent[] = [];
  /** All attempts that overlap the fault's time, the ones not kept included. */
  attempted = 0;
  readonly connections: ConnectionUse = { opened: 0, pooled: 0 };

  /** `keeps`: whether anyone will ask for the events themselves. */
  constructor(
    readonly start: FaultStartEvent,
    readonly keeps: boolean,
  ) {
    this.actedFrom = start.t;
  }

  /**
   * Takes what came before the start was recorded, if something of it names the fault: from then on it was in force. The call that
   * injects a fault comes back later than that, on a busy machine by half a second, and what it did meanwhile may be all that it did.
   */
  recall(before: readonly HistoryEvent[]): void {
    for (const event of before)
      this.actedFrom = Math.min(this.actedFrom, actedAt(event, this.start.id) ?? this.actedFrom);
    if (this.actedFrom === this.start.t) return;
    for (const event of before) if (event.t >= this.actedFrom) this.see(event);
  }

  /** Takes the events after `start`, those after the end among them: attempts may have begun before it. */
  see(event: HistoryEvent): void {
    switch (event.type) {
      case 'fault.end':
        if (event.id === this.start.id) this.end ??= event;
        break;
      case 'attempt':
        if (!this.#over(event.start)) this.#attempted(event);
        break;
      case 'edge':
        if (this.keeps && event.id !== undefined && !this.#over(event.start) && this.edges.size < keptForEffect) {
          this.edges.set(event.id, event);
        }
        break;
      default:
        if (this.keeps && isKept(event) && !this.#over(beginning(event)) && this.events.length < keptForEffect) {
          this.events.push(event);
        }
    }
  }

  #attempted(attempt: AttemptEvent): void {
    this.attempted++;
    if (attempt.reused) this.connections.pooled++;
    else if (attempt.start >= this.start.t) this.connections.opened++;
    if (this.keeps && this.attempts.length < keptForEffect) this.attempts.push(attempt);
  }

  #over(t: number): boolean {
    return this.end !== undefined && t > this.end.t;
  }
}
