/** One run of one build, in a process of its own: of the tool, and what it says, or of tests, and which of them fail. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { RunResult, ScenarioResult } from '../scenario/run-result.ts';
import { isOfTests, type Mutant, type MutantOfRun, type MutantOfTests } from './mutant.ts';
import { runTool } from './tool-process.ts';

/** The longest of the scenarios takes 40 s on a quiet machine, with the drain of one in which nothing is flushed. */
const PATIENCE_MS = 180_000;

const patience = `${PATIENCE_MS / 1000} s`;

/** The names of tests. */
export interface TestsResult {
  passed: string[];
  failed: string[];
}

/** `result`: the tool's own verdict; `reason`: there is neither a verdict nor a test. */
export type Trial = { result: ScenarioResult } | { tests: TestsResult } | { reason: string };

/** As a command line names it, in the package's folder. */
export function scenarioOf({ scenario }: Pick<MutantOfRun, 'scenario'>): string {
  return scenario.endsWith('.yaml') ? `harness/mutants/scenarios/${scenario}` : scenario;
}

/** Runs what the mutant names. @throws the signal's reason. */
export function tryOut(mutant: Mutant, folder: string, clock: Clock, signal: AbortSignal): Promise<Trial> {
  return isOfTests(mutant) ? runTests(mutant, folder, clock, signal) : runScenario(mutant, folder, clock, signal);
}

async function runScenario(
  mutant: Pick<MutantOfRun, 'scenario' | 'client' | 'set'>,
  folder: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<Trial> {
  const { client, set = [] } = mutant;
  const args = ['bin/tempo-s3-chaos.js', 'run', scenarioOf(mutant), '--client', client, '--json', '--out', 'results'];
  // A mutant of the harness is caught by a run that proves nothing.
  args.push('--again', '0');
  for (const one of set) args.push('--set', one);
  const ended = await runTool(args, { folder, patienceMs: PATIENCE_MS, clock, signal });
  if (ended.hung) return { reason: `no verdict within ${patience}` };
  const result = resultOf(ended.stdout);
  return result ? { result } : { reason: `no verdict (exit code ${ended.code}): ${lastOf(ended.stderr)}` };
}

/** Vitest's own document, of which only this is read. */
interface TestDocument {
  testResults: { message: string; assertionResults: { fullName: string; status: string }[] }[];
}

async function runTests(
  { tests }: Pick<MutantOfTests, 'tests'>,
  folder: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<Trial> {
  const file = join('results', 'tests.json');
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', tests];
  args.push('--reporter', 'json', '--outputFile', file, '--cache=false');
  const ended = await runTool(args, { folder, patienceMs: PATIENCE_MS, clock, signal });
  if (ended.hung) return { reason: `the tests did not end within ${patience}` };
  const document = await readFile(join(folder, file), 'utf8').catch(() => undefined);
  if (document === undefined) return { reason: `no test ran (exit code ${ended.code}): ${lastOf(ended.stderr)}` };
  return testsOf(JSON.parse(document) as TestDocument);
}

/** A file that cannot be loaded has no tests, which is no test that fails. */
export function testsOf({ testResults }: TestDocument): Trial {
  const all = testResults.flatMap(({ assertionResults }) => assertionResults);
  const named = (wanted: string) => all.filter(({ status }) => status === wanted).map(({ fullName }) => fullName);
  const tests = { passed: named('passed'), failed: named('failed') };
  if (tests.passed.length + tests.failed.length > 0) return { tests };
  return { reason: `no test ran: ${testResults.map(({ message }) => message).join(' ') || 'there is no such file'}` };
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
