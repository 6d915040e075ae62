/** The demonstrations of a fault as scenarios: typed, and as the text of a file that `run` takes. */
import { Document, isMap, visit } from 'yaml';
import type { Demonstration } from '../faults/demonstration.ts';
import type { FaultDefinition } from '../faults/fault.ts';
import type { ScenarioInput } from './scenario.ts';

/** Longest name of a scenario (scenario.ts). */
const LONGEST_NAME = 40;
/** Columns that a mapping may take on one line of the file. */
const COLUMNS = 96;

/** `latency` for the first one, `latency-2` for the second. */
export function demonstrationName(fault: string, index: number): string {
  const suffix = index === 0 ? '' : `-${index + 1}`;
  return fault.slice(0, LONGEST_NAME - suffix.length) + suffix;
}

/** The `index`th demonstration of `fault`, from 0, with seed 42. */
export function demonstrationScenario(
  fault: Pick<FaultDefinition, 'name'>,
  demonstration: Demonstration,
  index: number,
): ScenarioInput {
  const { about, compression, load, set, timeline, expect } = demonstration;
  return {
    name: demonstrationName(fault.name, index),
    about,
    seed: 42,
    ...(compression && { compression }),
    load,
    ...(set && { set }),
    timeline: timeline.map(({ at, for: held, fault: other, with: parameters }) => ({
      at,
      for: held,
      fault: other ?? fault.name,
      ...(parameters && { with: parameters }),
    })),
    expect: expect as ScenarioInput['expect'],
  };
}

/** The same as a YAML file, set as the scenarios that ship are: small mappings and lists on one line. */
export function scenarioYaml(scenario: ScenarioInput): string {
  const document = new Document(scenario);
  visit(document, {
    Collection(key, node) {
      // The scenario itself and its timeline are read line by line.
      if (key === null || (isMap(node) && node.has('fault'))) return;
      node.flow = JSON.stringify(node).length <= COLUMNS && !holdsFault(node);
    },
  });
  const expectations = document.get('expect');
  if (isMap(expectations)) expectations.flow = false;
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function holdsFault(node: { items: unknown[] }): boolean {
  return node.items.some((item) => isMap(item) && item.has('fault'));
}
