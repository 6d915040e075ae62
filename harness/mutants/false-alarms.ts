/**
 * Runs in which there is nothing to catch: healthy ones, and outages that the writer survives. Whatever objects to one of them cries wolf.
 *
 * 1. Each round has settings of its own, and a seed: another one for each round, so another choice of requests that a fault hits.
 * 2. In each round every scenario runs through both clients, side by side, in one environment.
 * 3. What is inconclusive since the harness was late is counted for itself: it is no verdict about the writer, and no alarm.
 */
import type { ClientName } from '../object-store/clients.ts';
import { clientNames } from '../object-store/clients.ts';
import type { RunOptions } from '../scenario/run.ts';
import type { RunResult, ScenarioResult } from '../scenario/run-result.ts';
import { isLate, sayResult } from './outcome.ts';

/** All expect to pass; none takes longer than half a minute on a quiet machine. */
export const survivable: readonly string[] = [
  'healthy',
  'tls',
  'virtual-host',
  'queue-depth',
  'max-traces',
  'max-block-duration',
  'rate-limit',
  'regional-latency',
  'jitter',
  'slowdown-burst',
  'slowdown-sustained',
  'multipart-slowdown',
  'one-connection',
  'dns-down',
  'dns-silent',
  'kubernetes-dns',
  'lost-answer',
  's3-error-2',
  'complete-200-error',
  'writer-crash',
  'compactor-healthy',
];

/** Each a deployment in which the scenarios are to be survived as well: Tempo 3, other parts, other queues, another resolver. */
export const rounds: readonly Pick<RunOptions, 'set' | 'tempoVersion'>[] = [
  { set: [] },
  { set: ['ingester.concurrent_flushes=8', 'storage.trace.s3.part_size=5767168'] },
  { set: ['policy.keepAlive=false'] },
  { set: ['storage.trace.s3.prefix=traces/prod', 'ingester.max_block_duration=5m'] },
  { set: ['deployment.ingesters=3', 'ingester.flush_check_period=5s'] },
];

export interface Tally {
  scenario: string;
  client: string;
  runs: number;
  asExpected: number;
  /** As the harness was late. */
  late: number;
  alarms: string[];
}

/** What to run, in the order in which it is run. `first`: the first seed. */
export function falseAlarmRuns(
  first: number,
  common: Pick<RunOptions, 'environment' | 'out' | 'atOnce'>,
): RunOptions[] {
  return rounds.map((round, index) => ({
    ...common,
    ...round,
    scenarios: survivable,
    clients: clientNames as readonly ClientName[],
    seed: first + index,
  }));
}

/** By scenario and client, in the order in which they come first. */
export function tally(runs: readonly Pick<RunResult, 'scenarios' | 'set'>[]): Tally[] {
  const tallies = new Map<string, Tally>();
  for (const { scenarios, set } of runs) {
    for (const result of scenarios) {
      const { name: scenario, client } = result;
      const key = `${scenario} ${client}`;
      const one = tallies.get(key) ?? { scenario, client, runs: 0, asExpected: 0, late: 0, alarms: [] };
      tallies.set(key, one);
      one.runs++;
      if (result.asExpected) one.asExpected++;
      else if (isLate(result)) one.late++;
      else one.alarms.push(sayAlarm(result, set));
    }
  }
  return [...tallies.values()];
}

function sayAlarm(result: ScenarioResult, set: readonly string[]): string {
  const how = [`seed ${result.seed}`, ...set].join(', ');
  return `${result.name} (${result.client}; ${how}): ${sayResult(result)}`;
}
