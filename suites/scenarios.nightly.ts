/**
 * Each night: every shipped scenario and every fault's demonstrations, both clients, over more seeds. `TEMPO_S3_CHAOS_SEEDS` says how many (8 unless told) and
 * `TEMPO_S3_CHAOS_FIRST_SEED` where they begin (1 unless told), so that each night can have seeds of its own.
 */
import { describe, expect, it } from 'vitest';
import { clientNames } from '../harness/object-store/clients.ts';
import { prepare } from '../harness/scenario/run.ts';
import { demonstrations, groupedScenarios, shippedScenarios } from '../harness/scenario/shipped.ts';
import { because, realHarness } from './real-harness.ts';

function wholeNumber(variable: string, usual: number): number {
  const text = process.env[variable];
  if (text === undefined || text === '') return usual;
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new Error(`${variable}=${text}: expected a whole number of 1 or more, like ${usual}`);
  return number;
}

const first = wholeNumber('TEMPO_S3_CHAOS_FIRST_SEED', 1);
const seeds = Array.from({ length: wholeNumber('TEMPO_S3_CHAOS_SEEDS', 8) }, (_, index) => first + index);

const scenarios = [...(await shippedScenarios()), ...(await groupedScenarios()), ...demonstrations()].map(
  ({ given }) => given,
);

describe.each(seeds)('seed %i', async (seed) => {
  const { runs } = await prepare({ scenarios, clients: clientNames, set: [], seed });
  const real = realHarness();

  for (const prepared of runs) {
    it.concurrent(`${prepared.scenario.name} through ${prepared.client}`, async () => {
      const result = await real.run(prepared, { seed });
      expect(result.asExpected, because(result)).toBe(true);
    });
  }
});
