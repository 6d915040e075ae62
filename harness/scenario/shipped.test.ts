import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { faults } from '../faults/catalogue.ts';
import { packageRoot } from '../process/child.ts';
import { readTempoConfig } from '../tempo/config.ts';
import { checkTimeline } from './check-timeline.ts';
import { ScenarioError } from './scenario-error.ts';
import { demonstrations, findScenarios, groupedScenarios, shippedScenarios, usualConfig } from './shipped.ts';

const folder = join(packageRoot, 'suites', 'scenarios');

async function refusal(...given: string[]): Promise<string[]> {
  const error = await findScenarios(given).catch((reason) => reason);
  expect(error).toBeInstanceOf(ScenarioError);
  return (error as ScenarioError).message.split('\n');
}

it('every file that ships is a scenario of its name, the healthy one first', async () => {
  const shipped = await shippedScenarios();
  const all = [...shipped, ...(await groupedScenarios())];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
  expect(all.map(({ file }) => relative(folder, file)).sort()).toEqual(files.sort());
  expect(shipped[0]?.given).toBe('healthy');
  for (const { given, file, scenario, group = '' } of all) {
    expect(scenario.name).toBe(given);
    expect(file).toBe(join(folder, group, `${given}.yaml`));
  }
});

it('every one can come true with the config that is taken when none is named, and with those that ship', async () => {
  const configs = [usualConfig, join(packageRoot, 'suites', 'configs', 'tempo-defaults.yaml')];
  for (const config of configs) {
    for (const { given, scenario } of [...(await shippedScenarios()), ...(await groupedScenarios())]) {
      const set = Object.entries(scenario.set).map(([key, value]) => `${key}=${value}`);
      const { settings } = await readTempoConfig(config, { set });
      expect(() => checkTimeline(given, scenario, settings)).not.toThrow();
    }
  }
});

it('every fault has scenarios that show it, by names that no other has, and they can come true', async () => {
  const shown = demonstrations();
  const grouped = await groupedScenarios();
  const groups = new Set(grouped.map(({ group }) => group));
  const names = [...groups, ...[...(await shippedScenarios()), ...grouped, ...shown].map(({ given }) => given)];
  expect(new Set(names).size).toBe(names.length);
  for (const { given, scenario } of shown) {
    const set = Object.entries(scenario.set).map(([key, value]) => `${key}=${value}`);
    const { settings } = await readTempoConfig(usualConfig, { set });
    expect(() => checkTimeline(given, scenario, settings)).not.toThrow();
  }
  for (const { name } of faults) {
    const [found] = await findScenarios([name]);
    expect(found?.scenario.timeline.map(({ fault }) => fault)).toContain(name);
  }
});

it('finds a whole group by its name, and one of it by its own, each once', async () => {
  const [first] = await groupedScenarios();
  const group = first?.group as string;
  const whole = await findScenarios([group]);
  expect(whole).toEqual(await groupedScenarios(undefined, group));
  expect(whole.length).toBeGreaterThan(1);
  expect(await findScenarios([first?.given as string, group])).toEqual(whole);
});

it('gives a demonstration another seed, when it is asked for with one', async () => {
  expect((await findScenarios(['latency']))[0]?.scenario.seed).toBe(42);
  expect((await findScenarios(['latency'], 7))[0]?.scenario.seed).toBe(7);
});

it('finds by name and by path, each once, and all when none is given', async () => {
  const own = mkdtempSync(join(tmpdir(), 'shipped-'));
  try {
    const file = join(own, 'mine.yml');
    copyFileSync(join(folder, 'jitter.yaml'), file);
    const found = await findScenarios(['dns-down', file, 'dns-down']);
    expect(found.map(({ given, scenario }) => [given, scenario.name])).toEqual([
      ['dns-down', 'dns-down'],
      [file, 'jitter'],
    ]);
    expect(await findScenarios([])).toEqual(await shippedScenarios());

    writeFileSync(join(own, 'broken.yaml'), 'name: a\nabout: b\n');
    expect(await refusal('dns-dwn', join(own, 'broken.yaml'), join(own, 'none.yaml'), 'quite another')).toEqual([
      'dns-dwn: there is no scenario of this name (did you mean dns-down?)',
      `${own}/broken.yaml:1:1: load is missing`,
      `${own}/none.yaml: there is no such file (name a scenario that \`list\` shows, or a YAML file)`,
      expect.stringMatching(
        /^quite another: there is no scenario of this name \(there are: burst-size, .*; the groups .*; one for each fault .*; or the path of a YAML file\)$/,
      ),
    ]);
  } finally {
    rmSync(own, { recursive: true });
  }
});
