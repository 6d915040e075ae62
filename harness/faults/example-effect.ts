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
  events: readonly (readonly HistoryEvent[])[],
  {
    end = {},
    compression = { time: 1, bytes: 1 },
  }: {
    end?: Partial<FaultEndEvent>;
    compression?: { time: number; bytes: number };
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
  for (const event of inOrder(...events, [over])) window.see(event);
  const { attempts, edges, connections } = window;
  return faultNamed(name).effect({ fault: start, end: window.end ?? over, attempts, edges, connections, compression });
}
