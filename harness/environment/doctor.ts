/** What `doctor` tells: for each environment whether it would work here. */
import { environmentKinds } from './auto.ts';
import type { Diagnosis, EnvironmentKind } from './environment.ts';

export interface NamedDiagnosis {
  name: EnvironmentKind['name'];
  diagnosis: Diagnosis;
}

/** Starts nothing and builds nothing. */
export function diagnoseAll(): Promise<NamedDiagnosis[]> {
  return Promise.all(environmentKinds.map(async (kind) => ({ name: kind.name, diagnosis: await kind.diagnose() })));
}
