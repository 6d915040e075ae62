/**
 * What a fault is. A newcomer writes one file in this folder with one `FaultDefinition`, one test, and one line in
 * catalogue.ts: schema, listing, timeline and report pick it up from there.
 *
 * A fault must prove that it took effect: `heal` gives what it counted at the place where it acted, and `effect` says, from
 * the history, whether what was due was seen by those it was meant for. No evidence, no verdict.
 */
import type { z } from 'zod';
import type { Lease } from '../environment/lease.ts';
import type { Compression } from '../scenario/compression.ts';
import type { EffectCheck } from './effect.ts';

/** Where on the path of a write it sits. */
export type Place = 'network' | 'dns' | 's3';

export interface Injection<Parameters> {
  lease: Lease;
  /** Compressed. */
  parameters: Parameters;
  /** Unique in the scenario: `1-latency`. Names the toxic or rule, and keys its draws. */
  id: string;
  seed: number;
}

export interface Evidence {
  /** How many times it acted; 0: it never took effect; `null`: only its effect tells (`Effect.acted`). */
  fired: number | null;
  /** What `fired` counts. */
  unit: 'requests' | 'queries';
  /** More that was measured, for the report. */
  measured?: Record<string, number | string>;
}

/** A fault that is in force. */
export interface ActiveFault {
  /** Ends it, and tells what it did. @throws Error when it cannot be ended: the run then fails. */
  heal(): Promise<Evidence>;
}

export interface FaultDefinition<Schema extends z.ZodType = z.ZodType> {
  /** As a timeline names it. */
  readonly name: string;
  /** One sentence for `list`. */
  readonly about: string;
  readonly place: Place;
  /** Parameters, in milliseconds, bytes and bytes per second once parsed; each described. */
  readonly parameters: Schema;
  /** A `with:` that works. */
  readonly example: z.input<Schema>;
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
