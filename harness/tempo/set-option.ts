/** `--set key=value`: one setting of one run, over what the config says. */
import { atVersion } from './at-version.ts';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { type RawScalar, readScalar, shown } from './go-scalar.ts';
import { hasKey, type KnownKeys, knownKeys, lookUp } from './known-keys.ts';
import { nearestKey } from './nearest-key.ts';
import { keyOfAnotherVersion } from './other-version.ts';
import { policyKind, versionKind } from './own-settings.ts';
import { isSecretKey } from './redact.ts';
import type { Setting } from './setting.ts';
import type { PolicyName, TempoSettings, TempoVersion } from './settings.ts';
import { keysOf, looksLikeKey, settingsByPath } from './walk-settings.ts';

/** The contract's own names are accepted too. */
const deploymentNames: Record<string, string> = {
  coresPerIngester: 'cores',
  memoryPerIngester: 'memory',
  diskPerIngester: 'disk',
  replicationFactor: 'replication_factor',
};

/** What is no setting of a version, but says which one is meant, and whose client. */
export const choices: Record<string, Setting> = {
  'tempo.version': {
    kind: versionKind,
    fallback: '3.0',
    about:
      'the same deployment, its config migrated to that version; `--tempo-version` says which one the file itself is for',
    assign: (settings, value) => Object.assign(settings, atVersion(settings, value as TempoVersion)),
  },
  'client.policy': {
    kind: policyKind,
    fallback: 'sdk',
    about: "whose retries, timeouts and pool: Tempo's, or those of the SDK itself, as `--policy` says",
    assign(settings, value) {
      settings.client = value as PolicyName;
    },
  },
};

/**
 * Applies one option to `settings`. A key is the path of a key of Tempo's config as the settings' version has it, or
 * `policy.<name>`, `sdk.<name>` or `deployment.<name>` in snake_case or camelCase, or `tempo.version` or `client.policy`. Returns a
 * warning, when the option is valid and changes nothing.
 */
export function applySetOption(option: string, settings: TempoSettings, problems: ConfigProblem[]): string | undefined {
  const equals = option.indexOf('=');
  const key = (equals < 0 ? option : option.slice(0, equals)).trim();
  const raw: RawScalar = { text: equals < 0 ? '' : option.slice(equals + 1).trim(), quoted: false };
  const file = `--set ${showOption(key, raw, equals >= 0)}`;
  if (equals < 0) {
    problems.push({ file, message: 'it has no "="', remedy: 'Write --set ingester.flush_op_timeout=1m.' });
    return undefined;
  }

  if (key === 'tempo.version' && raw.text === '3') raw.text = '3.0'; // What YAML makes of 3.0
  const keys = knownKeys(settings.version);
  const [found, setting] = findSetting(key, keys);
  if (setting) {
    const result = readScalar(raw, setting.kind, setting.fallback);
    if ('value' in result) setting.assign(settings, result.value);
    else {
      problems.push({
        file,
        key: found,
        ...('message' in result
          ? result
          : { message: 'it has no value', remedy: `Write one such as ${setting.fallback}.` }),
      });
    }
    return undefined;
  }
  if (isLegal(key, settings.version)) return `${file}: it changes nothing that is modelled here`;
  const dot = key.lastIndexOf('.');
  const other = ofAnotherVersion(settings.version, key);
  problems.push({ file, ...(other ? { message: other.message, remedy: other.remedy } : unknown(key, dot, keys)) });
  return undefined;
}

/** The first block or key on the way to it that this version has not, and another has. */
function ofAnotherVersion(version: TempoVersion, key: string): ReturnType<typeof keyOfAnotherVersion> {
  const parts = key.split('.');
  for (let length = 1; length <= parts.length; length++) {
    const path = parts.slice(0, length - 1).join('.');
    const problem = keyOfAnotherVersion(version, path, parts[length - 1] as string, 'Set tempo.version to');
    if (problem) return problem;
  }
  return undefined;
}

/** What to say of a key that is none. */
function unknown(key: string, dot: number, keys: KnownKeys): { message: string; remedy: string } {
  const message = 'there is no such key';
  const [, own, name = ''] = OWN.exec(key) ?? [];
  if (own) {
    const names = Object.keys(keys.own[own as keyof KnownKeys['own']]);
    const nearest = nearestKey(own === 'deployment' ? name : camelCase(name), names);
    return {
      message,
      remedy: nearest ? `Did you mean ${own}.${nearest}?` : `Write ${own}. and one of ${names.join(', ')}.`,
    };
  }
  const block = lookUp(keys.blocks, key);
  if (block && key !== '') {
    return { message: 'this is a block of keys', remedy: `Set one of them, such as ${key}.${keysOf(block)[0]}.` };
  }
  const byPath = settingsByPath(keys.blocks);
  const parent = lookUp(keys.blocks, key.slice(0, Math.max(0, dot)));
  const inBlock = dot > 0 && parent ? nearestKey(key.slice(dot + 1), keysOf(parent)) : undefined;
  const elsewhere = [...byPath.keys()].find((path) => path.endsWith(`.${key.slice(dot + 1)}`));
  const nearest = inBlock
    ? `${key.slice(0, dot)}.${inBlock}`
    : (elsewhere ?? nearestKey(key, [...byPath.keys(), ...Object.keys(choices)]));
  return {
    message,
    remedy: nearest
      ? `Did you mean ${nearest}?`
      : `Write the path of a key of the config (storage.trace.s3.part_size), policy.<name>, sdk.<name>, deployment.<name>, ${Object.keys(choices).join(' or ')}.`,
  };
}

