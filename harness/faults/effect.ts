/**
 * Whether a fault was seen by those it was meant for. That it acted (`fired`) is counted where it acts; that the writer's client
 * felt it is read off the history: requests as slow as the latency says, bytes no faster than the cap.
 *
 * A check can be wrong in two ways: take a fault that acted for none (a run is inconclusive for nothing), or take a slow machine for a
 * fault that did not act (worse: a pass that proves nothing). What each has taught us:
 *
 * 1. Every moment is stamped by a process that may be late, by half a second on a busy machine: after what it tells of, never before. So
 *    take a time from a moment that was stamped before the thing began to one that was stamped after its end, by whichever process: it can
 *    only come out too long (`readyToSend`, `firstByte`). A time between two stamps of one late process may come out too short.
 * 2. So nothing that a fault holds up is ever seen to take less than the fault asks for. That some took less disproves it, but a few may be
 *    another fault's doing (`nearlyAll`). That some took as long proves nothing: a busy machine does that. Ask for most, and for a thing
 *    that the machine cannot do by itself: a refusal, a name in an edge event (`ruledBy`), an order of events.
 * 3. `fault.start` is recorded when the injecting call came back: the fault was in force before. What names it tells since when
 *    (`actedFrom`). Hold against it only what began after `fault.t` and was over by `end.until`; count for it all that names it.
 * 4. Other faults are in force at the same time. What another rule refused, or another S3 answered, was never this one's to act on; and a
 *    failure that several would explain is told by where it happened: did the request come to the S3 edge?
 * 5. Counts of two processes are of two moments: compare what one told of the same requests.
 * 6. Say of a fault that acted on nothing what there was to act on, and how likely that was (`noneDrawn`).
 *
 * Its test plants both: a fault that does nothing beside a slow machine is not seen, and one that acts is, however late a process is.
 */
import type { AttemptEvent, EdgeEvent, FaultEndEvent, FaultStartEvent, HistoryEvent } from '../history/events.ts';

/** How the client used its connections while a fault was active, in attempts. */
export interface ConnectionUse {
  /** Attempts that made a connection of their own, or tried to in vain. */
  opened: number;
  /** Attempts over a connection that was open before: neither a look-up nor a handshake is repeated on it. */
  pooled: number;
}

/** What the history holds of the time in which a fault was active. */
export interface EffectContext {
  fault: FaultStartEvent;
  end: FaultEndEvent;
  /**
   * When it is first known to have acted: `fault.t`, or earlier, where something that happened before names it. A fault is in force before
   * its start is recorded: the call that injects it has to come back first, to a process that may be late.
   */
  actedFrom: number;
  /**
   * The client's attempts that overlap the time from `actedFrom` on, whole or in part, in the order of their end: the first
   * `keptForEffect`.
   */
  attempts: readonly AttemptEvent[];
  /** Those attempts, and those of `before`, at the S3 edge, by attempt id. One that never reached the edge is not in it. */
  edges: ReadonlyMap<string, EdgeEvent>;
  connections: ConnectionUse;
  /**
   * What else happened in that time (`effectEvents`), in the order of time: the first `keptForEffect`. Connections and handshakes
   * that overlap it are in it, those that ended later too. So is what the fault itself brought about (`rule`) while it was being
   * injected.
   */
  events: readonly EffectEvent[];
  /** The attempts of the time before the first fault, in which the path was as it is without one: a baseline. */
  before: readonly AttemptEvent[];
  /** Times in events are as they passed; the config's durations are `time` times that. */
  compression: { time: number; bytes: number };
  /** The timeline's begin: a reader knows moments by how long after it they were. */
  zero: number;
}

/** The events that an effect may be read off, beside attempts and edges. */
export const effectEvents = [
  'wire',
  'tls.handshake',
  'dns.query',
  'disk',
  'writer.process',
  'writer.start-failed',
  'server',
  'block.cut',
  'flush.start',
  'flush.end',
  'lateness',
  'probe',
] as const satisfies readonly HistoryEvent['type'][];
export type EffectEvent = Extract<HistoryEvent, { type: (typeof effectEvents)[number] }>;

export interface Effect {
  seen: boolean;
  /** What was measured, and what had been due; when it was not seen, what would have been needed. */
  message: string;
  /** How many requests it acted on, of a fault that cannot count where it acts. */
  acted?: number;
  /** What it came to beyond what was asked for, which is worth telling of a pass too. */
  note?: string;
}

export type EffectCheck = (context: EffectContext) => Effect;

/** The checks of the catalogue, by the fault's name. A fault without one is judged by what it counted alone. */
export type EffectChecks = Readonly<Record<string, EffectCheck>>;

/** Attempts kept for one fault: enough to measure by, little enough for a history of a million events. */
export const keptForEffect = 20_000;
