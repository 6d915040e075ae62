/** What was measured, in words and as the config has it: compression undone. */
import { formatRate } from '../tempo/byte-size.ts';
import { formatDuration } from '../tempo/go-duration.ts';
import type { EffectContext } from './effect.ts';

type Compressed = EffectContext['compression'];

export function inConfigTime(ms: number, { time }: Pick<Compressed, 'time'>): string {
  return formatDuration(Math.round(ms * time));
}

/** Sizes and durations were both divided. */
export function inConfigRate(bytesPerSecond: number, { time, bytes }: Compressed): string {
  return formatRate(Math.round((bytesPerSecond * bytes) / time));
}
