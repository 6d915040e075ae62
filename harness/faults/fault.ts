/**
 * What a fault is. A newcomer writes one file in this folder with one `FaultDefinition`, one test, and one line in
 * catalogue.ts: schema, listing, documentation page, timeline, suite and report pick it up from there.
 *
 * A fault must prove that it took effect: `heal` gives what it counted at the place where it acted, and `effect` says, from
 * the history, whether what was due was seen by those it was meant for. No evidence, no verdict. What makes such a check wrong on a busy
 * machine is told in effect.ts.
 */
import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Lease } from '../environment/lease.ts';
import type { Recorder } from '../history/events.ts';
import type { Compression } from '../scenario/compression.ts';
import type { WriterMachine } from '../subject/writer-machine.ts';
import type { Demonstration } from './demonstration.ts';
import type { EffectCheck } from './effect.ts';

/** Where on the path of a write it sits. */
export const places = ['network', 'tls', 'dns', 's3', 'server', 'machine'] as const;
export type Place = (typeof places)[number];

/**
 * What a fault needs that not every scenario has: an S3 server of its own lease, a disk of that server's that can be filled, a path
 * that speaks TLS, writers of ours.
 */
export type Need = 'own-server' | 'limited-disk' | 'tls' | 'writers';

export interface Injection<Parameters> {
  lease: Lease;
  /** Compressed. */
  parameters: Parameters;
  /** Unique in the scenario: `1-latency`. Names the toxic or rule, and keys its draws. */
  id: string;
  seed: number;
  clock: Clock;
  record: Recorder;
  /**
   * Aborted, with why, when no heal may wait any longer for the path to be well: a writer that S3 does not let start is started again
   * until then. Absent: without end.
   */
  patience?: AbortSignal;
  /** The writers' processes and disks. Absent where no writer of ours runs (`tempo-s3-chaos up`). */
  machine?: WriterMachine;
}

export interface Evidence {
  /** How many times it acted; 0: it never took effect; `null`: only its effect tells (`Effect.acted`). */
  fired: number | null;
  /** What `fired` counts. */
  unit: 'requests' | 'queries' | 'connections' | 'handshakes' | 'bytes' | 'disk operations' | 'times';
  /** More that was measured, for the report. */
  measured?: Record<string, number | string>;
}

/** A fault that is in force. */
export interface ActiveFault {
  /** What it did so far. */
  evidence(): Promise<Evidence>;
  /** Ends it, and tells what it did. @throws Error when it cannot be ended: the run then fails. */
  heal(): Promise<Evidence>;
}

export interface FaultDefinition<Schema extends z.ZodType = z.ZodType> {
  /** As a timeline names it. */
  readonly name: string;
  /** One sentence for `list`. */
  readonly about: string;
  /** For its page: how it is injected and healed, what counts as its evidence, and what it cannot do. Paragraphs. */
  readonly details: string;
  readonly place: Place;
  /** Parameters, in milliseconds, bytes and bytes per second once parsed; each described. */
  readonly parameters: Schema;
  /** A `with:` that works. */
  readonly example: z.input<Schema>;
  /** Scenarios that show it at work, one at least; the suites run each through every client, and its page prints the first. */
  readonly demonstrations: readonly [Demonstration, ...Demonstration[]];
  readonly needs?: readonly Need[];
  /** Two faults that touch the same thing cannot be in force at once; absent: it composes with itself and the others. */
  readonly touches?: string;
  compress(parameters: z.output<Schema>, compression: Compression): z.output<Schema>;
  inject(injection: Injection<z.output<Schema>>): Promise<ActiveFault>;
  readonly effect: EffectCheck;
}

/** Keeps the types of one definition together. */
export function defineFault<Schema extends z.ZodType>(definition: FaultDefinition<Schema>): FaultDefinition<Schema> {
  return definition;
}
