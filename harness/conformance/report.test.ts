import { expect, it } from 'vitest';
import type { Compared } from './conformance.ts';
import type { Program } from './program.ts';
import { conformanceReport } from './report.ts';

function compared(number: number, kind: string, disagreement?: string, again = false): Compared {
  const program: Program = { number, kind, size: 1, faults: [], divided: {} };
  return { program, again, disagreements: new Map([['ours', disagreement]]) };
}

it('tells the disagreements, the counts of each kind, what took a second run, and the waits', () => {
  const waits = { way: 'ours', size: 100, distance: 0.2, allowed: 0.163, uniform: false, sample: 3 };
  const all = [
    compared(0, 'reset'),
    compared(1, 'status', 'program 1: two columns'),
    compared(2, 'reset', undefined, true),
  ];
  const text = conformanceReport({ compared: all, waits: [waits], agrees: false, seconds: 61.4 }, 'minio-go');
  expect(text).toContain('program 1: two columns\n\n');
  expect(text).toContain('Agreed with minio-go, of so many programs:');
  const rows = text.split('\n').filter((line) => line.startsWith('│'));
  expect(
    rows.map((row) =>
      row
        .split('│')
        .map((cell) => cell.trim())
        .filter(Boolean),
    ),
  ).toEqual([
    ['kind of fault', 'programs', 'ours'],
    ['reset', '2', '2'],
    ['status', '1', '0'],
    ['all', '3', '2'],
  ]);
  expect(text).toContain('Agreed only with the machine to themselves: programs 2\n');
  expect(text).toContain('ours: 100 waits, D 0.200, 0.163 allowed: not uniform (sample 3)');
  expect(text).toMatch(/\nDISAGREEMENT \(61 s\)$/);
  const fine = conformanceReport({ compared: [all[0] as Compared], waits: [], agrees: true, seconds: 1 }, 'minio-go');
  expect(fine).toMatch(/\nNo disagreement \(1 s\)$/);
  expect(fine).not.toContain('Agreed only');
  expect(fine).not.toContain('Waits');
});
