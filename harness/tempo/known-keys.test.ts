import { describe, expect, it } from 'vitest';
import { tempoDefaults } from './defaults.ts';
import { readScalar } from './go-scalar.ts';
import { deploymentSettings, isLegacyOverride, knownBlocks, legacyOverrides, policySettings } from './known-keys.ts';
import { isSecretKey } from './redact.ts';
import { settingsByPath } from './walk-settings.ts';

const all = [
  ...settingsByPath(knownBlocks),
  ...Object.entries(policySettings).map(([name, setting]) => [`policy.${name}`, setting] as const),
  ...Object.entries(deploymentSettings).map(([name, setting]) => [`deployment.${name}`, setting] as const),
];

describe('knownBlocks', () => {
  it.each(all)('%s: its default, as a config writes it, is read as the default', (_path, setting) => {
    const settings = tempoDefaults();
    const result = readScalar({ text: setting.fallback, quoted: false }, setting.kind, setting.fallback);
    if ('value' in result) setting.assign(settings, result.value);
    else expect(result).toEqual({ absent: true });
    expect(settings).toEqual(tempoDefaults());
  });

  it('lists no key twice, and has each inner block in its outer one', () => {
    for (const [path, block] of Object.entries(knownBlocks)) {
      const keys = [...Object.keys(block.settings), ...block.legal];
      expect(new Set(keys).size, path).toBe(keys.length);
      if (path === '') continue;
      const dot = path.lastIndexOf('.');
      expect(knownBlocks[dot < 0 ? '' : path.slice(0, dot)]?.legal).toContain(path.slice(dot + 1));
    }
  });

  it('reads no secret', () => {
    for (const [path] of settingsByPath(knownBlocks))
      expect(isSecretKey(path.split('.').at(-1) ?? ''), path).toBe(false);
  });

  it('has a setting for every policy of the contract', () => {
    expect(Object.keys(policySettings).sort()).toEqual(Object.keys(tempoDefaults().policy).sort());
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
