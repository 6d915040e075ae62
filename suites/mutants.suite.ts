/**
 * The test of the tester, a handful of it: planted bugs are found by the checkers that are named, and one that changes nothing is found by
 * nobody, which is told. All of them: `npm run mutants`.
 */
import { expect, test } from 'vitest';
import { realClock } from '../harness/clock.ts';
import { mutants } from '../harness/mutants/catalogue.ts';
import type { MutantOfRun } from '../harness/mutants/mutant.ts';
import { allCaught, mutantReport } from '../harness/mutants/report.ts';
import { runMutants } from '../harness/mutants/run-mutants.ts';
import { Workshop } from '../harness/mutants/workshop.ts';

/** One of the writer, one of the client, one of the gateway, one of the final read, one of the clocks: all in quick scenarios. */
const quick = ['meta-first', 'attempt-ids-not-sent', 'edge-event-dropped', 'object-not-read', 'gateway-clock-behind'];

const harmless: MutantOfRun = {
  name: 'another-word',
  what: 'A line for the log says copying where it said writing.',
  edits: [
    {
      file: 'harness/writer/local-block.ts',
      find: '`error writing object to s3 backend',
      replace: '`error copying object to s3 backend',
    },
  ],
  scenario: 'healthy',
  client: 'minio',
  caughtBy: 'durability',
};

test('planted bugs are found by whom they are to be found, and one that is none is not', {
  timeout: 600_000,
}, async () => {
  await using workshop = await Workshop.open(realClock);
  const chosen = [...mutants.filter(({ name }) => quick.includes(name)), harmless];
  const reports = await runMutants(chosen, {
    workshop,
    atOnce: 2,
    clock: realClock,
    signal: new AbortController().signal,
    progress() {},
  });
  const outcomes = Object.fromEntries(reports.map(({ mutant, outcome }) => [mutant.name, outcome]));
  const names = [...quick, harmless.name];
  expect(Object.keys(outcomes).sort()).toEqual(names.sort());
  for (const name of quick) expect(outcomes[name], name).toMatchObject({ verdict: 'caught' });
  expect(outcomes[harmless.name]).toEqual({
    verdict: 'not caught',
    message: 'the verdict is pass, as expected; nobody objects',
  });
  expect(allCaught(reports)).toBe(false);
  expect(mutantReport(reports)).toContain('not caught: another-word (to be caught by durability (fail))');
});
