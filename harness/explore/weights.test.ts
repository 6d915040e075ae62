import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { faultNames } from '../faults/catalogue.ts';
import { packageRoot } from '../process/child.ts';
import { weightOf, weights } from './weights.ts';

it('names faults that there are', () => {
  expect(Object.keys(weights).filter((name) => !faultNames.includes(name))).toEqual([]);
});

it('gives one that it does not know its chance', () => {
  expect(weightOf('a-new-fault')).toBe(1);
});

it('is the table that the page shows, with a source for each', async () => {
  const page = await readFile(join(packageRoot, 'docs', 'explore.md'), 'utf8');
  const rows = [...page.matchAll(/^\| ([\d, ]+) \| (`.*?) \| .*https?:.* \|$/gm)];
  const shown = rows.flatMap(([, of = '', names = '']) => {
    const figures = of.split(', ').map(Number);
    return [...names.matchAll(/`([^`]+)`/g)].map(([, name = ''], index) => [name, figures[index] ?? figures.at(-1)]);
  });
  expect(Object.fromEntries(shown)).toEqual(weights);
});
