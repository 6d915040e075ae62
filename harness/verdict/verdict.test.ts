import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Checker, Finding, Verdict } from '../checkers/checker.ts';
import { verdictOf } from './verdict.ts';

const kindOf = (checker: string) => checker as Checker['kind'];
const of = (...found: `${Checker['kind']} ${Verdict}`[]) =>
  verdictOf(
    found.map((text): Finding => {
      const [checker, verdict] = text.split(' ') as [string, Verdict];
      return { checker, verdict, message: '' };
    }),
    kindOf,
  );

test('a violated safety invariant is a fail, whatever else', () => {
  expect(of('safety fail', 'validity inconclusive', 'budget inconclusive')).toBe('fail');
});

test('a harness that could not undo what it did is a fail', () => {
  expect(of('validity fail', 'validity inconclusive')).toBe('fail');
});

test('a run that proves nothing is inconclusive, a missed budget or not', () => {
  expect(of('validity inconclusive', 'budget fail')).toBe('inconclusive');
  expect(of('safety inconclusive', 'budget fail')).toBe('inconclusive');
});

test('a missed budget is a fail, although another one could not be decided', () => {
  expect(of('budget fail', 'budget inconclusive', 'safety pass')).toBe('fail');
});

test('an undecided budget is inconclusive, never a pass', () => {
  expect(of('budget inconclusive', 'safety pass', 'validity pass')).toBe('inconclusive');
});

test('only a pass of everything is a pass, and nothing at all is none', () => {
  expect(of('budget pass', 'safety pass', 'validity pass')).toBe('pass');
  expect(of()).toBe('inconclusive');
  const finding = fc.record({
    checker: fc.constantFrom('safety', 'budget', 'validity'),
    verdict: fc.constantFrom<Verdict>('pass', 'fail', 'inconclusive'),
    message: fc.constant(''),
  });
  fc.assert(
    fc.property(fc.array(finding, { minLength: 1 }), (findings) => {
      expect(verdictOf(findings, kindOf) === 'pass').toBe(findings.every(({ verdict }) => verdict === 'pass'));
    }),
  );
});
