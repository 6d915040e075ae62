/**
 * What if one setting had been another?
 *
 * 1. The run again as it was: does it fail again? If it does not, a setting that passes proves nothing.
 * 2. Each candidate by itself: the same scenario, seed, client and settings, and one setting changed.
 * 3. One that saves is run twice more: it has to save each time.
 *
 * A run that is inconclusive is run once again before anything is made of it: a busy machine is late at times.
 */
import type { Verdict } from '../checkers/checker.ts';
import type { ScenarioResult } from '../scenario/run-result.ts';
import type { Candidate } from './candidates.ts';

/** How many more times a setting has to save that saved once. */
const CONFIRMATIONS = 2;

/** The result, in the folder of the runs. */
export const whatIfFile = 'what-if.json';

export interface Outcome {
  verdict: Verdict;
  deadlineExceeded: number;
  lost: number;
  explanation: string;
  folder: string;
}

/** `saves`: each time; `sometimes`: not when it was to be confirmed; `inconclusive`: the run proved nothing. */
export type Effect = 'saves' | 'sometimes' | 'does not save' | 'inconclusive';

export interface Tried {
  candidate: Candidate;
  effect: Effect;
  /** In the order in which they were run. */
  outcomes: Outcome[];
}

export interface WhatIfResult {
  /** As it was, once more. */
  again: Outcome;
  tried: Tried[];
}

/** Runs the scenario with this option over its settings; without one, as it was. */
export type RunWith = (option: string | undefined, label: string) => Promise<ScenarioResult>;

export async function whatIf(candidates: readonly Candidate[], runWith: RunWith): Promise<WhatIfResult> {
  const again = await outcomeOf(undefined, 'as it was', runWith);
  const tried: Tried[] = [];
  // What passes proves nothing then.
  if (troubled(again)) {
    for (const candidate of candidates) tried.push(await tryOne(candidate, runWith));
  }
  return { again, tried };
}

async function tryOne(candidate: Candidate, runWith: RunWith): Promise<Tried> {
  const label = `${candidate.setting} ${candidate.to}`;
  const outcomes = [await outcomeOf(candidate.option, label, runWith)];
  const [first] = outcomes as [Outcome];
  if (first.verdict === 'inconclusive') return { candidate, effect: 'inconclusive', outcomes };
  if (troubled(first)) return { candidate, effect: 'does not save', outcomes };
  for (let time = 1; time <= CONFIRMATIONS; time++) {
    const next = await outcomeOf(candidate.option, `${label}, confirmed`, runWith);
    outcomes.push(next);
    if (next.verdict === 'inconclusive') return { candidate, effect: 'inconclusive', outcomes };
    if (troubled(next)) return { candidate, effect: 'sometimes', outcomes };
  }
  return { candidate, effect: 'saves', outcomes };
}

/** There is something to be saved from: a budget missed, a block lost, a flush that ran into its deadline. */
export function troubled({
  verdict,
  deadlineExceeded,
  lost,
}: Pick<Outcome, 'verdict' | 'deadlineExceeded' | 'lost'>): boolean {
  return verdict === 'fail' || (verdict === 'pass' && (deadlineExceeded > 0 || lost > 0));
}

async function outcomeOf(option: string | undefined, label: string, runWith: RunWith): Promise<Outcome> {
  let result = await runWith(option, label);
  if (result.verdict === 'inconclusive') result = await runWith(option, `${label}, once again`);
  const { verdict, deadlineExceeded, blocks, explanation, folder } = result;
  return { verdict, deadlineExceeded, lost: blocks.lost, explanation, folder };
}

/** 0: a setting would have saved it; 1: none of them; 2: that cannot be said. */
export function exitCodeOf({ again, tried }: WhatIfResult): 0 | 1 | 2 {
  if (!troubled(again)) return 2;
  if (tried.some(({ effect }) => effect === 'saves')) return 0;
  return tried.some(({ effect }) => effect === 'inconclusive') ? 2 : 1;
}
