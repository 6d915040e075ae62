/**
 * The timeline of a scenario: each fault is injected at its time, held, and healed, side by side with the others.
 * Every fault that was injected is healed, whatever else happens.
 */
import { setMaxListeners } from 'node:events';
import type { Clock } from '../clock.ts';
import type { Lease } from '../environment/lease.ts';
import { faultNamed } from '../faults/catalogue.ts';
import type { FaultDefinition } from '../faults/fault.ts';
import { HalfInjectedError } from '../faults/half-injected.ts';
import type { FaultEndEvent, Recorder } from '../history/events.ts';
import type { WriterMachine } from '../subject/writer-machine.ts';
import { formatDuration } from '../tempo/go-duration.ts';
import type { Compression } from './compression.ts';
import type { TimelineEntry } from './expand-timeline.ts';

export interface TimelineContext {
  lease: Lease;
  seed: number;
  compression: Compression;
  clock: Clock;
  record: Recorder;
  /** Ends the timeline early: what is in force is healed at once, what is to come does not come. */
  signal: AbortSignal;
  machine?: WriterMachine;
  /** For the tests of the tester: what is injected in place of a fault. */
  injected?(definition: FaultDefinition): Pick<FaultDefinition, 'inject'>;
  /** Told what is in force: `latency, s3-error`, or `between faults`. */
  doing(what: string): void;
}

/**
 * For how long after the last fault was to end a heal may wait for the path to be well: in the config's time, and as it passes at least. A
 * writer that S3 did not let start may have to wait for five minutes (crash-loop.ts), and an attempt under way then for its dial and
 * its answer.
 */
const PATIENCE_MS = 10 * 60_000;
const LEAST_PATIENCE_MS = 30_000;

/** The id of a timeline's entry in the history: `1-latency`. */
export function faultId(index: number, entry: TimelineEntry): string {
  return `${index + 1}-${entry.fault}`;
}

/** Resolves when the last fault was healed. A heal that fails is in the history, and does not reject. */
export async function runTimeline(entries: readonly TimelineEntry[], context: TimelineContext): Promise<void> {
  const inForce = new Set<TimelineEntry>();
  const tell = () => {
    const names = new Set([...inForce].map(({ fault }) => fault));
    context.doing(names.size > 0 ? [...names].join(' + ') : 'between faults');
  };
  // Each entry listens, and there may be any number of them.
  setMaxListeners(0, context.signal);
  const { clock, compression, signal } = context;
  const over = new AbortController();
  const planned = Math.max(0, ...entries.map(({ at, for: length }) => at + length));
  const wait = Math.max(LEAST_PATIENCE_MS, compression.duration(PATIENCE_MS, 'patience'));
  const cancel = clock.after(compression.duration(planned, 'for') + wait, () =>
    over.abort(new Error(`all faults were to be over ${formatDuration(Math.round(compression.stretch(wait)))} ago`)),
  );
  const patience = AbortSignal.any([signal, over.signal]);
  setMaxListeners(0, patience);
  await Promise.all(
    entries.map(async (entry, index) => {
      const waited = await elapsed(clock.sleep(compression.duration(entry.at, 'at'), signal));
      if (!waited) return;
      await holdFault(
        entry,
        faultId(index, entry),
        { ...context, patience },
        {
          begun() {
            inForce.add(entry);
            tell();
          },
          ended() {
            inForce.delete(entry);
            tell();
          },
        },
      );
    }),
  ).finally(cancel);
}

async function holdFault(
  entry: TimelineEntry,
  id: string,
  context: TimelineContext & { patience: AbortSignal },
  on: { begun(): void; ended(): void },
): Promise<void> {
  const { lease, seed, compression, clock, record, signal, machine, injected, patience } = context;
  const definition = faultNamed(entry.fault);
  const parameters = definition.compress(entry.with, compression);
  const ended = (until: number, how: Pick<FaultEndEvent, 'healed' | 'fired' | 'unit' | 'error' | 'evidence'>) =>
    record({ t: clock.now(), type: 'fault.end', id, fault: entry.fault, until, ...how });

  let active: Awaited<ReturnType<typeof definition.inject>>;
  try {
    active = await (injected?.(definition) ?? definition).inject({
      lease,
      parameters,
      id,
      seed,
      clock,
      record,
      patience,
      ...(machine && { machine }),
    });
  } catch (error) {
    record({ t: clock.now(), type: 'fault.start', id, fault: entry.fault, with: parameters });
    ended(clock.now(), {
      healed: !(error instanceof HalfInjectedError),
      fired: 0,
      unit: 'requests',
      error: `it could not be injected: ${(error as Error).message}`,
    });
    return;
  }
  record({ t: clock.now(), type: 'fault.start', id, fault: entry.fault, with: parameters });
  on.begun();
  await elapsed(clock.sleep(compression.duration(entry.for, 'for'), signal));
  const until = clock.now();
  try {
    const { fired, unit, measured } = await active.heal();
    ended(until, { healed: true, fired, unit, ...(measured && { evidence: measured }) });
  } catch (error) {
    ended(until, { healed: false, fired: null, unit: 'requests', error: (error as Error).message });
  }
  on.ended();
}

/** Whether the sleep came to its end: false when the signal cut it short. */
function elapsed(sleep: Promise<void>): Promise<boolean> {
  return sleep.then(
    () => true,
    () => false,
  );
}
