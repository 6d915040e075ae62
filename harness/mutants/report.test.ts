import { expect, test } from 'vitest';
import type { Mutant } from './mutant.ts';
import type { Outcome } from './outcome.ts';
import { allCaught, mutantDocument, mutantList, mutantPage, mutantReport } from './report.ts';
import type { MutantReport } from './run-mutants.ts';

const report = (name: string, outcome: Outcome, how: Partial<Mutant> = {}): MutantReport => ({
  mutant: {
    name,
    what: `The ${name} is wrong.`,
    edits: [],
    scenario: 'outage.yaml',
    client: 'minio',
    caughtBy: 'durability',
    ...how,
  },
  outcome,
  tries: 1,
  tookMs: 1234.5,
});
const caught: Outcome = { verdict: 'caught', message: 'block 0a1b2c3d-0000-4000-8000-00000000000f is gone | for good' };
const missed: Outcome = { verdict: 'not caught', message: 'nobody objects' };

test('all caught: each, but those of which it is known that nobody catches them', () => {
  expect(allCaught([report('a', caught), report('b', missed, { uncaught: 'MinIO does not tell.' })])).toBe(true);
  expect(allCaught([report('a', caught), report('b', missed)])).toBe(false);
  expect(allCaught([report('b', { verdict: 'late', message: '' })])).toBe(false);
  // The catalogue is behind: that is to be mended too.
  expect(allCaught([report('b', caught, { uncaught: 'MinIO does not tell.' })])).toBe(false);
});

test('the report says which were not caught and why, and counts', () => {
  const reports = [report('a', caught), report('b', missed), report('c', missed, { uncaught: 'MinIO does not tell.' })];
  expect(mutantReport(reports).split('\n')).toEqual([
    'not caught: b (to be caught by durability (fail)): nobody objects',
    'not caught: c (known not to be caught): MinIO does not tell.',
    '1 of 3 planted bugs caught by the checker that is named, 1 known not to be',
  ]);
  expect(mutantReport([report('d', caught, { uncaught: 'x' })])).toContain(
    'caught, which the catalogue says nobody does: d',
  );
});

test('the document has it all', () => {
  expect(mutantDocument([report('a', caught, { says: 'inconclusive' })])).toMatchObject({
    allCaught: true,
    mutants: [{ name: 'a', says: 'inconclusive', verdict: 'caught', tries: 1, tookMs: 1235, message: caught.message }],
  });
});

test('the page has a line for each, without ids and with its bars escaped', () => {
  const page = mutantPage([{ title: 'The writer', reports: [report('a', caught), report('b', missed)] }]);
  expect(page).toContain(
    '| The a is wrong. | outage (minio) | durability (fail) | yes | block … is gone \\| for good |',
  );
  expect(page).toContain('| The b is wrong. | outage (minio) | durability (fail) | **not caught** | nobody objects |');
  expect(page).toContain('1 of 2 planted bugs caught by the checker that is named.');
});

test('the list says where each is to be caught, and by whom', () => {
  expect(mutantList([report('a', caught).mutant])).toBe(
    'a: The a is wrong. outage.yaml (minio), to be caught by durability (fail)',
  );
});
