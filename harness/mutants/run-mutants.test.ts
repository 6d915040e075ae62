import { expect, test } from 'vitest';
import { VirtualClock } from '../clock.ts';
import type { ScenarioResult } from '../scenario/run-result.ts';
import { type Mutant, type MutantOfRun, whereOf } from './mutant.ts';
import { runMutants } from './run-mutants.ts';
import type { Trial } from './trial.ts';

const mutant = (name: string, how: Partial<MutantOfRun> = {}): MutantOfRun => ({
  name,
  what: 'Something is wrong.',
  edits: [],
  scenario: 'healthy',
  client: 'minio',
  caughtBy: 'durability',
  ...how,
});

const result = (asExpected: boolean, checker: string, verdict: string): Trial => ({
  result: { verdict, asExpected, findings: [{ checker, verdict, message: '' }] } as unknown as ScenarioResult,
});
const sound = result(true, 'durability', 'pass');
const late = result(false, 'harness-on-time', 'inconclusive');
const lost = result(false, 'durability', 'fail');

/** Runs them where each build gives these results in turn; what was built, run and cleared is told. */
async function run(mutants: readonly Mutant[], trials: Record<string, Trial[]>) {
  const told: string[] = [];
  const reports = await runMutants(mutants, {
    workshop: {
      async build({ name }) {
        told.push(`build ${name}`);
        return name;
      },
      async clear(folder) {
        told.push(`clear ${folder}`);
      },
    },
    atOnce: 1,
    clock: new VirtualClock(),
    signal: new AbortController().signal,
    progress() {},
    async tryOut(one, folder) {
      told.push(`run ${whereOf(one)} of ${folder}`);
      return trials[folder]?.shift() ?? sound;
    },
  });
  return { told, outcomes: reports.map(({ outcome, tries }) => [outcome.verdict, tries]) };
}

test('the sources as they are come first, once for what several mutants run alike', async () => {
  const { told, outcomes } = await run([mutant('a'), mutant('b'), mutant('c', { client: 'aws-sdk' })], {
    a: [lost],
    b: [sound],
    c: [lost],
  });
  expect(told.slice(0, 4)).toEqual([
    'build none',
    'run healthy (minio) of none',
    'run healthy (aws-sdk) of none',
    'clear none',
  ]);
  expect(told.slice(4, 7)).toEqual(['build a', 'run healthy (minio) of a', 'clear a']);
  expect(outcomes).toEqual([
    ['caught', 1],
    ['not caught', 1],
    ['caught', 1],
  ]);
});

test('a mutant is not run where the sources as they are do not do what is expected', async () => {
  const { told, outcomes } = await run([mutant('a')], { none: [lost] });
  expect(outcomes).toEqual([['proves nothing', 0]]);
  expect(told).not.toContain('build a');
});

test('a run for which the harness was late is tried again, three times in all', async () => {
  expect((await run([mutant('a')], { none: [late, sound], a: [late, late, lost] })).outcomes).toEqual([['caught', 3]]);
  expect((await run([mutant('a')], { a: [late, late, late, lost] })).outcomes).toEqual([['late', 3]]);
  expect((await run([mutant('a')], { none: [late, late, late] })).outcomes).toEqual([['late', 0]]);
});
