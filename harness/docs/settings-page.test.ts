import { describe, expect, it } from 'vitest';
import { tempoDefaults } from '../tempo/defaults.ts';
import { knownKeys } from '../tempo/known-keys.ts';
import { applySetOptions } from '../tempo/set-option.ts';
import { tempoVersions } from '../tempo/settings.ts';
import { settingsByPath } from '../tempo/walk-settings.ts';
import { settingsPage } from './settings-page.ts';

const rows = [...settingsPage().matchAll(/^\| `([^`]+)` \|(.*)\|$/gm)].map(([, key, rest]) => ({
  key: key as string,
  cells: (rest as string).split(' | ').map((cell) => cell.trim().replaceAll('`', '')),
}));

it('has each setting once', () => {
  const all = tempoVersions.flatMap((version) => {
    const { blocks, own } = knownKeys(version);
    const named = Object.entries(own).flatMap(([name, settings]) =>
      Object.keys(settings).map((key) => `${name}.${key}`),
    );
    return [...settingsByPath(blocks).keys(), ...named];
  });
  // The legacy form of overrides has one sentence.
  const expected = new Set(all.filter((key) => !/^overrides\.[a-z_]+$/.test(key)));
  expect(rows.map(({ key }) => key).sort()).toEqual([...expected, 'tempo.version', 'client.policy'].sort());
});

describe.each(tempoVersions.map((version, index) => [version, index] as const))(
  'the column of %s',
  (version, index) => {
    const ofVersion = rows.filter(({ cells }) => cells.length === tempoVersions.length + 1);

    it('has defaults that can be set, and are those of the version', () => {
      for (const { key, cells } of ofVersion) {
        const fallback = cells[index] as string;
        const settings = tempoDefaults(version);
        if (fallback === '' || (fallback === 'none' && key !== 'policy.dnsSearch')) continue;
        expect(applySetOptions([`${key}=${fallback}`], settings, []), key).toEqual([]);
        expect(settings, key).toEqual(tempoDefaults(version));
      }
    });

    it('is empty where the version has no such key', () => {
      for (const { key, cells } of ofVersion) {
        const problems: Parameters<typeof applySetOptions>[2] = [];
        applySetOptions([`${key}=`], tempoDefaults(version), problems);
        expect(/no such key|changes nothing/.test(problems[0]?.message ?? 'changes nothing'), key).toBe(
          cells[index] === '',
        );
      }
    });
  },
);
