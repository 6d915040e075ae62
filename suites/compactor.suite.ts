/** The compactor as a second subject: what a throttled S3 does to it, and what it does to the writers beside it. */
import { describe, expect, it } from 'vitest';
import { ofType } from '../harness/checkers/example-history.ts';
import { clientNames } from '../harness/object-store/clients.ts';
import { because, realHarness } from './real-harness.ts';

describe('a compactor', () => {
  const real = realHarness();

  it.concurrent.each(clientNames)(
    'that is throttled leaves its uploads behind, begins again, and loses nothing (%s)',
    async (client) => {
      const result = await real.runNamed('compactor-slowdown', client);
      expect(result.asExpected, because(result)).toBe(true);
      const history = await real.history(result);
      const jobs = ofType(history, 'compaction');
      // Another may have been under way when the run was over.
      const failed = jobs.filter(({ error }) => /^(UploadPart|PutObject) .*503 SlowDown/.test(error ?? ''));
      const done = jobs.filter(({ outcome }) => outcome === 'ok');
      expect(failed.length).toBeGreaterThan(0);

      // What it was told that S3 has of them is what is left in the bucket: nothing was aborted.
      const left = ofType(history, 'final.upload');
      const of = (key: string) => jobs.find(({ keyPrefix }) => key === `${keyPrefix}data.parquet`);
      expect(left.length).toBeGreaterThan(0);
      for (const { key, parts } of left) {
        const told = of(key)?.orphanedParts ?? Number.NaN;
        // One more, when the run was over before the answer came.
        expect([told, told + 1], key).toContain(parts);
      }
      expect(left.some(({ parts }) => parts > 0)).toBe(true);
      const message = (name: string) => result.findings.find(({ checker }) => checker === name)?.message;
      expect(message('compaction')).toMatch(/ failed$/);
      expect(message('orphans')).toMatch(/ neither completed nor aborted: .* left behind, /);

      // Their inputs are chosen again, for another block.
      const again = (job: (typeof jobs)[number]) => jobs.filter(({ start }) => start > job.start);
      const chosenAgain = failed.filter((job) =>
        job.inputs.every((input) => again(job).some(({ inputs }) => inputs.includes(input))),
      );
      expect(chosenAgain.length).toBeGreaterThan(0);
      expect(done.length).toBeGreaterThan(0);
      expect(new Set(jobs.map(({ output }) => output)).size).toBe(jobs.length);
    },
  );

  it.concurrent.each(clientNames)(
    'changes nothing for a flush, whatever its max_time_per_tenant (%s)',
    async (client) => {
      const writes = async (scenario: string) => {
        const result = await real.runNamed(scenario, client);
        expect(result.asExpected, because(result)).toBe(true);
        const history = await real.history(result);
        expect(ofType(history, 'compaction').length).toBeGreaterThan(0);
        const cut = ofType(history, 'block.cut');
        // Not what a compactor puts into a writer's block: its mark.
        const objects = new Set(cut.flatMap(({ keyPrefix, objects }) => objects.map(({ name }) => keyPrefix + name)));
        const sent = ofType(history, 'attempt').filter(
          ({ id, key }) => !id.startsWith('compactor') && objects.has(key),
        );
        // Once each: on a machine that is busy one may be tried again.
        const requests = new Set(sent.map(({ operation, key, partNumber = 0 }) => `${operation} ${key} ${partNumber}`));
        const flushed = new Set(
          ofType(history, 'flush.end').flatMap(({ block, outcome }) => (outcome === 'ok' ? block : [])),
        );
        return { flushed: flushed.size, objects: objects.size, requests: [...requests].sort() };
      };
      const [quarterOfAnHour, second] = await Promise.all([writes('compactor-healthy'), writes('max-time-per-tenant')]);
      expect(second.flushed).toBe(10);
      expect(second).toEqual(quarterOfAnHour);
    },
  );
});
