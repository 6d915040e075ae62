/** Time as the Tempo config has it: compression undone, and in words. */
import { formatDuration } from '../tempo/go-duration.ts';

/** What a scenario ran with; the factor that every duration of the history is to be multiplied by is `time`. */
type Compressed = { readonly time: number };

/** A duration of the history, in milliseconds of the config's time. */
export function configTime(ms: number, compression: Compressed): number {
  return ms * compression.time;
}

/**
 * A measured duration (milliseconds of the config's time) in words: `740ms`, `12.3s`, `4m10s`. Rounded up, so that what missed
 * its budget never reads as equal to it.
 */
export function sayDuration(ms: number): string {
  const exact = Math.round(ms * 1_000) / 1_000;
  const step = exact < 1_000 ? 1 : exact < 60_000 ? 100 : 1_000;
  return formatDuration(Math.ceil(exact / step) * step);
}

/** A moment, milliseconds of the config's time since the load began: minutes and seconds, `2:05`. */
export function sayMoment(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
