/** A table without lines: columns two spaces apart, heads underlined by nothing but their place. */
import Table from 'cli-table3';
import { printable, wrap } from './wrap.ts';

const noLines = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

export interface Column {
  /** One or more lines. */
  head: string;
  align?: 'left' | 'right';
}

/** The rows below their heads, each column as wide as what stands in it. Cells may be painted. */
export function grid(columns: Column[], rows: string[][], paintHead: (head: string) => string): string {
  const table = new Table({
    chars: noLines,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colAligns: columns.map(({ align }) => align ?? 'left'),
  });
  table.push(
    columns.map(({ head }) => head.split('\n').map(paintHead).join('\n')),
    ...rows,
  );
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** The rows alone. */
export function rowsGrid(rows: string[][]): string {
  const heads = (rows[0] ?? []).map(() => ({ head: '' }));
  return grid(heads, rows, String).replace(/^\n/, '');
}

/** Names, indented, and beside each what is to be said of it, broken to fit the width. */
export function namesGrid(rows: [name: string, words: string][], width: number): string {
  const columns = Math.max(30, width - Math.max(...rows.map(([name]) => name.length)) - 4);
  return rowsGrid(rows.map(([name, words]) => [`  ${printable(name)}`, wrap(words, columns)]));
}
