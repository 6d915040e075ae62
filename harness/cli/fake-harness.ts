/** A harness for the tests of the commands: it runs nothing, and remembers what it was asked. */

import { VirtualClock } from '../clock.ts';
import type { ExploreOptions } from '../explore/explore.ts';
import type { ExploreObserver, ExploreResult } from '../explore/explore-result.ts';
import { faults } from '../faults/catalogue.ts';
import type { Replay } from '../replay/replay.ts';
import { exampleExploration } from '../report/example-exploration.ts';
import { exampleResult, exampleRun } from '../report/example-run.ts';
import type { RunOptions } from '../scenario/run.ts';
import type { RunObserver, RunResult, ScenarioResult } from '../scenario/run-result.ts';
import { parseTempoConfig } from '../tempo/config.ts';
import { exampleFault, examplePath } from '../up/example-path.ts';
import { readInjectRequest } from '../up/inject-request.ts';
import type { UpConnection } from '../up/up-client.ts';
import { exampleExplained, exampleWhatIf } from '../what-if/example-explained.ts';
import type { HarnessParts } from './harness-parts.ts';
import { Interrupted, type Interruption } from './interruption.ts';
import { runProgram } from './program.ts';
import type { Terminal } from './terminal.ts';

type RunEach = (all: readonly RunOptions[], observer: RunObserver, signal: AbortSignal) => Promise<RunResult[]>;

/** A run of one scenario with each client asked for, all as `changed`. */
export function fakeRun(options: RunOptions, observer: RunObserver, changed: Partial<ScenarioResult> = {}): RunResult {
  observer.environmentUp('environment: native (cache)');
  const scenarios = options.clients.map((client) => {
    const result = exampleResult({ client, ...changed });
    observer.scenarioStarted(result);
    observer.scenarioFinished(result);
    return result;
  });
  const verdict = scenarios[0]?.verdict ?? 'pass';
  const exitCode = verdict === 'pass' ? 0 : verdict === 'fail' ? 1 : 2;
  return exampleRun(scenarios, { config: options.config ?? 'tempo-4361.yaml', verdict, exitCode });
}

/** An exploration that finds nothing. */
export function fakeExploration({ seed, runs, clients }: ExploreOptions, observer: ExploreObserver): ExploreResult {
  observer.environmentUp('environment: native (cache)');
  observer.progressed({ done: runs, of: runs, passed: runs, inconclusive: 0, failed: [], written: [] });
  return exampleExploration({ seed, runs, clients: [...clients] });
}

/** Of a run of one scenario, the same as what was written. */
export function fakeReplay(folder: string, changed: Partial<Replay> = {}): Replay {
  const { config: _config, set: _set, startedAt: _startedAt, ...run } = exampleRun([exampleResult()], { folder });
  return { ...run, compared: { file: `${folder}/verdict.json`, tool: run.tool }, differences: [], ...changed };
}

/** To a path on which everything asked for works, and one fault is in force. */
export function fakeConnection(changed: Partial<UpConnection> = {}): UpConnection {
  const healed = (id: string) => exampleFault({ id, state: 'healed', healedAt: '2026-01-01T00:02:00.000Z' });
  return {
    id: '00000a',
    path: async () => examplePath(),
    faults: async () => ({ inForce: [exampleFault()], healed: [] }),
    inject: async ({ fault, for: hold }) =>
      exampleFault({ id: `1-${fault}`, fault, ...(hold !== undefined && { healsAt: '2026-01-01T00:01:30.000Z' }) }),
    heal: async (id) => healed(id),
    healAll: async () => ({ healed: [healed('1-s3-error')] }),
    ...changed,
  };
}

/** Runs the command line on it; what was asked of `runEach` is in `asked`. */
export async function runFake(
  argv: string[],
  parts: Partial<HarnessParts> & { runEach?: RunEach } = {},
  environment: NodeJS.ProcessEnv = {},
) {
  const out: string[] = [];
  const err: string[] = [];
  const asked: RunOptions[][] = [];
  const terminal: Terminal = {
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text) },
    environment,
    clock: new VirtualClock(),
  };
  const interruption = { during: (work) => work(new AbortController().signal) } as Pick<
    Interruption,
    'during'
  > as Interruption;
  const harness: HarnessParts = {
    runEach: async (all, observer) => all.map((options) => fakeRun(options, observer)),
    explore: async (options, observer) => fakeExploration(options, observer),
    replay: async (folder) => fakeReplay(folder),
    explain: async () => exampleExplained(),
    whatIf: async () => exampleWhatIf(),
    shippedScenarios: async () => [],
    faults: async () => faults,
    bringUp: async (_, observer, signal) => {
      observer.up(examplePath(), { url: 'http://127.0.0.1:4713', token: 'token', file: '/state/up/00000a.json' });
      throw signal.reason ?? new Interrupted('SIGINT');
    },
    connectUp: async () => fakeConnection(),
    readInjectRequest: async (request) => readInjectRequest(request),
    readTempoConfig: async (file, options) =>
      parseTempoConfig('storage: {trace: {s3: {bucket: tempo}}}', file, { env: {}, ...options }),
    checkSettings: async () => [{ level: 'ok', setting: 'ingester.flush_op_timeout', message: 'it is enough' }],
    diagnoseAll: async () => [{ name: 'native', diagnosis: { works: true, detail: 'in the cache' } }],
    ...parts,
  };
  const runEach: RunEach = (all, observer, signal) => {
    asked.push([...all]);
    return harness.runEach(all, observer, signal);
  };
  const exitCode = await runProgram(argv, '1.2.3', { harness: { ...harness, runEach }, terminal, interruption });
  return { exitCode, stdout: out.join(''), stderr: err.join(''), asked };
}
