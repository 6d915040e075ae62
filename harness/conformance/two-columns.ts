/** Two sequences of lines side by side, as `diff --side-by-side` shows them. */

type Row = [left: string | undefined, right: string | undefined];

/** A column is no wider; what is longer goes on below. */
const WIDEST = 72;

/**
 * What both have is on one row; what only one has is marked `<` or `>`, and where one line stands in the place of another, `|`.
 * @param titles what each column is
 */
export function twoColumns(left: readonly string[], right: readonly string[], titles: [string, string]): string {
  const rows = paired(aligned(left, right));
  const width = Math.min(WIDEST, Math.max(titles[0].length, ...left.map((line) => line.length)));
  const lines = [`${titles[0].padEnd(width)}   ${titles[1]}`];
  for (const [one, other] of rows) {
    const mark = one === other ? ' ' : one === undefined ? '>' : other === undefined ? '<' : '|';
    const [first = '', ...rest] = folded(one ?? '', width);
    lines.push(`${first.padEnd(width)} ${mark} ${other ?? ''}`.trimEnd(), ...rest);
  }
  return lines.join('\n');
}

/** The rows of a longest common subsequence: equal lines opposite each other, all others alone. */
function aligned(left: readonly string[], right: readonly string[]): Row[] {
  /** How many lines are in common from here on. */
  const common = Array.from({ length: left.length + 1 }, () => new Array<number>(right.length + 1).fill(0));
  const at = (i: number, j: number) => common[i]?.[j] ?? 0;
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      const row = common[i] as number[];
      row[j] = left[i] === right[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const rows: Row[] = [];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    if (i < left.length && left[i] === right[j]) rows.push([left[i++], right[j++]]);
    else if (j === right.length || (i < left.length && at(i + 1, j) >= at(i, j + 1))) rows.push([left[i++], undefined]);
    else rows.push([undefined, right[j++]]);
  }
  return rows;
}

/** Puts the n-th line that only the left has opposite the n-th that only the right has, between two lines that both have. */
function paired(rows: readonly Row[]): Row[] {
  const together: Row[] = [];
  let lefts: string[] = [];
  let rights: string[] = [];
  const flush = () => {
    for (let n = 0; n < Math.max(lefts.length, rights.length); n++) together.push([lefts[n], rights[n]]);
    lefts = [];
    rights = [];
  };
  for (const [one, other] of rows) {
    if (one !== undefined && other !== undefined) {
      flush();
      together.push([one, other]);
    } else if (one !== undefined) lefts.push(one);
    else if (other !== undefined) rights.push(other);
  }
  flush();
  return together;
}

function folded(text: string, width: number): string[] {
  if (text.length <= width) return [text];
  return [text.slice(0, width), ...folded(`  ${text.slice(width)}`, width)];
}
