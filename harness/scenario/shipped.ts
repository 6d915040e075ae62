/** The scenarios that ship with the tool: suites/scenarios/*.yaml. */
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { packageRoot } from '../process/child.ts';
import { nearestKey } from '../tempo/nearest-key.ts';
import { readScenario } from './read-scenario.ts';
import type { Scenario } from './scenario.ts';
import { ScenarioError } from './scenario-error.ts';

const folder = join(packageRoot, 'suites', 'scenarios');

/** The config of `run` when none is named: the deployment of grafana/tempo#4361. */
export const usualConfig = join(packageRoot, 'suites', 'configs', 'tempo-4361.yaml');

export interface NamedScenario {
  /** As a command line names it: a shipped one's name, else the path of its file. */
  given: string;
  file: string;
  scenario: Scenario;
}

/** All shipped scenarios: the healthy one first (the quickest verdict), the others by name. */
export async function shippedScenarios(): Promise<NamedScenario[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).sort();
  files.sort((a, b) => Number(b === 'healthy.yaml') - Number(a === 'healthy.yaml'));
  return Promise.all(files.map((file) => shipped(basename(file, '.yaml'))));
}

async function shipped(name: string): Promise<NamedScenario> {
  const file = join(folder, `${name}.yaml`);
  return { given: name, file, scenario: await readScenario(file) };
}

/**
 * Finds scenarios by shipped name, or by the path of a YAML file (what has a slash, or ends in .yaml or .yml).
 * None given: all shipped ones.
 * @throws ScenarioError with everything that is wrong with any of them.
 */
export async function findScenarios(given: readonly string[]): Promise<NamedScenario[]> {
  if (given.length === 0) return shippedScenarios();
  const names = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).map((file) => basename(file, '.yaml'));
  const found: NamedScenario[] = [];
  const problems: ScenarioError['problems'] = [];
  for (const name of new Set(given)) {
    try {
      if (/[/\\]|\.ya?ml$/.test(name)) found.push({ given: name, file: name, scenario: await readScenario(name) });
      else if (names.includes(name)) found.push(await shipped(name));
      else {
        const meant = nearestKey(name, names);
        problems.push({
          where: name,
          message: 'there is no scenario of this name',
          remedy: meant
            ? `did you mean ${meant}?`
            : `there are: ${names.sort().join(', ')}; or the path of a YAML file`,
        });
      }
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new ScenarioError(problems);
  return found;
}