/**
 * Applies all of them, the last one of a key wins; `tempo.version` goes first, as it decides which keys there are. Returns
 * warnings. @throws nothing: what is wrong is added to `problems`.
 */
export function applySetOptions(
  options: readonly string[],
  settings: TempoSettings,
  problems: ConfigProblem[],
): string[] {
  const isVersion = (option: string) => /^\s*tempo\.version\s*=/.test(option);
  const ordered = [...options.filter(isVersion), ...options.filter((option) => !isVersion(option))];
  const warnings = ordered
    .map((option) => applySetOption(option, settings, problems))
    .filter((warning) => warning !== undefined);
  return [...warnings, ...ofTheOtherPolicy(options, settings)];
}

/** Options for a policy that is not the one that the run has. */
function ofTheOtherPolicy(options: readonly string[], { client }: TempoSettings): string[] {
  const keys = options.map((option) => option.slice(0, option.indexOf('=')).trim());
  const idle =
    client === 'sdk' ? /^(policy\.(attempts|backoff_?unit|backoff_?cap)|storage\.trace\.s3\.retry_\w+)$/i : /^sdk\./;
  return [...new Set(keys)]
    .filter((key) => idle.test(key) && key.split('.').every(looksLikeKey))
    .map((key) =>
      client === 'sdk'
        ? `--set ${key}: it changes nothing with the policy sdk, whose retries are the SDK's own (sdk.maxAttempts)`
        : `--set ${key}: it changes nothing without --policy sdk`,
    );
}

/**
 * The options without those for what another version's writer has alone: what a run sets of `ingester` says nothing to a scenario that
 * is about Tempo 3.
 */
export function optionsFor(version: TempoVersion, options: readonly string[]): string[] {
  return options.filter((option) => !ofAnotherVersion(version, option.slice(0, option.indexOf('=')).trim()));
}

/**
 * A copy of `settings` with the options applied, for settings that come from no file.
 * @throws ConfigError with all that is wrong with them.
 */
export function withSetOptions(settings: TempoSettings, options: readonly string[]): TempoSettings {
  const copy = structuredClone(settings);
  const problems: ConfigProblem[] = [];
  applySetOptions(options, copy, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return copy;
}

const OWN = /^(policy|sdk|deployment)\.(.*)$/;

function findSetting(key: string, keys: KnownKeys): [string, Setting | undefined] {
  const choice = lookUp(choices, key);
  if (choice) return [key, choice];
  const [, own, name = ''] = OWN.exec(key) ?? [];
  if (!own) return [key, settingsByPath(keys.blocks).get(key)];
  const plain = camelCase(name);
  const found = (own === 'deployment' && lookUp(deploymentNames, plain)) || plain;
  return [`${own}.${found}`, lookUp(keys.own[own as keyof KnownKeys['own']], found)];
}

function camelCase(name: string): string {
  return name.replace(/[_-]([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** A key of Tempo that is not read. */
function isLegal(key: string, version: TempoVersion): boolean {
  const { blocks } = knownKeys(version);
  const parts = key.split('.');
  for (let length = parts.length; length > 0; length--) {
    const parent = parts.slice(0, length - 1).join('.');
    const name = parts[length - 1] as string;
    const block = lookUp(blocks, parent);
    if (!block) continue;
    // A block that is read has no value itself, and below it only what it lists is legal; below any other one, all is.
    const read = lookUp(block.settings, name) ?? lookUp(blocks, parts.slice(0, length).join('.'));
    return !read && hasKey(version, parent, name);
  }
  return false;
}

/** The option as it may be shown: no value of a secret, and nothing that only looks like an option. */
function showOption(key: string, raw: RawScalar, hasValue: boolean): string {
  const parts = key.split('.');
  if (!parts.every(looksLikeKey)) return '(an option that starts with no key)';
  if (!hasValue) return key;
  const value = parts.some(isSecretKey) ? '...' : shown(raw);
  return `${key}=${value.startsWith('"') ? value.slice(1, -1) : '...'}`;
}
