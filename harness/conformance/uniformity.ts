/** Whether shares of a range were drawn uniformly: the test of Kolmogorov and Smirnov with one sample. */

/**
 * Above it, D times the root of the sample's size is there with a chance of 1 % if the sample was drawn from the distribution
 * (the asymptotic value, good for 35 and more).
 */
const CRITICAL_AT_1_PERCENT = 1.628;

export interface Uniformity {
  /** Of the sample. */
  size: number;
  /** The furthest that the sample's distribution is from the uniform one: 0 to 1. */
  distance: number;
  /** What it may be at the most. */
  allowed: number;
  uniform: boolean;
}

/** @param shares each from 0 to 1, in any order; what is a little outside, by the time that measuring took, counts as at the border. */
export function uniformity(shares: readonly number[]): Uniformity {
  const size = shares.length;
  const sorted = shares.map((share) => Math.min(1, Math.max(0, share))).sort((a, b) => a - b);
  let distance = 0;
  for (const [index, share] of sorted.entries()) {
    distance = Math.max(distance, (index + 1) / size - share, share - index / size);
  }
  const allowed = CRITICAL_AT_1_PERCENT / Math.sqrt(size);
  return { size, distance, allowed, uniform: size > 0 && distance <= allowed };
}
