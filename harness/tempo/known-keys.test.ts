import { describe, expect, it } from 'vitest';
import { tempoDefaults } from './defaults.ts';
import { readScalar } from './go-scalar.ts';
import { hasKey, isLegacyOverride, knownKeys, versionsWith } from './known-keys.ts';
import { isSecretKey } from './redact.ts';
import { tempoVersions } from './settings.ts';
import { settingsByPath } from './walk-settings.ts';

describe.each(tempoVersions)('knownKeys of %s', (version) => {
  const { blocks, own, legacyOverrides } = knownKeys(version);
  const named = (name: 'policy' | 'sdk' | 'deployment') =>
    Object.entries(own[name]).map(([key, setting]) => [`${name}.${key}`, setting] as const);
  const withDefaults = [...settingsByPath(blocks), ...named('policy'), ...named('deployment')];

  it.each(withDefaults)('%s: its default, as a config writes it, is read as the default', (_path, setting) => {
    const settings = tempoDefaults(version);
    const result = readScalar({ text: setting.fallback, quoted: false }, setting.kind, setting.fallback);
    if ('value' in result) setting.assign(settings, result.value);
    else expect(result).toEqual({ absent: true });
    expect(settings).toEqual(tempoDefaults(version));
  });

  it.each(named('sdk'))('%s: its example is one, and changes nothing else', (path, setting) => {
    const settings = tempoDefaults(version);
    const result = readScalar({ text: setting.fallback, quoted: false }, setting.kind, setting.fallback);
    if (!('value' in result)) throw new Error(`${setting.fallback} is no value`);
    setting.assign(settings, result.value);
    expect(settings).toEqual({ ...tempoDefaults(version), sdk: { [path.slice('sdk.'.length)]: result.value } });
  });

  it('says of every setting what it does', () => {
    for (const [path, { about }] of [...withDefaults, ...named('sdk')]) {
      expect(about, path).toMatch(/^[a-zA-Z0-9`].{8,}[^.]$/);
    }
  });

  it('lists no key twice, and has each inner block in its outer one', () => {
    for (const [path, block] of Object.entries(blocks)) {
      const keys = [...Object.keys(block.settings), ...block.legal];
      expect(new Set(keys).size, path).toBe(keys.length);
      if (path === '') continue;
      const dot = path.lastIndexOf('.');
      expect(blocks[dot < 0 ? '' : path.slice(0, dot)]?.legal).toContain(path.slice(dot + 1));
    }
  });

  it('reads no secret', () => {
    for (const [path] of settingsByPath(blocks)) expect(isSecretKey(path.split('.').at(-1) ?? ''), path).toBe(false);
  });

  it('has a setting for every policy of the contract', () => {
    expect(Object.keys(own.policy).sort()).toEqual(Object.keys(tempoDefaults().policy).sort());
  });

  it('knows the legacy form of overrides', () => {
    for (const key of [...Object.keys(legacyOverrides), 'block_retention', 'metrics_generator_ring_size']) {
      expect(isLegacyOverride(key), key).toBe(true);
    }
    for (const key of ['defaults', 'per_tenant_override_config', 'enable_legacy_overrides']) {
      expect(isLegacyOverride(key), key).toBe(false);
    }
  });
});

describe('versionsWith', () => {
  it.each([
    ['2.9', 'storage.trace.s3', 'retry_max_attempts', ['3.0']],
    ['3.0', 'storage.trace.s3', 'retry_max_attempts', []],
    ['3.0', '', 'ingester', ['2.7', '2.9']],
    ['3.0', '', 'compactor', ['2.7', '2.9']],
    ['2.7', 'ingester', 'trace_live_period', ['2.9']],
    ['2.7', 'ingester', 'trace_idle_period', []],
    ['2.9', 'ingester', 'trace_live_perio', []],
    ['2.9', 'no.such.block', 'x', []],
    ['3.0', 'overrides', 'metrics_generator_ring_size', []],
    ['2.9', '', 'constructor', []],
  ] as const)('of a key that %s refuses: %s.%s', (version, path, name, others) => {
    expect(versionsWith(version, path, name)).toEqual(others);
  });

  it('knows what a version has', () => {
    expect(hasKey('3.0', 'live_store', 'max_trace_idle')).toBe(true);
    expect(hasKey('3.0', 'live_store', 'block_config')).toBe(false);
    expect(hasKey('2.9', 'ingester', 'lifecycler')).toBe(true);
  });
});
