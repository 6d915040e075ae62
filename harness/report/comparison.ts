/**
 * Two runs of the same scenarios with the same seeds, on an old and on a new config: is the new one worse?
 *
 * For each scenario and client, the first of these that tells the two apart decides:
 *
 * 1. Nothing can be said when the new one is inconclusive, when it ran with another seed, or when only one of the two ran.
 * 2. The verdicts: pass is better than fail. From inconclusive to fail is worse too (in doubt against the new one), from
 *    inconclusive to pass says nothing.
 * 3. As expected: both failed, the old one by the cause that the scenario demonstrates, the new one by another.
 * 4. Blocks lost, then blocks that never reached S3: any more is worse.
 * 5. Flushes that ran into their deadline, then the recovery: clearly more is worse. Two runs of one config differ a little.
 *
 * docs/decisions/061 says why.
 */
import type { RunResult, ScenarioResult } from '../scenario/run-result.ts';
import { configTime, count } from './figures.ts';
import { verdictWords } from './verdict-words.ts';

export type Outcome = 'better' | 'same' | 'worse' | 'inconclusive';

export interface ScenarioComparison {
  name: string;
  client: string;
  outcome: Outcome;
  /** What decided, in words; empty for `same`. */
  reason: string;
  old: ScenarioResult | null;
  new: ScenarioResult | null;
}

export interface Comparison {
  format: 1;
  /** `worse` if the new config is worse in any scenario; else `inconclusive` if any is; else `not worse`. */
  outcome: 'not worse' | 'worse' | 'inconclusive';
  exitCode: 0 | 1 | 2;
  old: { config: string; folder: string };
  new: { config: string; folder: string };
  tookMs: number;
  scenarios: ScenarioComparison[];
}

/** How much more than the old figure is no chance any more: a quarter of it. */
const CLEAR_SHARE = 0.25;
/**
 * What two runs of one config may differ in recovery, in the config's time: one flush more that fails puts its block off by Tempo's
 * next delay, 1 min. Runs of slowdown-sustained with one config and one seed recovered in 81 to 119 s.
 */
const RECOVERY_NOISE_MS = 60_000;

export function compareRuns(oldRun: RunResult, newRun: RunResult): Comparison {
  const keyOf = ({ name, client }: ScenarioResult) => JSON.stringify([name, client]);
  const olds = new Map(oldRun.scenarios.map((result) => [keyOf(result), result]));
  const news = new Map(newRun.scenarios.map((result) => [keyOf(result), result]));
  const scenarios = [...new Set([...olds.keys(), ...news.keys()])].map((key) =>
    compareScenario(olds.get(key) ?? null, news.get(key) ?? null),
  );
  const has = (outcome: Outcome) => scenarios.some((scenario) => scenario.outcome === outcome);
  const [outcome, exitCode] = has('worse')
    ? (['worse', 1] as const)
    : // Two runs without a scenario show nothing.
      has('inconclusive') || scenarios.length === 0
      ? (['inconclusive', 2] as const)
      : (['not worse', 0] as const);
  return {
    format: 1,
    outcome,
    exitCode,
    old: { config: oldRun.config, folder: oldRun.folder },
    new: { config: newRun.config, folder: newRun.folder },
    tookMs: oldRun.tookMs + newRun.tookMs,
    scenarios,
  };
}

function compareScenario(older: ScenarioResult | null, newer: ScenarioResult | null): ScenarioComparison {
  const { name, client } = (newer ?? older) as ScenarioResult;
  return { name, client, ...decide(older, newer), old: older, new: newer };
}

function decide(older: ScenarioResult | null, newer: ScenarioResult | null): { outcome: Outcome; reason: string } {
  if (!older || !newer) return { outcome: 'inconclusive', reason: `ran on the ${older ? 'old' : 'new'} config only` };
  if (older.seed !== newer.seed) {
    return {
      outcome: 'inconclusive',
      reason: `ran with seed ${older.seed} on the old config, ${newer.seed} on the new`,
    };
  }
  if (newer.verdict === 'inconclusive') return { outcome: 'inconclusive', reason: 'inconclusive on the new config' };
  if (older.verdict === 'inconclusive' && newer.verdict === 'pass') {
    return { outcome: 'inconclusive', reason: 'passes on the new config, inconclusive on the old' };
  }
  const verdicts = `${verdictWords(newer)}, was ${verdictWords(older)}`;
  if (older.verdict !== newer.verdict)
    return { outcome: newer.verdict === 'fail' ? 'worse' : 'better', reason: verdicts };
  if (older.asExpected !== newer.asExpected)
    return { outcome: older.asExpected ? 'worse' : 'better', reason: verdicts };
  return decideByFigures(older, newer);
}

function decideByFigures(older: ScenarioResult, newer: ScenarioResult): { outcome: Outcome; reason: string } {
  const notInS3 = ({ blocks }: ScenarioResult) => blocks.cut - blocks.flushed;
  const figures: {
    of: (result: ScenarioResult) => number;
    noise: number;
    share: number;
    words(value: number): string;
  }[] = [
    { of: ({ blocks }) => blocks.lost, noise: 0, share: 0, words: (value) => `${count(value, 'block')} lost` },
    { of: notInS3, noise: 0, share: 0, words: (value) => `${count(value, 'block')} not flushed` },
    {
      of: ({ deadlineExceeded }) => deadlineExceeded,
      // The first one is the symptom of grafana/tempo#4361; the sixth after five may be chance.
      noise: Math.min(older.deadlineExceeded, newer.deadlineExceeded) > 0 ? 1 : 0,
      share: CLEAR_SHARE,
      words: (value) => `${count(value, 'flush', 'es')} over the deadline`,
    },
    {
      of: ({ recovery }) => recovery.ms ?? Number.POSITIVE_INFINITY,
      noise: RECOVERY_NOISE_MS,
      share: CLEAR_SHARE,
      words: (value) => (value === Number.POSITIVE_INFINITY ? 'never recovered' : `recovery ${configTime(value)}`),
    },
  ];
  for (const { of, noise, share, words } of figures) {
    const [was, is] = [of(older), of(newer)];
    const clear = Math.max(noise, Math.min(was, is) * share);
    if (Math.abs(is - was) > clear) {
      return { outcome: is > was ? 'worse' : 'better', reason: `${words(is)}, was ${words(was)}` };
    }
  }
  return { outcome: 'same', reason: '' };
}
