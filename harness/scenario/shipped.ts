/**
 * The scenarios that ship with the tool: suites/scenarios/*.yaml, which run when none is named; groups of others, each a folder there
 * (suites/scenarios/losses/*.yaml), which run by the group's name or by their own; and for each fault of the catalogue those that
 * show it at work.
 */
import { readdir } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
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
  /** The group that it ships in, if any. */
  group?: string;
}

/** Those that run when none is named: the healthy one first (the quickest verdict), the others by name. */
export async function shippedScenarios(seed?: number): Promise<NamedScenario[]> {
  const files = (await shippedFiles()).filter(({ group }) => group === undefined);
  files.sort((a, b) => Number(b.name === 'healthy') - Number(a.name === 'healthy'));
  return Promise.all(files.map((file) => shipped(file, seed)));
}

/** Those of all groups, or of one, by group and name. */
export async function groupedScenarios(seed?: number, group?: string): Promise<NamedScenario[]> {
  const files = (await shippedFiles()).filter(
    (file) => file.group !== undefined && file.group === (group ?? file.group),
  );
  return Promise.all(files.map((file) => shipped(file, seed)));
}

interface ShippedFile {
  name: string;
  file: string;
  group?: string;
}

/** By group, those of none first, and name. */
async function shippedFiles(): Promise<ShippedFile[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const found = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
    .map(({ name, parentPath }): ShippedFile => {
      const group = relative(folder, parentPath);
      return { name: basename(name, '.yaml'), file: join(parentPath, name), ...(group !== '' && { group }) };
    });
  const order = ({ group = '', name }: ShippedFile) => `${group}/${name}`;
  return found.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

async function shipped({ name, ...where }: ShippedFile, seed?: number): Promise<NamedScenario> {
  return { given: name, ...where, scenario: await readScenario(where.file, seed) };
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
 * Finds scenarios by shipped name, by the name of a group, by the name of a fault (`latency`; its second demonstration is `latency-2`),
 * or by the path of a YAML file (what has a slash, or ends in .yaml or .yml). None given: all shipped ones that are in no group.
 * `seed`: instead of their own.
 * @throws ScenarioError with everything that is wrong with any of them.
 */
export async function findScenarios(given: readonly string[], seed?: number): Promise<NamedScenario[]> {
  if (given.length === 0) return shippedScenarios(seed);
  const files = await shippedFiles();
  const groups = new Set(files.flatMap(({ group }) => group ?? []));
  const shown = new Map(
    faults.flatMap((fault) =>
      fault.demonstrations.map((_, index) => [demonstrationName(fault.name, index), { fault, index }]),
    ),
  );
  const found = new Map<string, NamedScenario>();
  const add = (...more: NamedScenario[]) => {
    for (const one of more) found.set(one.given, one);
  };
  const problems: ScenarioError['problems'] = [];
  for (const name of new Set(given)) {
    const shows = shown.get(name);
    const file = files.find((one) => one.name === name);
    try {
      if (/[/\\]|\.ya?ml$/.test(name)) add({ given: name, file: name, scenario: await readScenario(name, seed) });
      else if (file) add(await shipped(file, seed));
      else if (groups.has(name)) add(...(await groupedScenarios(seed, name)));
      else if (shows) add(demonstration(shows.fault, shows.index, seed));
      else {
        const names = files.map((one) => one.name);
        const meant = nearestKey(name, [...names, ...groups, ...shown.keys()]);
        problems.push({
          where: name,
          message: 'there is no scenario of this name',
          remedy: meant
            ? `did you mean ${meant}?`
            : `there are: ${names.sort().join(', ')}; the groups ${[...groups].join(', ')}; one for each fault that \`list\` shows, by its name; or the path of a YAML file`,
        });
      }
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new ScenarioError(problems);
  return [...found.values()];
}
