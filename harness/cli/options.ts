/** The options that `run` and `compare` share, read and refused in one way. */
import { type Command, Option } from 'commander';
import { type ClientName, clientNames } from '../object-store/clients.ts';
import type { RunOptions } from '../scenario/run.ts';
import { USUAL_VERSION } from '../tempo/defaults.ts';
import { nearestKey } from '../tempo/nearest-key.ts';
import { type PolicyName, policyNames, type TempoVersion, tempoVersions } from '../tempo/settings.ts';
import { suggestion } from '../up/suggestion.ts';
import { UsageError } from './usage-error.ts';

type Environment = RunOptions['environment'];

const clients = [...clientNames, 'both'] as const;
const environments = ['auto', 'native', 'docker'] as const;

/** A machine that is too busy six times is too busy for the scenario. */
const MOST_AGAIN = 5;
const USUAL_AGAIN = 1;

/** How a config is read. */
export interface ConfigOptions {
  tempoVersion?: TempoVersion;
  policy?: PolicyName;
  set: string[];
}

/** What commander makes of the options. */
export interface CommonOptions extends ConfigOptions {
  client: ClientName[];
  seed?: number;
  environment: Environment;
  out: string;
  atOnce?: number;
  json?: true;
}

/** Adds the options that say how a config is read, each with its help. */
export function addConfigOptions(command: Command): Command {
  return command
    .addOption(
      versionOption('--tempo-version', `the version of Tempo that the config is for: ${tempoVersions.join(', ')}`),
    )
    .addOption(
      new Option(
        '--policy <name>',
        "whose retries, timeouts and connections: tempo, as minio-go has them in Tempo, or sdk, the Node SDK's own (default: tempo)",
      ).argParser((value: string) => oneOf('policy', '--policy', value, policyNames)),
    )
    .addOption(
      new Option(
        '--set <key=value>',
        'override a setting: ingester.flush_op_timeout=1m, policy.attempts=1, sdk.maxAttempts=5, ...; may be repeated',
      )
        .argParser((value: string, before: string[]) => [...before, value])
        .default([], 'none'),
    );
}

export function versionOption(name: string, about: string, unlessGiven: string = USUAL_VERSION): Option {
  return new Option(`${name} <version>`, `${about} (default: ${unlessGiven})`).argParser((value: string) =>
    oneOf('version of Tempo', name, value === '3' ? '3.0' : value, tempoVersions),
  );
}

/** The overrides, the policy among them. */
export function overrides({ policy, set }: ConfigOptions): string[] {
  return [...(policy ? [`client.policy=${policy}`] : []), ...set];
}

/** Adds them to a command, each with its help; `help`: which client is taken when none is named, and what the seed is for. */
export function addCommonOptions(
  command: Command,
  help = { client: 'both', seed: "instead of each scenario's own" },
): Command {
  command.addOption(
    new Option('--client <name>', 'aws-sdk, minio or both; may be repeated')
      .argParser(readClient)
      .default([], help.client),
  );
  return addConfigOptions(command)
    .addOption(new Option('--seed <n>', help.seed).argParser(integerFrom(0, '--seed')))
    .addOption(environmentOption())
    .addOption(outOption('the folder that the folder of the results is made in'))
    .addOption(
      new Option('--at-once <n>', 'scenarios run side by side, at most').argParser(integerFrom(1, '--at-once')),
    )
    .option('--json', 'print one JSON document');
}

/** For `run` of harness/scenario/run.ts. */
export function toRunOptions(scenarios: string[], config: string | undefined, options: CommonOptions): RunOptions {
  const { client, tempoVersion, seed, environment, out, atOnce } = options;
  return {
    scenarios,
    clients: client.length > 0 ? client : clientNames,
    ...(config !== undefined && { config }),
    ...(tempoVersion !== undefined && { tempoVersion }),
    set: overrides(options),
    environment,
    ...(seed !== undefined && { seed }),
    out,
    ...(atOnce !== undefined && { atOnce }),
  };
}

/** Of the commands that run scenarios to a verdict. */
export function againOption(): Option {
  return new Option('--again <n>', 'run what is inconclusive again, alone, at most so many times more: 0 to 5')
    .argParser(integerFrom(0, '--again', MOST_AGAIN))
    .default(USUAL_AGAIN);
}

export function outOption(help: string): Option {
  return new Option('--out <dir>', help).argParser(readFolder).default('chaos-results');
}

function readFolder(value: string): string {
  if (value !== '') return value;
  throw new UsageError(
    '--out "" names no folder',
    'name one, or leave --out away: the results go to chaos-results then',
  );
}

function readClient(value: string, before: ClientName[]): ClientName[] {
  const client = oneOf('client', '--client', value, clients);
  return [...new Set([...before, ...(client === 'both' ? clientNames : [client])])];
}

/** @throws UsageError when none is of that name. */
export function named<Thing extends { name: string }>(what: string, name: string, all: readonly Thing[]): Thing {
  const valid = all.map((one) => one.name);
  const found = all.find((one) => one.name === name);
  if (found) return found;
  throw new UsageError(`there is no ${what} "${name}"`, suggestion(name, valid));
}

/** Where MinIO and Toxiproxy run. */
export function environmentOption(where = 'where'): Option {
  return new Option('--environment <name>', `${where} MinIO and Toxiproxy run: auto, native or docker`)
    .argParser((value: string) => oneOf('environment', '--environment', value, environments))
    .default('auto');
}

/** @throws UsageError naming the value, the nearest that is valid, and all that are. */
export function oneOf<Name extends string>(what: string, option: string, value: string, valid: readonly Name[]): Name {
  if (valid.includes(value as Name)) return value as Name;
  const meant = nearestKey(value, valid);
  throw new UsageError(
    `there is no ${what} "${value}"`,
    `${meant ? `did you mean ${option} ${meant}? ` : ''}there are ${valid.join(', ')}`,
  );
}

export function integerFrom(least: number, option: string, most: number = Number.MAX_SAFE_INTEGER) {
  return (value: string): number => {
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= least && number <= most) return number;
    throw new UsageError(
      `${option} "${value}" is no whole number from ${least} to ${most}`,
      `write one such as ${option} ${Math.min(least === 0 ? 42 : 4, most)}`,
    );
  };
}
