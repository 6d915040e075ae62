import { expect, test } from 'vitest';
import type { Checker, Finding } from '../checkers/checker.ts';
import { exitCode, isAsExpected } from './expectation.ts';

const kinds: Record<string, Checker['kind']> = {
  durability: 'safety',
  atomicity: 'safety',
  'recovered-within': 'budget',
  'visible-within': 'budget',
  'fault-fired': 'validity',
};
const kindOf = (checker: string) => kinds[checker] ?? 'safety';
const failing = (...checkers: string[]) =>
  checkers.map((checker): Finding => ({ checker, verdict: 'fail', message: '' }));

test('pass expected: a pass, nothing else', () => {
  expect(isAsExpected('pass', [], { verdict: 'pass' }, kindOf)).toBe(true);
  expect(isAsExpected('fail', failing('recovered-within'), { verdict: 'pass' }, kindOf)).toBe(false);
  expect(isAsExpected('inconclusive', [], { verdict: 'pass' }, kindOf)).toBe(false);
});

const expected = { verdict: 'fail', cause: 'durability' } as const;

test('fail expected: by its cause, and missed budgets may come with it', () => {
  expect(isAsExpected('fail', failing('durability'), expected, kindOf)).toBe(true);
  expect(isAsExpected('fail', failing('durability', 'recovered-within', 'visible-within'), expected, kindOf)).toBe(
    true,
  );
});

test('fail expected: another cause, another violated invariant, or a heal that failed, is not it', () => {
  expect(isAsExpected('fail', failing('recovered-within'), expected, kindOf)).toBe(false);
  expect(isAsExpected('fail', failing('durability', 'atomicity'), expected, kindOf)).toBe(false);
  expect(isAsExpected('fail', failing('durability', 'fault-fired'), expected, kindOf)).toBe(false);
  expect(
    isAsExpected(
      'fail',
      failing('recovered-within', 'durability'),
      { verdict: 'fail', cause: 'recovered-within' },
      kindOf,
    ),
  ).toBe(false);
});

test('fail expected: neither a pass nor an inconclusive run is', () => {
  expect(isAsExpected('pass', [], expected, kindOf)).toBe(false);
  expect(isAsExpected('inconclusive', failing('durability'), expected, kindOf)).toBe(false);
});

test('exit code: 1 beats 2 beats 0', () => {
  const fine = { verdict: 'fail', asExpected: true } as const;
  const wrong = { verdict: 'pass', asExpected: false } as const;
  const open = { verdict: 'inconclusive', asExpected: false } as const;
  expect(exitCode([])).toBe(0);
  expect(exitCode([fine, { verdict: 'pass', asExpected: true }])).toBe(0);
  expect(exitCode([fine, open])).toBe(2);
  expect(exitCode([open, wrong])).toBe(1);
  expect(exitCode([wrong, open])).toBe(1);
});
