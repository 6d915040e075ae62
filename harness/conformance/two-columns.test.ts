import fc from 'fast-check';
import { expect, it } from 'vitest';
import { twoColumns } from './two-columns.ts';

it('shows what both have on one row, and marks what only one has, or has otherwise', () => {
  const left = ['Create', 'part 1: 503', 'part 1: 200', 'part 2: 200', 'Complete'];
  const right = ['Create', 'part 1: 503', 'part 1: 403', 'Abort'];
  expect(twoColumns(left, right, ['minio-go', 'aws-sdk']).split('\n')).toEqual([
    'minio-go      aws-sdk',
    'Create        Create',
    'part 1: 503   part 1: 503',
    'part 1: 200 | part 1: 403',
    'part 2: 200 | Abort',
    'Complete    <',
  ]);
  expect(twoColumns([], ['x'], ['a', 'b'])).toBe('a   b\n  > x');
});

it('folds what is too wide, and loses none of it', () => {
  const long = Array.from({ length: 30 }, (_, index) => `word${index}`).join(' ');
  const lines = twoColumns([long], [long], ['a', 'b']).split('\n');
  expect(lines.length).toBeGreaterThan(3);
  expect(lines[1]).toContain(`   ${long}`);
  expect(
    [lines[1]?.slice(0, 72), ...lines.slice(2).map((line) => line.slice(2))].join('').replaceAll(/\s/g, ''),
  ).toContain('word29');
});

it('gives each sequence back, whatever they are', () => {
  const sequence = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });
  fc.assert(
    fc.property(sequence, sequence, (left, right) => {
      const rows = twoColumns(left, right, ['', '']).split('\n').slice(1);
      const column = (at: number) => rows.map((row) => row.charAt(at).trim()).filter((cell) => cell !== '');
      const offset = left.length === 0 ? 0 : 1;
      expect(left.length === 0 ? [] : column(0)).toEqual(left);
      expect(column(offset + 3)).toEqual(right);
      const unmarked = rows.filter((row) => row.charAt(offset + 1).trim() === '');
      for (const row of unmarked) expect(row.charAt(0)).toBe(row.charAt(offset + 3));
      if (JSON.stringify(left) === JSON.stringify(right)) expect(unmarked).toHaveLength(left.length);
    }),
  );
});
