/** What is counted of a fault that happens once, and lasts until it is healed. */
import type { Clock } from '../clock.ts';
import type { Evidence } from './fault.ts';

/** `until`: when it was over; absent: it lasts still. */
export function lasted(
  clock: Pick<Clock, 'now'>,
  as: 'downMs' | 'pausedMs',
  since: number,
  until: number | undefined,
): Evidence {
  return { fired: 1, unit: 'times', measured: { [as]: Math.round((until ?? clock.now()) - since) } };
}
