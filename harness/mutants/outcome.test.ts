import { expect, test } from 'vitest';
import type { Finding } from '../checkers/checker.ts';
import type { ScenarioResult } from '../scenario/run-result.ts';
import type { MutantOfRun } from './mutant.ts';
import { judgeMutant, judgeUnmutated } from './outcome.ts';
import type { Trial } from './trial.ts';

function trial(verdict: Finding['verdict'], asExpected: boolean, ...findings: [string, Finding['verdict']][]): Trial {
  const all = findings.map(([checker, said]) => ({ checker, verdict: said, message: `${checker} says ${said}` }));
  return { result: { verdict, asExpected, findings: all } as unknown as ScenarioResult };
}

const mutant: MutantOfRun = {
  name: 'm',
  what: 'Something is wrong.',
  edits: [],
  scenario: 'healthy',
  client: 'minio',
  caughtBy: 'durability',
};
const ofTests = { name: 'm', what: 'Something is wrong.', edits: [], tests: 'harness/x.test.ts' };

test('caught: by the named checker, with what it said', () => {
  expect(judgeMutant(mutant, trial('fail', false, ['atomicity', 'fail'], ['durability', 'fail']))).toEqual({
    verdict: 'caught',
    message: 'durability says fail',
  });
});

test('a run as expected has caught nothing, whatever a checker said of it', () => {
  expect(judgeMutant(mutant, trial('pass', true, ['durability', 'pass']))).toMatchObject({
    verdict: 'not caught',
    message: 'the verdict is pass, as expected; nobody objects',
  });
  // A scenario that expects this very fail.
  expect(judgeMutant(mutant, trial('fail', true, ['durability', 'fail'])).verdict).toBe('not caught');
});

test('caught by another checker, or with other words, is not caught: it says who objected', () => {
  expect(judgeMutant(mutant, trial('fail', false, ['atomicity', 'fail'], ['durability', 'pass']))).toEqual({
    verdict: 'not caught',
    message: 'fail; atomicity (fail): atomicity says fail',
  });
  expect(judgeMutant(mutant, trial('inconclusive', false, ['durability', 'inconclusive'])).verdict).toBe('not caught');
});

test('a checker that is blind is caught by its own silence, in a scenario that it has to fail', () => {
  const blind = { ...mutant, says: 'pass' } as const;
  expect(judgeMutant(blind, trial('pass', false, ['durability', 'pass'])).verdict).toBe('caught');
  expect(judgeMutant(blind, trial('fail', true, ['durability', 'fail'])).verdict).toBe('not caught');
});

test('a tool that gives no verdict, or none in time, has caught nothing', () => {
  expect(judgeMutant(mutant, { reason: 'no verdict within 180 s' })).toEqual({
    verdict: 'not caught',
    message: 'no verdict within 180 s',
  });
});

test('inconclusive as the harness was late is neither: but not when the named checker said what it had to', () => {
  const late = trial('inconclusive', false, ['visible-within', 'inconclusive'], ['harness-on-time', 'inconclusive']);
  expect(judgeMutant({ ...mutant, caughtBy: 'visible-within' }, late).verdict).toBe('late');
  expect(judgeMutant({ ...mutant, caughtBy: 'visible-within', says: 'inconclusive' }, late).verdict).toBe('caught');
  const otherwise = trial('inconclusive', false, ['fault-fired', 'inconclusive'], ['harness-on-time', 'pass']);
  expect(judgeMutant({ ...mutant, caughtBy: 'visible-within' }, otherwise).verdict).toBe('not caught');
});

test('without the mutant the scenario has to go as expected: else nothing is shown', () => {
  expect(judgeUnmutated(trial('fail', true, ['durability', 'fail']))).toBeUndefined();
  expect(judgeUnmutated(trial('fail', false, ['durability', 'fail']))).toEqual({
    verdict: 'proves nothing',
    message: 'without the mutant: fail; durability (fail): durability says fail',
  });
  expect(judgeUnmutated(trial('inconclusive', false, ['harness-on-time', 'inconclusive']))?.verdict).toBe('late');
  expect(judgeUnmutated({ reason: 'no verdict within 180 s' })?.verdict).toBe('proves nothing');
});

test('by tests: one of them fails, and all of them pass without it', () => {
  const tests = (...failed: string[]): Trial => ({ tests: { passed: ['a', 'b'], failed } });
  expect(judgeMutant(ofTests, tests('c', 'd'))).toEqual({ verdict: 'caught', message: 'c' });
  expect(judgeMutant(ofTests, tests())).toEqual({ verdict: 'not caught', message: '2 tests ran, and none failed' });
  expect(judgeUnmutated(tests())).toBeUndefined();
  expect(judgeUnmutated(tests('c'))).toEqual({
    verdict: 'proves nothing',
    message: 'without the mutant, this test fails: c',
  });
});
