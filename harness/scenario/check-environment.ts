/** Whether an environment can do what the faults of some scenarios need: told before any of them is run. */
import type { EnvironmentKind } from '../environment/environment.ts';
import { EnvironmentError } from '../environment/environment.ts';
import { faultNamed } from '../faults/catalogue.ts';
import type { Scenario } from './scenario.ts';

/** @throws EnvironmentError that names the scenarios and the fault, and what would make it possible. */
export async function checkEnvironment(
  kind: Pick<EnvironmentKind, 'name' | 'diagnoseDisk'>,
  scenarios: readonly Pick<Scenario, 'name' | 'timeline'>[],
): Promise<void> {
  const asking = scenarios.filter(({ timeline }) =>
    timeline.some(({ fault }) => faultNamed(fault).needs?.includes('limited-disk')),
  );
  const [first] = asking;
  if (!first) return;
  const disk = await kind.diagnoseDisk();
  if (disk.works) return;
  const fault = first.timeline.find((entry) => faultNamed(entry.fault).needs?.includes('limited-disk'))?.fault;
  const names = [...new Set(asking.map(({ name }) => name))].join(', ');
  throw new EnvironmentError(
    `${names}: ${fault} fills the data disk of S3, and the ${kind.name} environment cannot limit one here: ${disk.problem}`,
    disk.remedy,
  );
}
