/** One run of one build: the tool in a process of its own, and what it says. */
import type { Clock } from '../clock.ts';
import type { RunResult, ScenarioResult } from '../scenario/run-result.ts';
import type { Mutant } from './mutant.ts';
import { runTool } from './tool-process.ts';

/** The longest of the scenarios takes 40 s on a quiet machine, with the drain of one in which nothing is flushed. */
const PATIENCE_MS = 180_000;

/** The tool's own verdict; `reason`: there is none. */
export type Trial = { result: ScenarioResult } | { reason: string };

/** As a command line names it, in the package's folder. */
export function scenarioOf({ scenario }: Pick<Mutant, 'scenario'>): string {
  return scenario.endsWith('.yaml') ? `harness/mutants/scenarios/${scenario}` : scenario;
}

/** Runs what the mutant names. @throws the signal's reason. */
export async function tryOut(
  mutant: Pick<Mutant, 'scenario' | 'client' | 'set'>,
  folder: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<Trial> {
  const { client, set = [] } = mutant;
  const args = ['bin/tempo-s3-chaos.js', 'run', scenarioOf(mutant), '--client', client, '--json', '--out', 'results'];
  for (const one of set) args.push('--set', one);
  const ended = await runTool(args, { folder, patienceMs: PATIENCE_MS, clock, signal });
  if (ended.hung) return { reason: `no verdict within ${PATIENCE_MS / 1000} s` };
  const result = resultOf(ended.stdout);
  return result ? { result } : { reason: `no verdict (exit code ${ended.code}): ${lastOf(ended.stderr)}` };
}

function resultOf(stdout: string): ScenarioResult | undefined {
  try {
    return (JSON.parse(stdout) as RunResult).scenarios[0];
  } catch {
    return undefined;
  }
}

function lastOf(stderr: string): string {
  return stderr.trim().split('\n').slice(-2).join(' ');
}
