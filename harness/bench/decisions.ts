/**
 * What the faults of a run decided, request by request, in a form in which runs can be compared: the seed determines what a fault decides
 * for the n-th time that it judges the same (operation, key, part), and the gateway notes each such judgement as it makes it. Which
 * requests there are to judge, and how often, is no matter of the seed: runs are compared where both have a judgement.
 */
import type { EdgeEvent, HistoryEvent } from '../history/events.ts';

/** What was decided, by `[fault, operation, key, part, n]` as JSON. */
export type Decisions = ReadonlyMap<string, string>;

export function decisionsOf(events: Iterable<HistoryEvent>): Decisions {
  const decisions = new Map<string, string>();
  for (const event of events) {
    if (event.type !== 'edge') continue;
    const { operation, key, partNumber = 0, judged = [] } = event;
    for (const { rule, n, acts } of judged) {
      decisions.set(JSON.stringify([rule, operation, key, partNumber, n]), acts ? 'acts' : 'lets pass');
    }
  }
  return decisions;
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
