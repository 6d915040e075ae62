/** The settings of a deployment again, from those that a writer got: a history has only these. */
import { Compression } from '../scenario/compression.ts';
import type { TempoSettings } from '../tempo/settings.ts';

/** More digits than any setting has, and fewer than dividing twice gets wrong. */
const DIGITS = 14;

/**
 * Compressed once more they are what they were. (A row group that was held up by the smallest part that S3 takes stays small.)
 * @param compression what they were compressed by.
 */
export function uncompressed(settings: TempoSettings, compression: { time: number; bytes: number }): TempoSettings {
  // Dividing by the inverse.
  return rounded(new Compression(1 / compression.time, 1 / compression.bytes).settings(settings)) as TempoSettings;
}

function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toPrecision(DIGITS));
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, rounded(part)]));
}
