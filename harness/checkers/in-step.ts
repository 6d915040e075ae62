/**
 * Whether several writers retry at the same moments.
 *
 * 1. The time is cut into bins, and each writer's retries are counted in each. What counts is how much more or less there are than in the
 *    bin before, X_w: that all retry while there is an outage, and none does after it, is not step.
 * 2. If the writers are independent of one another, the variance of their sum is the sum of their variances; if they all do the same, it is
 *    so many times that as there are writers. This is the variance ratio V of Schluter (Ecology 65, 1984), `Var(sum X_w) / sum Var(X_w)`.
 * 3. `(V - 1) / (W - 1)` is then the mean correlation of any two of the W writers, weighted by how much each varies: 0 for independent
 *    writers, 1 for writers in step.
 */

/**
 * The mean correlation of any two writers, of whom `counts` has the retries bin by bin. `undefined`: fewer than two of them vary, so there is none.
 */
export function meanCorrelation(counts: readonly (readonly number[])[]): number | undefined {
  const changes = counts.map((of) => of.slice(1).map((count, before) => count - (of[before] as number)));
  const bins = changes[0]?.length ?? 0;
  const all = Array.from({ length: bins }, (_, bin) => changes.reduce((sum, of) => sum + (of[bin] ?? 0), 0));
  const variances = changes.map(variance).filter((one) => one > 0);
  if (variances.length < 2) return undefined;
  const ratio = variance(all) / variances.reduce((sum, one) => sum + one, 0);
  return (ratio - 1) / (variances.length - 1);
}

function variance(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
