/** Two sequences side by side. */

/** What stands opposite each other; `undefined`: nothing does. */
export type Opposite<T> = [left: T | undefined, right: T | undefined];

/**
 * A longest common subsequence stays together. Of what stands between, the n-th that only the left has is opposite the n-th that only the
 * right has. Sequences are short: tens of items.
 */
export function alignment<T>(
  left: readonly T[],
  right: readonly T[],
  same: (one: T, other: T) => boolean,
): Opposite<T>[] {
  // common[i][j]: how many are in common of left from i on and right from j on.
  const common = Array.from({ length: left.length + 1 }, () => new Array<number>(right.length + 1).fill(0));
  const at = (i: number, j: number) => common[i]?.[j] ?? 0;
  const sameAt = (i: number, j: number) => i < left.length && j < right.length && same(left[i] as T, right[j] as T);
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      (common[i] as number[])[j] = sameAt(i, j) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: Opposite<T>[] = [];
  let [lefts, rights]: [T[], T[]] = [[], []];
  const pairUp = () => {
    for (let n = 0; n < Math.max(lefts.length, rights.length); n++) pairs.push([lefts[n], rights[n]]);
    [lefts, rights] = [[], []];
  };
  for (let [i, j] = [0, 0]; i < left.length || j < right.length; ) {
    if (sameAt(i, j)) {
      pairUp();
      pairs.push([left[i++], right[j++]]);
    } else if (j === right.length || (i < left.length && at(i + 1, j) >= at(i, j + 1))) lefts.push(left[i++] as T);
    else rights.push(right[j++] as T);
  }
  pairUp();
  return pairs;
}
