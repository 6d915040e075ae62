import { expect, test } from 'vitest';
import { diagnoseWhole } from './doctor.ts';
import type { Diagnosis, EnvironmentKind } from './environment.ts';

const kind = (diagnosis: Diagnosis, disk: Diagnosis) =>
  ({ name: 'native', diagnose: async () => diagnosis, diagnoseDisk: async () => disk }) as unknown as EnvironmentKind;
const works = (detail: string): Diagnosis => ({ works: true, detail });
const fails: Diagnosis = { works: false, problem: 'no mount', remedy: 'be root' };

test('the disk is told beside the rest', async () => {
  expect(await diagnoseWhole(kind(works('MinIO'), works('a disk')))).toEqual(works('MinIO; a disk'));
});

test('an environment works without a disk that can be filled, and what it lacks is told', async () => {
  expect(await diagnoseWhole(kind(works('MinIO'), fails))).toEqual(
    works('MinIO; no disk can be filled (server-disk-full): no mount: be root'),
  );
});

test('one that does not work is not asked for its disk', async () => {
  expect(await diagnoseWhole(kind(fails, works('a disk')))).toEqual(fails);
});
