/** A comparison as two columns: what the recorded Tempo did, and what our writer did. */
import { wrap } from '../../report/wrap.ts';
import type { Comparison, Row } from './compare.ts';

const LEFT = 'recorded Tempo';
const RIGHT = 'our writer';

/** As `diff --side-by-side` marks them. */
function mark({ left, right, differs }: Row): string {
  if (right === undefined) return '<';
  if (left === undefined) return '>';
  return differs.length > 0 ? '|' : ' ';
}

/** Lines of at most so many columns, but for single words that are longer. */
export function diffText({ rows }: Comparison, columns = 150): string {
  const width = Math.floor((columns - 3) / 2);
  const lines = [
    ...sideBySide(LEFT, ' ', RIGHT, width),
    ...sideBySide('-'.repeat(width), ' ', '-'.repeat(width), width),
  ];
  for (const row of rows) {
    lines.push(...sideBySide(row.left ?? '', mark(row), row.right ?? '', width));
    // `<` and `>` say it already.
    if (row.left !== undefined && row.right !== undefined && row.differs.length > 0) {
      lines.push(...wrap(`^ ${row.differs.join('; ')}`, columns, '  ').split('\n'));
    }
  }
  return lines.map((line) => line.trimEnd()).join('\n');
}

function sideBySide(left: string, between: string, right: string, width: number): string[] {
  const lefts = wrap(left, width).split('\n');
  const rights = wrap(right, width).split('\n');
  return Array.from({ length: Math.max(lefts.length, rights.length) }, (_, index) => {
    return `${(lefts[index] ?? '').padEnd(width)} ${between} ${rights[index] ?? ''}`;
  });
}
