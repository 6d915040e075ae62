/** The scenarios that ship with the tool: suites/scenarios/*.yaml, and for each fault of the catalogue those that show it at work. */
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { faults } from '../faults/catalogue.ts';
import type { Demonstration } from '../faults/demonstration.ts';
import type { FaultDefinition } from '../faults/fault.ts';
import { packageRoot } from '../process/child.ts';
import { nearestKey } from '../tempo/nearest-key.ts';
import { demonstrationName, demonstrationScenario } from './demonstrations.ts';
import { readScenario } from './read-scenario.ts';
import { type Scenario, scenarioSchema } from './scenario.ts';
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
export async function shippedScenarios(seed?: number): Promise<NamedScenario[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).sort();
  files.sort((a, b) => Number(b === 'healthy.yaml') - Number(a === 'healthy.yaml'));
  return Promise.all(files.map((file) => shipped(basename(file, '.yaml'), seed)));
}

async function shipped(name: string, seed?: number): Promise<NamedScenario> {
  const file = join(folder, `${name}.yaml`);
  return { given: name, file, scenario: await readScenario(file, seed) };
}

/** The scenarios that show a fault at work: of one fault, or of all. They run when they are named, not with all that ship. */
export function demonstrations(seed?: number, all: readonly FaultDefinition[] = faults): NamedScenario[] {
  return all.flatMap((fault) => fault.demonstrations.map((_, index) => demonstration(fault, index, seed)));
}

function demonstration(fault: FaultDefinition, index: number, seed?: number): NamedScenario {
  const input = demonstrationScenario(fault, fault.demonstrations[index] as Demonstration, index);
  const scenario = scenarioSchema.parse({ ...input, ...(seed !== undefined && { seed }) });
  return { given: input.name, file: join(packageRoot, 'docs', 'faults', `${fault.name}.md`), scenario };
}

/**
 * Finds scenarios by shipped name, by the name of a fault (\`latency\`; its second demonstration is \`latency-2\`), or by the path of a YAML file (what has a slash, or ends in .yaml or .yml).
 * None given: all shipped ones. `seed`: instead of their own.
 * @throws ScenarioError with everything that is wrong with any of them.
 */
export async function findScenarios(given: readonly string[], seed?: number): Promise<NamedScenario[]> {
  if (given.length === 0) return shippedScenarios(seed);
  const names = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).map((file) => basename(file, '.yaml'));
  const shown = new Map(
    faults.flatMap((fault) =>
      fault.demonstrations.map((_, index) => [demonstrationName(fault.name, index), { fault, index }]),
    ),
  );
  const found: NamedScenario[] = [];
  const problems: ScenarioError['problems'] = [];
  for (const name of new Set(given)) {
    const shows = shown.get(name);
    try {
      if (/[/\\]|\.ya?ml$/.test(name))
        found.push({ given: name, file: name, scenario: await readScenario(name, seed) });
      else if (names.includes(name)) found.push(await shipped(name, seed));
      else if (shows) found.push(demonstration(shows.fault, shows.index, seed));
      else {
        const meant = nearestKey(name, [...names, ...shown.keys()]);
        problems.push({
          where: name,
          message: 'there is no scenario of this name',
          remedy: meant
            ? `did you mean ${meant}?`
            : `there are: ${names.sort().join(', ')}; one for each fault that \`list\` shows, by its name; or the path of a YAML file`,
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
