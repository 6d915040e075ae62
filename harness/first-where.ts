/**
 * The first place of a list for which `holds` is true, by halving: for a list in which it is false up to some place, and true from there on.
 * `length` when it is true for none. O(log n).
 */
export function firstWhere<Item>(list: readonly Item[], holds: (item: Item) => boolean): number {
  let [from, until] = [0, list.length];
  while (from < until) {
    const middle = (from + until) >> 1;
    if (holds(list[middle] as Item)) until = middle;
    else from = middle + 1;
  }
  return from;
}
