/** `--set key=value`: one setting of one run, over what the config says. */
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { type RawScalar, readScalar, shown } from './go-scalar.ts';
import { deploymentSettings, knownBlocks, lookUp, policySettings, type Setting } from './known-keys.ts';
import { nearestKey } from './nearest-key.ts';
import { isSecretKey } from './redact.ts';
import type { TempoSettings } from './settings.ts';
import { keysOf, looksLikeKey, settingsByPath } from './walk-settings.ts';

/** The contract's own names are accepted too. */
const deploymentNames: Record<string, string> = {
  coresPerIngester: 'cores',
  memoryPerIngester: 'memory',
  diskPerIngester: 'disk',
};

/**
 * Applies one option to `settings`. A key is the path of a key of Tempo's config, or `policy.<name>` or `deployment.<name>`, in
 * snake_case or camelCase. Returns a warning, when the option is valid and changes nothing.
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

  const [found, setting] = findSetting(key);
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
  if (isLegal(key)) return `${file}: it changes nothing that is modelled here`;
  problems.push({ file, ...unknown(key) });
  return undefined;
}

/** What to say of a key that is none. */
function unknown(key: string): { message: string; remedy: string } {
  const message = 'there is no such key';
  const [own, name = ''] = key.startsWith('policy.') || key.startsWith('deployment.') ? key.split('.', 2) : [];
  if (own) {
    const names = Object.keys(own === 'policy' ? policySettings : deploymentSettings);
    const nearest = nearestKey(camelCase(name), names);
    return {
      message,
      remedy: nearest ? `Did you mean ${own}.${nearest}?` : `Write ${own}. and one of ${names.join(', ')}.`,
    };
  }
  const block = lookUp(knownBlocks, key);
  if (block && key !== '') {
    return { message: 'this is a block of keys', remedy: `Set one of them, such as ${key}.${keysOf(block)[0]}.` };
  }
  const dot = key.lastIndexOf('.');
  const parent = lookUp(knownBlocks, key.slice(0, Math.max(0, dot)));
  const inBlock = dot > 0 && parent ? nearestKey(key.slice(dot + 1), keysOf(parent)) : undefined;
  const elsewhere = [...byPath.keys()].find((path) => path.endsWith(`.${key.slice(dot + 1)}`));
  const nearest = inBlock ? `${key.slice(0, dot)}.${inBlock}` : (elsewhere ?? nearestKey(key, byPath.keys()));
  return {
    message,
    remedy: nearest
      ? `Did you mean ${nearest}?`
      : 'Write the path of a key of the config (ingester.flush_op_timeout), policy.<name> or deployment.<name>.',
  };
}

/** Applies all of them, the last one of a key wins. @throws nothing: what is wrong is added to `problems`. */
export function applySetOptions(
  options: readonly string[],
  settings: TempoSettings,
  problems: ConfigProblem[],
): string[] {
  return options.map((option) => applySetOption(option, settings, problems)).filter((warning) => warning !== undefined);
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

const byPath = settingsByPath(knownBlocks);

function findSetting(key: string): [string, Setting | undefined] {
  const [, own, name = ''] = /^(policy|deployment)\.(.*)$/.exec(key) ?? [];
  if (!own) return [key, byPath.get(key)];
  const table = own === 'policy' ? policySettings : deploymentSettings;
  const plain = camelCase(name);
  const found = (own === 'deployment' && lookUp(deploymentNames, plain)) || plain;
  return [`${own}.${found}`, lookUp(table, found)];
}

function camelCase(name: string): string {
  return name.replace(/[_-]([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** A key of Tempo that is not read. */
function isLegal(key: string): boolean {
  const parts = key.split('.');
  for (let length = parts.length; length > 0; length--) {
    const block = lookUp(knownBlocks, parts.slice(0, length - 1).join('.'));
    if (!block) continue;
    const name = parts[length - 1] as string;
    const path = parts.slice(0, length).join('.');
    const listed =
      block.legal.includes(name) || (block.legalPrefix !== undefined && name.startsWith(block.legalPrefix));
    // A block that is read has no value itself, and below it only what it lists is legal; below any other one, all is.
    return listed && !lookUp(knownBlocks, path);
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
