/**
 * How much faster scenarios are side by side than one by one: 60 of them, the demonstrations of faults through both clients.
 *
 * 1. Side by side, all 60, 16 at a time.
 * 2. One by one, every fifth of them: all 60 would take as long as the bench may in all. Their time, times five, is what all would take.
 * 3. Those that ran both ways have to have the same verdict, and all 60 the one that they expect.
 *
 * Time is compressed by 5, and not by 20 to 100 as they ship: what takes the same work then waits longer, which is what running side by side
 * is for. Demonstrations that need a MinIO of their own are left out: starting one is work, not waiting.
 */
import { clientNames } from '../object-store/clients.ts';
import { needsOf } from '../scenario/needs.ts';
import { type Prepared, prepare } from '../scenario/run.ts';
import type { ScenarioResult } from '../scenario/run-result.ts';
import { demonstrations, type NamedScenario } from '../scenario/shipped.ts';
import type { Measurement } from './measurement.ts';
import { runScenarios } from './scenario-runs.ts';

const COUNT = 60;
const AT_ONCE = 16;
const COMPRESSION = 5;
const EVERY = 5;
const GOAL = 8;

export async function benchSideBySide(): Promise<Measurement[]> {
  const names = demonstrations()
    .filter(({ scenario }) => needsOf(scenario.timeline).size === 0)
    .sort((a, b) => lasts(a) - lasts(b))
    .slice(0, COUNT / clientNames.length)
    .map(({ given }) => given);
  const prepared = await prepare({ scenarios: names, clients: clientNames, set: [] });
  const runs = prepared.runs.map(lessCompressed);
  const together = await runScenarios(runs, AT_ONCE);
  const sample = runs.filter((_, place) => place % EVERY === 0);
  const alone = await runScenarios(sample, 1);
  const all = alone.tookMs * EVERY;
  const times = all / together.tookMs;
  const verdict = ({ verdict, asExpected }: ScenarioResult) => `${verdict}, ${asExpected}`;
  const differ = alone.results.filter((one, place) => {
    return verdict(one) !== verdict(together.results[place * EVERY] as ScenarioResult);
  });
  const expected = together.results.filter(({ asExpected }) => asExpected).length;
  const seconds = (ms: number) => `${(ms / 1000).toFixed(0)} s`;
  return [
    { what: `${runs.length} demonstrations, ${AT_ONCE} side by side`, value: seconds(together.tookMs) },
    { what: `one by one: ${sample.length} took ${seconds(alone.tookMs)}, so all`, value: seconds(all) },
    { what: 'faster side by side', value: `${times.toFixed(1)} times`, goal: `>= ${GOAL} times`, met: times >= GOAL },
    {
      what: `the same verdict both ways${differ.map(({ name, client }) => `; not ${name}, ${client}`).join('')}`,
      value: `${sample.length - differ.length} of ${sample.length}`,
      goal: 'all',
      met: differ.length === 0,
    },
    {
      what: 'as expected, side by side',
      value: `${expected} of ${runs.length}`,
      goal: 'all',
      met: expected === runs.length,
    },
  ];
}

function lessCompressed(one: Prepared): Prepared {
  const { scenario } = one;
  return { ...one, scenario: { ...scenario, compression: { ...scenario.compression, time: COMPRESSION } } };
}

/** Milliseconds as they pass, until the last fault is healed. */
function lasts({ scenario: { timeline, compression } }: Pick<NamedScenario, 'scenario'>): number {
  return Math.max(0, ...timeline.map((entry) => entry.at + entry.for)) / compression.time;
}
