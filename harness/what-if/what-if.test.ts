import { describe, expect, it } from 'vitest';
import { exampleResult } from '../report/example-run.ts';
import type { ScenarioResult } from '../scenario/run-result.ts';
import type { Candidate } from './candidates.ts';
import { exitCodeOf, whatIf } from './what-if.ts';

const candidate = (setting: string): Candidate => ({ setting, from: '1', to: '2', option: `${setting}=2`, why: 'why' });
const fail = exampleResult({ verdict: 'fail', deadlineExceeded: 2 });
const pass = exampleResult();
const inconclusive = exampleResult({ verdict: 'inconclusive' });

/** By the option, the results in turn; the last one goes on. */
function runs(results: Record<string, ScenarioResult[]>) {
  const asked: (string | undefined)[] = [];
  const runWith = async (option: string | undefined) => {
    const given = results[option ?? 'as it was'] as ScenarioResult[];
    const times = asked.filter((other) => other === option).length;
    asked.push(option);
    return given[Math.min(times, given.length - 1)] as ScenarioResult;
  };
  return { asked, runWith };
}

describe('what if one setting had been another', () => {
  it('changes one at a time, and runs what saves twice more', async () => {
    const { asked, runWith } = runs({ 'as it was': [fail], 'a=2': [fail], 'b=2': [pass] });
    const result = await whatIf([candidate('a'), candidate('b')], runWith);
    expect(asked).toEqual([undefined, 'a=2', 'b=2', 'b=2', 'b=2']);
    expect(result.tried.map(({ effect }) => effect)).toEqual(['does not save', 'saves']);
    expect(exitCodeOf(result)).toBe(0);
  });

  it('proves nothing when the run does not fail again as it was', async () => {
    const { asked, runWith } = runs({ 'as it was': [pass], 'a=2': [pass] });
    const result = await whatIf([candidate('a')], runWith);
    expect(asked).toEqual([undefined]);
    expect(exitCodeOf(result)).toBe(2);
  });

  it('takes a setting that saves once and not again for one that does not save', async () => {
    const { runWith } = runs({ 'as it was': [fail], 'a=2': [pass, fail] });
    const result = await whatIf([candidate('a')], runWith);
    expect(result.tried[0]?.effect).toBe('sometimes');
    expect(exitCodeOf(result)).toBe(1);
  });

  it('counts a flush over its deadline as trouble, though the scenario allows it', async () => {
    const late = exampleResult({ deadlineExceeded: 1 });
    const { runWith } = runs({ 'as it was': [late], 'a=2': [late] });
    const result = await whatIf([candidate('a')], runWith);
    expect(result.tried[0]?.effect).toBe('does not save');
  });

  it('runs what was inconclusive once again, and makes of that what it is', async () => {
    const { asked, runWith } = runs({ 'as it was': [inconclusive, fail], 'a=2': [inconclusive, pass] });
    const result = await whatIf([candidate('a')], runWith);
    expect(asked).toEqual([undefined, undefined, 'a=2', 'a=2', 'a=2', 'a=2']);
    expect(result.tried[0]).toMatchObject({ effect: 'saves', outcomes: { length: 3 } });
  });

  it('never takes an inconclusive run for one that is saved', async () => {
    const { runWith } = runs({ 'as it was': [fail], 'a=2': [inconclusive], 'b=2': [pass, inconclusive] });
    const result = await whatIf([candidate('a'), candidate('b')], runWith);
    expect(result.tried.map(({ effect }) => effect)).toEqual(['inconclusive', 'inconclusive']);
    expect(exitCodeOf(result)).toBe(2);
  });
});
