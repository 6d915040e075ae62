/** Numbers as a report shows them: as many digits as a reader can use. */
import { saySize } from '../checkers/say-size.ts';
import type { ScenarioResult } from '../scenario/run-result.ts';
import { formatDuration } from '../tempo/go-duration.ts';

/** A duration of the config's time, in Go's notation, rounded to what matters: `850ms`, `3.2s`, `45s`, `1m30s`, `2h5m`. */
export function configTime(ms: number): string {
  if (ms < 1_000) return formatDuration(Math.round(ms));
  if (ms < 10_000) return formatDuration(Math.round(ms / 100) * 100);
  if (ms < 3_600_000) return formatDuration(Math.round(ms / 1_000) * 1_000);
  return formatDuration(Math.round(ms / 60_000) * 60_000).replace(/m0s$/, 'm');
}

/** A duration as it passed, for the person who waited: `0.4 s`, `9.9 s`, `32 s`, `2 min 5 s`. */
export function passedTime(ms: number): string {
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Milliseconds of a latency, without their unit: `3.1`, `13`; `-` when nothing was measured. */
export function latencyMs(ms: number | null): string {
  if (ms === null) return '-';
  return ms < 9.95 ? ms.toFixed(1) : String(Math.round(ms));
}

/** Recovery against its budget: `12s of 3m`; `not in 3m` when the writer did not recover; `-` when no block was cut. */
export function recoveryFigure({ recovery, blocks }: Pick<ScenarioResult, 'recovery' | 'blocks'>): string {
  if (blocks.cut === 0) return '-';
  const budget = recovery.budgetMs === null ? undefined : configTime(recovery.budgetMs);
  if (recovery.ms === null) return budget === undefined ? 'never' : `not in ${budget}`;
  return budget === undefined ? configTime(recovery.ms) : `${configTime(recovery.ms)} of ${budget}`;
}

/** `4GB pushed, 12MB refused, 3MB of live traces lost, 1.2GB at most on a disk and not in S3`; `undefined` when nothing was pushed. */
export function dataFigure({ data }: Pick<ScenarioResult, 'data'>): string | undefined {
  const { pushed, refused, liveLost, peakBacklog } = data;
  if (pushed === 0) return undefined;
  return [
    `${saySize(pushed)} pushed`,
    ...(refused > 0 ? [`${saySize(refused)} refused`] : []),
    ...(liveLost > 0 ? [`${saySize(liveLost)} of live traces lost`] : []),
    `${saySize(peakBacklog)} at most on a disk and not in S3`,
  ].join(', ');
}

/** `1 block`, `2 blocks`; `2 flushes` with a plural of its own. */
export function count(number: number, noun: string, plural = 's'): string {
  return `${number} ${noun}${number === 1 ? '' : plural}`;
}
