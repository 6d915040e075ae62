/** What a writer's history says of its process's memory. */
import type { HistoryEvent } from '../history/events.ts';
import { median } from '../median.ts';

/**
 * Bytes: the median while blocks were flushed, and the most in each wave of `blocks` flushes, which ends with the last of them. A wave begins
 * where the one before ended.
 * @param events in the order of time
 */
export function memoryOf(events: readonly HistoryEvent[], blocks: number): { resident: number; waves: number[] } {
  const flushing: number[] = [];
  const waves: number[] = [];
  let running = 0;
  let ended = 0;
  let most = 0;
  for (const event of events) {
    if (event.type === 'flush.start') running++;
    if (event.type === 'lateness' && event.memory !== undefined) {
      most = Math.max(most, event.memory);
      if (running > 0) flushing.push(event.memory);
    }
    if (event.type !== 'flush.end') continue;
    running--;
    if (++ended % blocks > 0) continue;
    waves.push(most);
    most = 0;
  }
  return { resident: flushing.length > 0 ? median(flushing) : 0, waves };
}
