/** What `doctor` tells: for each environment whether it would work here. */
import { environmentKinds } from './auto.ts';
import type { Diagnosis, EnvironmentKind } from './environment.ts';

export interface NamedDiagnosis {
  name: EnvironmentKind['name'];
  diagnosis: Diagnosis;
}

/** Starts nothing and builds nothing. */
export function diagnoseAll(): Promise<NamedDiagnosis[]> {
  return Promise.all(environmentKinds.map(async (kind) => ({ name: kind.name, diagnosis: await diagnoseWhole(kind) })));
}

/** An environment works without a disk that can be filled: it lacks a fault then, and that is said beside. */
export async function diagnoseWhole(kind: EnvironmentKind): Promise<Diagnosis> {
  const diagnosis = await kind.diagnose();
  if (!diagnosis.works) return diagnosis;
  const disk = await kind.diagnoseDisk();
  const told = disk.works ? disk.detail : `no disk can be filled (server-disk-full): ${disk.problem}: ${disk.remedy}`;
  return { works: true, detail: `${diagnosis.detail}; ${told}` };
}
