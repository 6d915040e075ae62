import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { checkerNames } from '../checkers/catalogue.ts';
import { packageRoot } from '../process/child.ts';
import { prepare } from '../scenario/run.ts';
import { edited } from './apply.ts';
import { mutants } from './catalogue.ts';
import { isOfTests, type MutantOfRun } from './mutant.ts';
import { scenarioOf } from './trial.ts';

test('there are enough of them, each with a name of its own that can be a folder', () => {
  expect(mutants.length).toBeGreaterThanOrEqual(36);
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  for (const { name } of mutants) expect(name).toMatch(/^[a-z0-9-]+$/);
});

test('most of them are caught: one that is not is an exception', () => {
  expect(mutants.filter(({ uncaught }) => uncaught !== undefined).length).toBeLessThanOrEqual(2);
});

const ofRuns = mutants.filter((mutant): mutant is MutantOfRun => !isOfTests(mutant));

describe.each(mutants.map((mutant) => [mutant.name, mutant] as const))('%s', (_, mutant) => {
  it('finds its places in the sources, each once', async () => {
    const sources = new Map<string, string>();
    for (const edit of mutant.edits) {
      const before = sources.get(edit.file) ?? (await readFile(join(packageRoot, edit.file), 'utf8'));
      const after = edited(before, mutant.name, edit);
      expect(after).not.toBe(before);
      sources.set(edit.file, after);
    }
    expect(sources.size).toBeGreaterThan(0);
  });
});

test('tests that have to find one are there, and are no other file', async () => {
  const files = mutants.filter(isOfTests).map(({ tests }) => tests);
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    expect(file).toMatch(/^harness\/.*\.test\.ts$/);
    expect(await readFile(join(packageRoot, file), 'utf8')).toMatch(/\b(test|it)(\.each)?\(/);
  }
});

describe.each(ofRuns.map((mutant) => [mutant.name, mutant] as const))('%s', (_, mutant) => {
  it('runs a scenario that is there, and is to be caught by a checker that is there', async () => {
    const { scenario, client, set = [], caughtBy } = mutant;
    const { runs } = await prepare({
      scenarios: [scenario.endsWith('.yaml') ? join(packageRoot, scenarioOf(mutant)) : scenario],
      clients: [client],
      set,
    });
    expect(runs).toHaveLength(1);
    expect(checkerNames).toContain(caughtBy);
    // What does as a scenario expects is nothing that a checker could say of a mutant.
    const { verdict, cause } = runs[0]?.scenario.expect ?? {};
    if (mutant.says === 'pass') expect([verdict, cause]).toEqual(['fail', caughtBy]);
    else expect([verdict, cause, mutant.says]).not.toEqual(['fail', caughtBy, 'fail']);
  });
});
