/** Whether an environment can do what the faults of some scenarios need: told before any of them is run. */
import { EnvironmentError, type EnvironmentKind } from '../environment/environment.ts';
import { needsOf } from './needs.ts';
import type { Scenario } from './scenario.ts';

/** @throws EnvironmentError that names the scenarios and the fault, and what would make it possible. */
export async function checkEnvironment(
  kind: Pick<EnvironmentKind, 'name' | 'diagnoseDisk'>,
  scenarios: readonly Pick<Scenario, 'name' | 'timeline'>[],
): Promise<void> {
  const fills = (entry: Scenario['timeline'][number]) => needsOf([entry]).has('limited-disk');
  const asking = scenarios.filter(({ timeline }) => timeline.some(fills));
  const [first] = asking;
  if (!first) return;
  const disk = await kind.diagnoseDisk();
  if (disk.works) return;
  const fault = first.timeline.find(fills)?.fault;
  const names = [...new Set(asking.map(({ name }) => name))].join(', ');
  throw new EnvironmentError(
    `${names}: ${fault} fills the data disk of S3, and the ${kind.name} environment cannot limit one here: ${disk.problem}`,
    disk.remedy,
  );
}
