/** For tests: what a fault's effect is judged by, cut out of a history made by hand, as the checker cuts it. */
import { inOrder } from '../checkers/example-history.ts';
import { FaultWindow } from '../checkers/fault-window.ts';
import type { FaultEndEvent, FaultStartEvent, HistoryEvent } from '../history/events.ts';
import { faultNamed } from './catalogue.ts';
import type { Effect } from './effect.ts';

/** The fault is in force from 1000 to 2000, unless `end` says otherwise. */
export function effectOf(
  name: string,
  parameters: unknown,
  happened: readonly (readonly HistoryEvent[])[],
  {
    end = {},
    compression = { time: 1, bytes: 1 },
    before = [],
  }: {
    end?: Partial<FaultEndEvent>;
    compression?: { time: number; bytes: number };
    /** What happened before the first fault. */
    before?: readonly HistoryEvent[];
  } = {},
): Effect {
  const start: FaultStartEvent = { t: 1000, type: 'fault.start', id: `1-${name}`, fault: name, with: parameters };
  const over: FaultEndEvent = {
    t: 2000,
    until: 2000,
    type: 'fault.end',
    id: start.id,
    fault: name,
    fired: null,
    unit: 'requests',
    healed: true,
    ...end,
  };
  const window = new FaultWindow(start, true);
  window.recall(before);
  for (const event of inOrder(...happened, [over])) window.see(event);
  const { actedFrom, attempts, edges, connections, events } = window;
  return faultNamed(name).effect({
    fault: start,
    end: window.end ?? over,
    actedFrom,
    attempts,
    edges: new Map([
      ...before.flatMap((event) =>
        event.type === 'edge' && event.id !== undefined ? [[event.id, event] as const] : [],
      ),
      ...edges,
    ]),
    connections,
    events,
    before: before.filter((event) => event.type === 'attempt'),
    compression,
    zero: 0,
  });
}
