import { faultNamed } from '../faults/catalogue.ts';
import type { Need } from '../faults/fault.ts';
import type { TimelineEntry } from './expand-timeline.ts';

/** What the faults of a timeline need that not every scenario has. */
export function needsOf(timeline: readonly Pick<TimelineEntry, 'fault'>[]): ReadonlySet<Need> {
  return new Set(timeline.flatMap(({ fault }) => faultNamed(fault).needs ?? []));
}
