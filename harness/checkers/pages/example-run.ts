/** The runs that the pages' examples are made of: all goes well but what the example tells. */
import type { HistoryEvent } from '../../history/events.ts';
import {
  cut,
  fault,
  finalObject,
  finalReadOf,
  flush,
  inOrder,
  objectNames,
  objectOf,
  type PartialContext,
  phase,
  probed,
  push,
  scenario,
  walPage,
} from '../example-history.ts';
import type { CheckerExample } from './page.ts';

/** When the timeline begins and ends, when the last is read, and when the run is over: milliseconds. */
const timelineFrom = 200;
const timelineUntil = 1_000;
export const finalReadAt = 9_000;

export interface ExampleOptions extends PartialContext {
  about: string;
  /** What the example is about. It is shown; when it is nothing, the fault is. */
  events: readonly (HistoryEvent | readonly HistoryEvent[])[];
  /** What else there has to be for it. */
  beside?: readonly (HistoryEvent | readonly HistoryEvent[])[];
  /** Blocks that the final read finds whole, beside the steady one. */
  found?: readonly string[];
  settings?: { flushOpTimeout?: number; blocklistPoll?: number };
  /** How the run's fault went. Absent: there was none. */
  fault?: Parameters<typeof fault>[2];
  /** What the probe after the heal finds in force. */
  inForceAfter?: readonly string[];
  /** False: there is no block that was flushed before the timeline. */
  steady?: boolean;
  along?: readonly string[];
}

/**
 * A run around the events of an example: a block named `steady` is flushed before the timeline begins, one fault is injected and healed
 * if there is to be one, and the final read finds the steady block, and the blocks that it is told, whole.
 */
export function exampleRun(options: ExampleOptions): CheckerExample {
  const { about, beside = [], found = [], inForceAfter = [], steady = true, along } = options;
  const ofFault = options.fault
    ? [
        ...fault('1-s3-error', [timelineFrom + 100, timelineUntil], { fired: 2, ...options.fault }),
        probed('after', timelineUntil + 1, { inForce: [...inForceAfter] }),
      ]
    : [];
  const told = [...options.events, ...beside].flat();
  const blocks = steady ? ['steady', ...found] : found;
  const objects = blocks.flatMap((block) => objectNames.map((name) => finalObject(block, name, finalReadAt + 1)));
  const inBucket = objects.length + told.filter(({ type }) => type === 'final.object').length;
  const history = inOrder(
    scenario({
      ...(options.expect && { expect: options.expect }),
      ...(options.compression && { compression: options.compression }),
      ...options.settings,
      timeline: options.fault ? [{ fault: 's3-error' }] : [],
    }),
    phase('lease', 1),
    phase('steady-state', 2),
    ...(steady ? [cut('steady', 3), flush('steady', 10)] : []),
    phase('timeline', timelineFrom),
    ...(options.fault ? [probed('before', timelineFrom + 1)] : []),
    ofFault,
    phase('drain', timelineUntil + 1),
    told,
    phase('final-read', finalReadAt),
    objects,
    finalReadOf(finalReadAt + 2, inBucket),
    phase('judging', finalReadAt + 3),
  );
  // Of an example that is about a fault alone, what is told of the fault.
  const shown = options.events.length > 0 ? inOrder(...options.events) : ofFault;
  return { about, history, shown, ...(along && { along }) };
}

/** The steady block's own data as it was pushed: without it, an account of what was pushed would find the block to be too much. */
export function steadyPushed(): HistoryEvent[] {
  const { size } = objectOf('steady', 'data.parquet');
  return [push(2.5, size, size), walPage('steady', 2.6, 1, size)];
}
