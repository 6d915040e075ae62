import { expect, test } from 'vitest';
import { checkerNames, checkers } from './catalogue.ts';
import { check } from './example-history.ts';

test('every checker has a name of its own, an invariant in one sentence, and findings under its name', () => {
  expect(new Set(checkerNames).size).toBe(checkerNames.length);
  for (const checker of checkers({})) {
    expect(checker.invariant).toMatch(/^[A-Z].*\.$/);
    const findings = check(checker, []);
    expect(findings.length).toBeGreaterThan(0);
    for (const finding of findings) expect(finding.checker).toBe(checker.name);
  }
});
