/**
 * What the faults of a run decided, request by request, in a form in which runs can be compared.
 *
 * 1. A fault judges requests while it is in force, and counts how often it has judged the same (operation, key, part): its n-th judgement of
 *    the same request is what the seed determines.
 * 2. Whether a request was judged is only known where it cannot be mistaken: a request that began within `BLUR_MS` of the start or the end
 *    of any fault, or while two were in force (the first may answer before the second is asked), makes what follows it uncountable. Such
 *    requests are left out with all of the same (operation, key, part) of that fault.
 * 3. Runs are compared where both have a judgement.
 */
import { ruledBy } from '../gateway/ruled-by.ts';
import type { EdgeEvent, HistoryEvent } from '../history/events.ts';

/** Milliseconds between a fault's coming into force and the event that tells it, at most. */
const BLUR_MS = 100;

/** What was decided, by `[fault, operation, key, part, n]` as JSON. */
export type Decisions = ReadonlyMap<string, string>;

interface Window {
  id: string;
  from: number;
  until: number;
}

export function decisionsOf(events: readonly HistoryEvent[]): { decisions: Decisions; leftOut: number } {
  const windows = windowsOf(events);
  const edges = events.filter((event): event is EdgeEvent => event.type === 'edge');
  const decisions = new Map<string, string>();
  let leftOut = 0;
  for (const window of windows) {
    if (!edges.some((edge) => ruledBy(edge, window.id))) continue;
    const judged = new Map<string, EdgeEvent[]>();
    for (const edge of edges.toSorted((a, b) => a.start - b.start)) {
      if (edge.start < window.from - BLUR_MS || edge.start > window.until + BLUR_MS) continue;
      const request = JSON.stringify([window.id, edge.operation, edge.key, edge.partNumber ?? 0]);
      judged.set(request, [...(judged.get(request) ?? []), edge]);
    }
    for (const [request, all] of judged) {
      if (all.some((edge) => blurred(edge, windows))) {
        leftOut += all.length;
        continue;
      }
      for (const [index, edge] of all.entries()) {
        const decided = ruledBy(edge, window.id) ? `acted, ${edge.status ?? 'no answer'}` : 'let through';
        decisions.set(JSON.stringify([...JSON.parse(request), index + 1]), decided);
      }
    }
  }
  return { decisions, leftOut };
}

function windowsOf(events: readonly HistoryEvent[]): Window[] {
  const windows: Window[] = [];
  for (const event of events) {
    if (event.type === 'fault.start') windows.push({ id: event.id, from: event.t, until: Number.POSITIVE_INFINITY });
    if (event.type !== 'fault.end') continue;
    const window = windows.find(({ id }) => id === event.id);
    if (window) window.until = event.until;
  }
  return windows;
}

function blurred({ start }: EdgeEvent, windows: readonly Window[]): boolean {
  const near = (moment: number) => Math.abs(start - moment) <= BLUR_MS;
  const inForce = windows.filter(({ from, until }) => from - BLUR_MS <= start && start <= until + BLUR_MS);
  return inForce.length > 1 || inForce.some(({ from, until }) => near(from) || near(until));
}

/** How many judgements two or more runs have, and how many of those are the same in all that have them. */
export function compareDecisions(runs: readonly Decisions[]): { compared: number; same: number; different: string[] } {
  const seen = new Map<string, { times: number; first: string; same: boolean }>();
  for (const run of runs) {
    for (const [judgement, decided] of run) {
      const known = seen.get(judgement);
      if (!known) seen.set(judgement, { times: 1, first: decided, same: true });
      else {
        known.times++;
        known.same &&= known.first === decided;
      }
    }
  }
  const common = [...seen].filter(([, { times }]) => times > 1);
  const different = common.filter(([, { same }]) => !same).map(([judgement]) => judgement);
  return { compared: common.length, same: common.length - different.length, different };
}

/** The requests of a run as they came to the edge, with their answers: as one text. */
export function requestSequence(events: readonly HistoryEvent[]): string {
  return events
    .filter((event): event is EdgeEvent => event.type === 'edge')
    .sort((a, b) => a.start - b.start)
    .map(({ operation, key, partNumber = 0, status = 0 }) => `${operation} ${key} ${partNumber} ${status}`)
    .join('\n');
}

/** The same whatever order they came in. */
export function requestSet(events: readonly HistoryEvent[]): string {
  return requestSequence(events).split('\n').sort().join('\n');
}

/** How many of the values are the most frequent one. */
export function mostAlike(values: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}
