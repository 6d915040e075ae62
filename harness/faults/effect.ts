/**
 * Whether a fault was seen by those it was meant for. That it acted (`fired`) is counted where it acts; that the writer's client
 * felt it is read off the history: requests as slow as the latency says, bytes no faster than the cap.
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
  /** The client's attempts that overlap that time, whole or in part, in the order of their end: the first `keptForEffect`. */
  attempts: readonly AttemptEvent[];
  /** Those attempts, and those of `before`, at the S3 edge, by attempt id. One that never reached the edge is not in it. */
  edges: ReadonlyMap<string, EdgeEvent>;
  connections: ConnectionUse;
  /**
   * What else happened in that time (`effectEvents`), in the order of time: the first `keptForEffect`. Connections and handshakes
   * that overlap it are in it, those that ended later too. So is what the fault itself brought about (`rule`) while it was being
   * injected, which is before it is in force.
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
