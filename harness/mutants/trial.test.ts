import { expect, test } from 'vitest';
import { testsOf } from './trial.ts';

const file = (...assertionResults: { fullName: string; status: string }[]) => ({ message: '', assertionResults });

test('tests are told by their names, those that passed and those that failed, of all files', () => {
  const testResults = [
    file({ fullName: 'a', status: 'passed' }, { fullName: 'b', status: 'failed' }),
    file({ fullName: 'c', status: 'passed' }, { fullName: 'd', status: 'pending' }),
  ];
  expect(testsOf({ testResults })).toEqual({ tests: { passed: ['a', 'c'], failed: ['b'] } });
});

test('a file that cannot be loaded is no test that fails', () => {
  expect(testsOf({ testResults: [{ message: 'no such module', assertionResults: [] }] })).toEqual({
    reason: 'no test ran: no such module',
  });
  expect(testsOf({ testResults: [] })).toEqual({ reason: 'no test ran: there is no such file' });
});
