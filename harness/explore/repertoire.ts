/**
 * Which faults can be drawn for a config, and in which ways. What is known of a fault is what it declares: its parameters, what it
 * needs, and its demonstrations, each of which is a way to have it act through every client. So a new fault is explored without a change here.
 *
 * 1. A demonstration counts that sets nothing which the config does not have already. Small parts aside: compressed blocks are small, and
 *    with the config's own parts they would have one.
 * 2. Of those, the ways count that are survived: a demonstration that expects pass, whose parameters are not also those of one that
 *    expects fail. What no config survives would be found in every exploration, and say nothing about this config.
 * 3. A fault without such a way is left out, and told of. One that was asked for by name is there in all the ways that rule 1 leaves.
 */
import { isDeepStrictEqual } from 'node:util';
import { faults as catalogue } from '../faults/catalogue.ts';
import type { Demonstration } from '../faults/demonstration.ts';
import type { FaultDefinition } from '../faults/fault.ts';
import { parseDuration } from '../tempo/go-duration.ts';
import { applySetOptions } from '../tempo/set-option.ts';
import type { TempoSettings } from '../tempo/settings.ts';

/** Lowered where a fault is about multipart uploads. */
export const partSizeKey = 'storage.trace.s3.part_size';

/** What a fault asks of the load beside it. */
export interface Asks {
  /** At least. */
  writers: number;
  /** At least. */
  processes: number;
  /** Whether blocks are sent in parts: true, they have to be; false, they must not, as it is about requests that there are only without. */
  parts?: boolean;
}

/** A way to have a fault act. */
export interface Way {
  /** Its `with:`, as people write it. */
  with: Readonly<Record<string, unknown>>;
  /** How long its demonstration lasts: milliseconds. */
  for: number;
  asks: Asks;
}

export interface Drawable {
  fault: FaultDefinition;
  /** One at least. */
  ways: readonly Way[];
  /** Some of its parameters are known to lose data: only its amounts are varied, never its kinds. */
  delicate: boolean;
}

export interface LeftOut {
  fault: string;
  why: string;
}

export interface Repertoire {
  drawable: readonly Drawable[];
  leftOut: readonly LeftOut[];
}

/** What the environment cannot do here. */
export interface Lacks {
  /** Why a disk of a server's own cannot be limited. */
  limitedDisk?: string;
}

/**
 * @param settings uncompressed.
 * @param only the names that were asked for; absent: all that are survived.
 */
export function repertoire(
  settings: TempoSettings,
  {
    only,
    lacks = {},
    faults = catalogue,
  }: { only?: readonly string[]; lacks?: Lacks; faults?: readonly FaultDefinition[] },
): Repertoire {
  const drawable: Drawable[] = [];
  const leftOut: LeftOut[] = [];
  for (const fault of faults) {
    if (only && !only.includes(fault.name)) continue;
    const found = waysOf(fault, settings, only !== undefined, lacks);
    if (typeof found === 'string') leftOut.push({ fault: fault.name, why: found });
    else drawable.push({ fault, ...found });
  }
  return { drawable, leftOut };
}

/** The ways of a fault; or why there is none. */
function waysOf(
  { name, needs = [], demonstrations }: FaultDefinition,
  settings: TempoSettings,
  askedFor: boolean,
  lacks: Lacks,
): Omit<Drawable, 'fault'> | string {
  if (needs.includes('limited-disk') && lacks.limitedDisk) {
    return `it fills the data disk of S3, which cannot be limited here: ${lacks.limitedDisk}`;
  }
  if (needs.includes('tls') && settings.s3.insecure) {
    return 'it acts on TLS, and the config says `insecure: true`, which is plain HTTP';
  }
  const possible = demonstrations.filter((one) => changes(one, settings) === undefined);
  if (possible.length === 0) {
    const wanted = [...new Set(demonstrations.flatMap((one) => changes(one, settings) ?? []))].join('; or ');
    return `it shows only with settings that the config does not have: ${wanted}`;
  }
  const waysIn = (all: readonly Demonstration[]) => all.flatMap((one) => waysShownBy(name, one));
  const lost = waysIn(possible.filter(({ expect }) => expect.verdict === 'fail'));
  const survived = waysIn(possible.filter(({ expect }) => expect.verdict !== 'fail')).filter(
    (way) => !lost.some((other) => isDeepStrictEqual(other.with, way.with)),
  );
  const ways = askedFor ? waysIn(possible) : survived;
  if (ways.length === 0) {
    return `its demonstrations lose data, whatever the config: it is drawn when it is asked for, --faults ${name}`;
  }
  return { ways, delicate: lost.length > 0 };
}

/** What of a demonstration's settings the config has otherwise; `undefined` when nothing. */
function changes({ set = {} }: Demonstration, settings: TempoSettings): string | undefined {
  const options = Object.entries(set)
    .filter(([key]) => key !== partSizeKey)
    .map(([key, value]) => `${key}=${value}`);
  const changed = structuredClone(settings);
  const problems: Parameters<typeof applySetOptions>[2] = [];
  applySetOptions(options, changed, problems);
  return problems.length === 0 && isDeepStrictEqual(changed, settings) ? undefined : options.join(', ');
}

function waysShownBy(name: string, { timeline, load, set = {} }: Demonstration): Way[] {
  const { writers = 1, processes = 1 } = load;
  return timeline
    .filter(({ fault = name }) => fault === name)
    .map(({ with: values = {}, for: length }) => {
      const particular = ['operations', 'key'].some((parameter) => parameter in values);
      const parts = partSizeKey in set ? true : particular ? false : undefined;
      return {
        with: values,
        for: parseDuration(length),
        asks: { writers, processes, ...(parts !== undefined && { parts }) },
      };
    });
}

/** Whether the two can be of one load. */
export function agree(one: Asks, other: Asks): boolean {
  return one.parts === undefined || other.parts === undefined || one.parts === other.parts;
}
