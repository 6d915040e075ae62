/** The processes of the harness, as a history tells them. */
import type { HistoryEvent } from '../history/events.ts';

export interface ObservedProcess {
  process: string;
  pid: number;
  /** Bytes, at most. */
  memory: number;
  /** Milliseconds: the longest delay of its event loop until the final read, and the 99th percentile: of its writers' the worst. */
  maxMs: number;
  p99Ms: number;
  /** With the final read, in which nothing is timed any more, and the harness reads and hashes as fast as it can. */
  wholeP99Ms: number;
}

/** By their `lateness`, in the order in which they are first told of. What percentiles say is of all the time before them: the last counts. @param events in the order of time */
export function processesOf(events: readonly HistoryEvent[]): ObservedProcess[] {
  const found = new Map<number, ObservedProcess & { byWriter: Map<string, { p99Ms: number; wholeP99Ms: number }> }>();
  let reading = false;
  for (const event of events) {
    if (event.type === 'phase' && event.phase === 'final-read') reading = true;
    if (event.type !== 'lateness' || event.pid === undefined) continue;
    const { process, pid, memory = 0, maxMs, p99Ms = 0, writer = '' } = event;
    const known = found.get(pid) ?? {
      ...{ process, pid, memory: 0, maxMs: 0, p99Ms: 0, wholeP99Ms: 0 },
      byWriter: new Map<string, { p99Ms: number; wholeP99Ms: number }>(),
    };
    found.set(pid, known);
    known.memory = Math.max(known.memory, memory);
    if (!reading) known.maxMs = Math.max(known.maxMs, maxMs);
    const before = known.byWriter.get(writer);
    known.byWriter.set(writer, { p99Ms: reading ? (before?.p99Ms ?? 0) : p99Ms, wholeP99Ms: p99Ms });
  }
  return [...found.values()].map(({ byWriter, ...one }) => {
    const worst = (of: 'p99Ms' | 'wholeP99Ms') => Math.max(0, ...[...byWriter.values()].map((told) => told[of]));
    return { ...one, p99Ms: worst('p99Ms'), wholeP99Ms: worst('wholeP99Ms') };
  });
}
