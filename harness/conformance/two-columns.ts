/** Two sequences of lines side by side, as `diff --side-by-side` shows them. */
import { alignment } from './alignment.ts';

/** A column is no wider; what is longer goes on below. */
const WIDEST = 72;

/**
 * What both have is on one row; what only one has is marked `<` or `>`, and where one line stands in the place of another, `|`.
 * @param titles what each column is
 */
export function twoColumns(left: readonly string[], right: readonly string[], titles: [string, string]): string {
  const rows = alignment(left, right, (one, other) => one === other);
  const width = Math.min(WIDEST, Math.max(titles[0].length, ...left.map((line) => line.length)));
  const lines = [`${titles[0].padEnd(width)}   ${titles[1]}`];
  for (const [one, other] of rows) {
    const mark = one === other ? ' ' : one === undefined ? '>' : other === undefined ? '<' : '|';
    const [first = '', ...rest] = folded(one ?? '', width);
    lines.push(`${first.padEnd(width)} ${mark} ${other ?? ''}`.trimEnd(), ...rest);
  }
  return lines.join('\n');
}

function folded(text: string, width: number): string[] {
  if (text.length <= width) return [text];
  return [text.slice(0, width), ...folded(`  ${text.slice(width)}`, width)];
}
