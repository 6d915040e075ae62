/** A run: scenarios, through clients, on one config. What the command line's `run` does, and what `compare` does twice. */
import { basename, join, relative } from 'node:path';
import { counted } from '../checkers/counted.ts';
import { type Clock, realClock } from '../clock.ts';
import { environmentKinds } from '../environment/auto.ts';
import { type ClientName, clientNames } from '../object-store/clients.ts';
import { shellQuoted } from '../process/shell-quoted.ts';
import { type ReadOptions, readTempoConfig, type TempoConfig } from '../tempo/config.ts';
import { ConfigError } from '../tempo/config-error.ts';
import { optionsFor } from '../tempo/set-option.ts';
import type { TempoSettings, TempoVersion } from '../tempo/settings.ts';
import { exitCode, verdictOfExit } from '../verdict/expectation.ts';
import { checkEnvironment } from './check-environment.ts';
import { checkPolicy } from './check-policy.ts';
import { checkTimeline } from './check-timeline.ts';
import { afterTries, tryNumberOf } from './earlier-try.ts';
import { Harness } from './harness.ts';
import { newResultsFolder, removeIfEmpty, writeResult } from './results-folder.ts';
import type { RunObserver, RunResult } from './run-result.ts';
import { ScenarioError } from './scenario-error.ts';
import { findScenarios, type NamedScenario, usualConfig } from './shipped.ts';
import { silentObserver } from './silent-observer.ts';
import { tool } from './tool.ts';
import { runToLastTries } from './tries.ts';
import { tryFolder } from './try-folder.ts';

/** Two cores carry this many scenarios side by side before the harness itself becomes late. */
export const USUAL_AT_ONCE = 8;

export interface RunOptions {
  /** Shipped names, or paths of YAML files; none: all that ship. */
  scenarios: readonly string[];
  clients: readonly ClientName[];
  /** A path; absent: the deployment of grafana/tempo#4361. */
  config?: string;
  /** Of Tempo, that the config is for: 2.9 unless given. */
  tempoVersion?: TempoVersion;
  /** `key=value`, over config and scenario. */
  set: readonly string[];
  environment: 'auto' | 'native' | 'docker';
  /** Instead of each scenario's own. */
  seed?: number;
  /** The folder that the run's own folder is made in. */
  out: string;
  atOnce?: number;
  /** How many more times each scenario that proves nothing is run, alone: 0, not at all, unless given (`run` of the command line gives 1). */
  again?: number;
}

const usualOptions: RunOptions = {
  scenarios: [],
  clients: clientNames,
  set: [],
  environment: 'auto',
  out: 'chaos-results',
};

/** One scenario, through one client, with the settings that it runs with. */
export interface Prepared extends NamedScenario {
  client: ClientName;
  settings: TempoSettings;
}

export interface PreparedRun {
  /** The file of the config, and its text without secrets. */
  config: string;
  redacted: string;
  /** What is valid in it, but not what it seems. */
  warnings: string[];
  runs: Prepared[];
}

/** Reads everything that a run needs, before anything is started. @throws ScenarioError, ConfigError */
export async function prepare(
  options: Pick<RunOptions, 'scenarios' | 'clients' | 'config' | 'tempoVersion' | 'set' | 'seed'>,
): Promise<PreparedRun> {
  const config = options.config ?? usualConfig;
  const named = await findScenarios(options.scenarios, options.seed);
  const base = await readTempoConfig(config, readOptions(options));
  const runs: Prepared[] = [];
  for (const one of named) {
    const { scenario } = one;
    const settings =
      Object.keys(scenario.set).length > 0 ? await withOwnSettings(one, config, options, base) : base.settings;
    checkPolicy(one.given, scenario, settings);
    checkTimeline(one.given, scenario, settings);
    for (const client of options.clients) runs.push({ ...one, client, settings });
  }
  return { config, redacted: base.raw, warnings: base.warnings, runs };
}

type SettingOptions = Pick<RunOptions, 'config' | 'tempoVersion' | 'set'>;

/** The usual config is for Tempo 2.9: for another version it is migrated. One that was given is read as it is. */
export function readOptions({ config, tempoVersion, set }: SettingOptions, own: readonly string[] = []): ReadOptions {
  if (!tempoVersion) return { set: [...own, ...set] };
  if (config === undefined) return { set: [`tempo.version=${tempoVersion}`, ...own, ...set] };
  return { version: tempoVersion, set: [...own, ...set] };
}

/** The settings with those of the scenario's `set`, and the run's own over them. @throws ScenarioError: the config is known to be good. */
async function withOwnSettings(
  { given, scenario }: NamedScenario,
  config: string,
  options: SettingOptions,
  base: TempoConfig,
) {
  const own = Object.entries(scenario.set).map(([key, value]) => `${key}=${value}`);
  try {
    const version = (await readTempoConfig(config, readOptions({ ...options, set: [] }, own))).settings.version;
    const set = version === base.settings.version ? options.set : optionsFor(version, options.set);
    return (await readTempoConfig(config, readOptions({ ...options, set }, own))).settings;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ScenarioError(
      error.problems.map(({ file, message, remedy }) => ({
        where: `${given}: ${file.replace(/^--set /, 'set: ')}`,
        message,
        remedy,
      })),
    );
  }
}

/**
 * Runs the scenarios side by side and gives the result, which is in its folder then (verdict.json) as well. What is not given is as the
 * command line has it: every scenario that ships, both clients, the deployment of grafana/tempo#4361, results in chaos-results.
 * @throws ScenarioError, ConfigError, EnvironmentError, ResultsError: nothing was run. Also the signal's reason.
 */
