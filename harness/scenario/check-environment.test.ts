import { expect, it } from 'vitest';
import type { Diagnosis } from '../environment/environment.ts';
import { checkEnvironment } from './check-environment.ts';
import { demonstrations, groupedScenarios, shippedScenarios } from './shipped.ts';

const all = async () =>
  [...(await shippedScenarios()), ...(await groupedScenarios()), ...demonstrations()].map(({ scenario }) => scenario);
const kind = (diagnosis: Diagnosis) => ({ name: 'native' as const, diagnoseDisk: async () => diagnosis });
const refused: Diagnosis = { works: false, problem: 'it may not mount anything', remedy: 'run it as root' };

it('refuses, before anything is run, a scenario whose fault the environment cannot do, and says what would help', async () => {
  await expect(checkEnvironment(kind(refused), await all())).rejects.toMatchObject({
    name: 'EnvironmentError',
    message:
      'server-disk-full: server-disk-full fills the data disk of S3, and the native environment cannot limit one here: it may not mount anything',
    remedy: 'run it as root',
  });
});

it('refuses nothing that it can do, and nothing that needs no disk of its own', async () => {
  await checkEnvironment(kind({ works: true, detail: 'tmpfs' }), await all());
  const others = (await all()).filter(({ name }) => name !== 'server-disk-full');
  await checkEnvironment(kind(refused), others);
});
