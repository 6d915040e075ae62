import { expect, it } from 'vitest';
import type { Finding } from '../checkers/checker.ts';
import { causesOf, reasonOf } from './cause.ts';

const fail = (checker: string): Finding => ({ checker, verdict: 'fail', message: `${checker} is not kept` });
const late: Finding = { checker: 'harness-on-time', verdict: 'inconclusive', message: 'it was late' };

it('is what failed it, safety before budgets', () => {
  const findings = [fail('visible-within'), fail('durability'), late];
  expect(causesOf({ verdict: 'fail', findings })).toEqual(['durability', 'visible-within']);
});

it('is nothing where only the harness is to blame: a fault that could not be healed', () => {
  expect(causesOf({ verdict: 'fail', findings: [fail('path-healed')] })).toEqual([]);
});

it('is nothing of what is inconclusive', () => {
  expect(causesOf({ verdict: 'inconclusive', findings: [fail('visible-within'), late] })).toEqual([]);
});

it('has a reason where there is none', () => {
  expect(reasonOf({ findings: [late], explanation: '' })).toBe('harness-on-time: it was late');
  expect(reasonOf({ findings: [late, fail('path-healed')], explanation: '' })).toBe(
    'path-healed: path-healed is not kept',
  );
});
