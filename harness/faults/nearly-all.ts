/**
 * Whether all values but a few pass: one, and one more of each ten. For an effect that each of them has to show, since a process that is
 * late can only make it look larger: what shows it now and then was slow by itself.
 */
export function nearlyAll<Value>(values: readonly Value[], passes: (value: Value) => boolean): boolean {
  return values.filter((value) => !passes(value)).length <= 1 + values.length / 10;
}
