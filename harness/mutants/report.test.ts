import { expect, test } from 'vitest';
import type { MutantOfRun } from './mutant.ts';
import type { Outcome } from './outcome.ts';
import { allCaught, mutantDocument, mutantList, mutantListDocument, mutantPage, mutantReport } from './report.ts';
import type { MutantReport } from './run-mutants.ts';

const report = (name: string, outcome: Outcome, how: Partial<MutantOfRun> = {}): MutantReport => ({
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

test('the list for a machine has the same of each', () => {
  const { mutant } = report('a', caught, { set: ['policy.keepAlive=false'] });
  const ofTests = { name: 't', what: 'T.', edits: [], tests: 'harness/x.test.ts', uncaught: 'Nobody looks.' };
  expect(mutantListDocument([mutant, ofTests])).toEqual({
    format: 1,
    mutants: [
      {
        name: 'a',
        what: 'The a is wrong.',
        scenario: 'outage.yaml',
        client: 'minio',
        set: ['policy.keepAlive=false'],
        caughtBy: 'durability',
        says: 'fail',
      },
      { name: 't', what: 'T.', tests: 'harness/x.test.ts', uncaught: 'Nobody looks.' },
    ],
  });
});

test('one that tests find is told with their file, in the list and on the page', () => {
  const mutant = { name: 't', what: 'T is wrong.', edits: [], tests: 'harness/x.test.ts' };
  expect(mutantList([mutant])).toBe('t: T is wrong. harness/x.test.ts, to be caught by its tests');
  const reports = [{ mutant, outcome: caught, tries: 1, tookMs: 1 }];
  expect(mutantPage([{ title: 'Beside a run', reports }])).toContain(
    '| T is wrong. | harness/x.test.ts | its tests | yes |',
  );
  expect(mutantDocument(reports)).toMatchObject({ mutants: [{ name: 't', tests: 'harness/x.test.ts' }] });
});
