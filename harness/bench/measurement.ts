/** One line of a bench's table. */
export interface Measurement {
  what: string;
  /** With its unit. */
  value: string;
  /** Against the baseline of its bench. */
  ratio?: number;
  /** What the ratio, or the value, has to be. */
  goal?: string;
  met?: boolean;
}

/** @throws RangeError for no values: they have no median. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('no values have no median');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}