export async function run(
  options: Partial<RunOptions> = {},
  observer: RunObserver = silentObserver,
  signal: AbortSignal = new AbortController().signal,
): Promise<RunResult> {
  const [result] = await runEach([{ ...usualOptions, ...options }], observer, signal);
  return result as RunResult;
}

/** Several runs, one after another, on one environment: that of the first. */
export async function runEach(
  all: readonly RunOptions[],
  observer: RunObserver,
  signal: AbortSignal,
): Promise<RunResult[]> {
  const clock = realClock;
  const prepared = await Promise.all(all.map(prepare));
  const atOnce = all[0]?.atOnce ?? USUAL_AT_ONCE;
  const folders: string[] = [];
  try {
    for (const { out } of all) folders.push(await newResultsFolder(out, clock));
    await using harness = await Harness.start(all[0]?.environment ?? 'auto', {
      progress: (line) => observer.preparing(line),
      clock,
      subjects: Math.min(atOnce, prepared[0]?.runs.length ?? 1),
      signal,
    });
    const kind = environmentKinds.find(({ name }) => name === harness.environment.name);
    if (kind)
      await checkEnvironment(
        kind,
        prepared.flatMap(({ runs }) => runs.map(({ scenario }) => scenario)),
      );
    observer.environmentUp(`environment: ${harness.environment.name} (${harness.environment.origin})`);
    for (const warning of new Set(prepared.flatMap(({ warnings }) => warnings))) observer.warning(warning);
    const results: RunResult[] = [];
    for (const [index, options] of all.entries()) {
      results.push(
        await runPrepared(
          harness,
          options,
          prepared[index] as PreparedRun,
          folders[index] as string,
          atOnce,
          clock,
          observer,
          signal,
        ),
      );
    }
    return results;
  } finally {
    await Promise.all(folders.map(removeIfEmpty));
  }
}

/** Runs what was prepared on an environment that is up, and writes the result into `folder`, which is there. */
export async function runPrepared(
  harness: Pick<Harness, 'run' | 'died'> & { environment: Pick<Harness['environment'], 'name'> },
  options: RunOptions,
  { config, redacted, runs }: PreparedRun,
  folder: string,
  atOnce: number,
  clock: Clock,
  observer: RunObserver,
  signal: AbortSignal,
): Promise<RunResult> {
  const startedAt = clock.date().toISOString();
  const began = clock.now();
  await writeResult(join(folder, basename(config)), redacted);
  let death: string | undefined;
  void harness.died.then((how) => {
    death = how;
  });
  const { again = 0 } = options;
  const scenarios = await runToLastTries({
    runs,
    order: startingOrder(runs),
    atOnce,
    again,
    signal,
    isInVain: () => death !== undefined,
    async run(one, earlier, signal) {
      const { scenario, client, settings } = one;
      const tryNumber = earlier.length + 1;
      const about = { name: scenario.name, client, ...(tryNumber > 1 && { tryNumber }) };
      observer.scenarioStarted(about);
      const judged = await harness.run({
        scenario,
        client,
        settings,
        results: folder,
        folder: tryFolder(`${scenario.name}-${client}`, tryNumber),
        command: commandFor(one, options),
        doing: (what) => observer.scenarioProgress(about, what),
        signal,
      });
      const result = afterTries(judged, earlier);
      observer.scenarioFinished(result);
      return result;
    },
  });
  const left = scenarios.filter((result) => result.verdict === 'inconclusive' && tryNumberOf(result) <= again);
  if (left.length > 0) observer.warning(`${counted(left.length, 'scenario')} not run again, since ${death}`);

  const code = exitCode(scenarios);
  const result: RunResult = {
    format: 1,
    tool,
    verdict: verdictOfExit(code),
    exitCode: code,
    environment: harness.environment.name,
    config: shown(config),
    set: [...options.set],
    startedAt,
    tookMs: clock.now() - began,
    folder: shown(folder),
    scenarios,
  };
  await writeResult(join(folder, 'verdict.json'), `${JSON.stringify(result, null, 2)}\n`);
  return result;
}

/** The places of the runs: the quick ones without faults first, so that a verdict is soon seen; then the long before the short. */
function startingOrder(runs: readonly Prepared[]): number[] {
  const lasts = ({ scenario }: Prepared) =>
    Math.max(0, ...scenario.timeline.map((entry) => entry.at + entry.for)) / scenario.compression.time;
  const first = (run: Prepared) => Number(run.scenario.timeline.length === 0);
  return [...runs.keys()].sort((a, b) => {
    const [one, other] = [runs[a] as Prepared, runs[b] as Prepared];
    return first(other) - first(one) || lasts(other) - lasts(one) || a - b;
  });
}

/** A path as a person here would write it. */
export function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

/** The command line that runs one of them alone. */
export function commandFor(
  { given, client, scenario }: Pick<Prepared, 'given' | 'client'> & { scenario: { seed: number } },
  { config, tempoVersion, set }: SettingOptions,
): string {
  const words = ['npx tempo-s3-chaos run', shellQuoted(given), '--client', client, '--seed', String(scenario.seed)];
  if (config) words.push('--config', shellQuoted(config));
  if (tempoVersion) words.push('--tempo-version', tempoVersion);
  for (const one of set) words.push('--set', shellQuoted(one));
  return words.join(' ');
}
