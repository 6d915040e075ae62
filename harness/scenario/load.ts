/** What the writers of a scenario are, and what is sent to them: the schema of `load`. */
import { z } from 'zod';
import { deleteRate, readRate } from '../background/rates.ts';
import { duration, rate } from '../faults/parameters.ts';

/** More writers than this do not fit on one machine beside MinIO. */
const MOST_WRITERS = 100;
/** A process of this many writers has the memory and the event loop to itself for most of the time. */
const WRITERS_A_PROCESS = 8;
/** More than any deployment has for one tenant. They share a process. */
const MOST_COMPACTORS = 100;
/** Queriers, or compactors: each costs a few requests a minute. */
const MOST_OTHERS = 1000;

const count = () =>
  z.union([z.int().min(0).max(MOST_OTHERS), z.literal('deployment')], {
    error: `expected a number up to ${MOST_OTHERS}, or deployment`,
  });

const background = z
  .strictObject({
    queriers: count().default('deployment').describe('how many; deployment: as many as the config has'),
    compactors: count().default('deployment').describe('how many; deployment: as many as the config has'),
    reads: z.number().min(0).max(100).default(readRate).describe('reads of each querier, a second'),
    deletes: z.number().min(0).max(100).default(deleteRate).describe('deletes of each compactor, a second'),
  })
  .describe('traffic beside that of the writers, over the same path');

export const loadSchema = z
  .strictObject({
    writers: z.int().min(1).max(MOST_WRITERS).default(1),
    processes: z
      .int()
      .min(1)
      .max(MOST_WRITERS)
      .optional()
      .describe(`how many the writers are spread over; absent: one for each ${WRITERS_A_PROCESS} writers`),
    rate: rate().describe('bytes of trace data sent to each writer'),
    blocks: z.int().min(1).max(100_000).describe('blocks cut by each writer'),
    traceLength: duration().default(0).describe("from a trace's first span to its last"),
    startOver: duration().default(0).describe('the writers begin spread over this; 0: all at once'),
    limits: z.boolean().default(false).describe("whether Tempo's ingestion limits refuse what is beyond them"),
    compactors: z
      .int()
      .min(0)
      .max(MOST_COMPACTORS)
      .default(0)
      .describe('compactors that make fewer blocks of what the writers write, from the steady state on'),
    background: background.optional(),
  })
  .superRefine(({ writers, processes = 1 }, context) => {
    if (processes <= writers) return;
    const message = `more processes than writers: expected ${writers} at most`;
    context.addIssue({ code: 'custom', path: ['processes'], message });
  });

export type Load = z.output<typeof loadSchema>;

/** `ingester-0`, `ingester-1`, ...: as the history, and `writers` of a fault, name them. */
export function writerNames({ writers }: Pick<Load, 'writers'>): string[] {
  return Array.from({ length: writers }, (_, index) => `ingester-${index}`);
}

/** How many processes the writers are spread over. */
export function processCount({ writers, processes }: Pick<Load, 'writers' | 'processes'>): number {
  return processes ?? Math.ceil(writers / WRITERS_A_PROCESS);
}

/** How many queriers and compactors there are beside the writers. */
export function othersBeside(
  { background: asked }: Pick<Load, 'background'>,
  deployment: { queriers: number; compactors: number },
): { queriers: number; compactors: number } {
  const number = (kind: 'queriers' | 'compactors') => {
    const one = asked?.[kind] ?? 0;
    return one === 'deployment' ? deployment[kind] : one;
  };
  return { queriers: number('queriers'), compactors: number('compactors') };
}
