/**
 * What a seed determines: the same scenario 20 times with the same seed, through both clients, on the real path.
 *
 * 1. The verdict, and whether it is what the scenario expects.
 * 2. What each fault decided when it judged the same request for the n-th time (decisions.ts).
 * 3. How often the whole sequence of requests is the same, with and without their order: that is measured, not promised.
 */
import { join } from 'node:path';
import { historyFile } from '../history/merge.ts';
import { historyEvents } from '../history/read-history.ts';
import { clientNames } from '../object-store/clients.ts';
import { type Prepared, prepare } from '../scenario/run.ts';
import { compareDecisions, type Decisions, decisionsOf, mostAlike, requestSequence, requestSet } from './decisions.ts';
import type { Measurement } from './measurement.ts';
import { runScenarios } from './scenario-runs.ts';

const TIMES = 20;
const SCENARIOS = ['random-faults', 'partial-outage'];
/** As many as a run has: more, and the harness is late. */
const AT_ONCE = 8;

interface Seen {
  verdicts: string[];
  decisions: Decisions[];
  sequences: string[];
  sets: string[];
}

export async function benchDeterminism(): Promise<Measurement[]> {
  const { runs } = await prepare({ scenarios: SCENARIOS, clients: clientNames, set: [] });
  const all: Prepared[] = runs.flatMap((one) => Array.from({ length: TIMES }, () => one));
  const bySubject = new Map<string, Seen>();
  await runScenarios(all, AT_ONCE, async (result, _place, folder) => {
    const name = `${result.name}, ${result.client}`;
    const seen = bySubject.get(name) ?? { verdicts: [], decisions: [], sequences: [], sets: [] };
    bySubject.set(name, seen);
    const events = await historyEvents(join(folder, historyFile));
    seen.verdicts.push(`${result.verdict}${result.asExpected ? '' : ', not as expected'}`);
    seen.decisions.push(decisionsOf(events));
    seen.sequences.push(requestSequence(events));
    seen.sets.push(requestSet(events));
  });
  return [...bySubject].flatMap(([name, seen]) => measured(name, seen));
}

function measured(name: string, { verdicts, decisions, sequences, sets }: Seen): Measurement[] {
  const verdict = mostAlike(verdicts);
  const { compared, same, different } = compareDecisions(decisions);
  for (const judgement of different) console.error(`${name}: decided differently: ${judgement}`);
  return [
    {
      what: `${name}: the same verdict (${[...new Set(verdicts)].join('; ')})`,
      value: `${verdict} of ${TIMES}`,
      goal: `${TIMES} of ${TIMES}`,
      met: verdict === TIMES,
    },
    {
      what: `${name}: the same decision, of those that two runs have`,
      value: `${same} of ${compared}`,
      goal: 'all',
      met: compared > 0 && same === compared,
    },
    { what: `${name}: the same requests with the same answers, in any order`, value: `${mostAlike(sets)} of ${TIMES}` },
    { what: `${name}: the same, in the same order`, value: `${mostAlike(sequences)} of ${TIMES}` },
  ];
}
