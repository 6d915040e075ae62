/**
 * Tempo's ways of losing data, told by the words that it logs: a writer gives them as the reason of `block.dropped` and `data.lost`.
 */

export const waysOfLoss = [
  'completion',
  'cutting',
  'wal-meta',
  'wal-too-old',
  'local-block',
  'power',
  'flush-retries',
  'other',
] as const;

/**
 * `completion`: a block could not be completed as often as that is tried, and its WAL was deleted. `cutting`: a page of the WAL could not
 * be written, so that traces went that were in memory. `wal-meta`: a start deleted a WAL block whose meta.json it could not read.
 * `wal-too-old`: Tempo 3 deleted a WAL block that was not completed in time. `local-block`: a start found a local block that is not
 * whole. `power`: pages that were never fsynced went with the power. `flush-retries`: a flush was given up, which Tempo itself never
 * does. `other`: in words that are none of Tempo's.
 */
export type WayOfLoss = (typeof waysOfLoss)[number];

const words: Record<Exclude<WayOfLoss, 'other'>, RegExp> = {
  completion: /^Block exceeded max completion errors\b/,
  cutting: /^failed to cut traces\b/,
  'wal-meta': /^failed to replay block\b/,
  'wal-too-old': /^deleting WAL block that was never completed\b/,
  'local-block':
    /^(Unable to reload meta for local block|Unexpected error reloading meta for local block|local block failed validation)\b/,
  power: /\bof its WAL went with the power\b/,
  'flush-retries': /\bflushRetries is \d/,
};

export function wayOfLoss(reason: string): WayOfLoss {
  return waysOfLoss.find((way) => way !== 'other' && words[way].test(reason)) ?? 'other';
}
