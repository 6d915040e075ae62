/**
 * Exploring, on the real path: a planted weakness is found within two timelines, made small, and kept as a scenario that fails again; and without
 * it the same timelines find nothing.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ExploreOptions, explore } from '../harness/explore/explore.ts';
import type { ExploreObserver } from '../harness/explore/explore-result.ts';
import { readScenario } from '../harness/scenario/read-scenario.ts';
import { run } from '../harness/scenario/run.ts';
import { silentObserver } from '../harness/scenario/silent-observer.ts';

const quiet: ExploreObserver = {
  ...silentObserver,
  phase() {},
  progressed() {},
};
const environment = (process.env.TEMPO_S3_CHAOS_ENVIRONMENT ?? 'auto') as 'auto';
const weakness = ['policy.flushRetries=0'];
const { signal } = new AbortController();
let out: string;

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'explore-'));
});
afterAll(() => rm(out, { recursive: true, force: true }));

/** Of this seed both timelines have a refused connection, the first one has latency before it. */
const exploring = (set: string[]): ExploreOptions => ({
  seed: 7,
  runs: 2,
  faults: ['connection-refused', 'latency'],
  intensity: 'mild',
  clients: ['minio'],
  set,
  environment,
  out,
  atOnce: 4,
});

it('finds a planted weakness, makes it small, and keeps what fails again', async () => {
  const found = await explore(exploring(weakness), quiet, signal);
  expect(found).toMatchObject({ verdict: 'fail', exitCode: 1 });
  expect(found.findings).toHaveLength(1);
  const [finding] = found.findings;
  if (!finding) throw new Error('nothing was found');
  expect(finding).toMatchObject({
    cause: 'durability',
    confirmed: { times: 3, of: 3 },
    alike: ['explored-7-2 (minio)'],
    explanation: expect.stringContaining('policy.flushRetries'),
  });
  expect(finding.smallest).toMatch(/^connection-refused for \d+s$/);
  const { timeline, expect: expected } = await readScenario(finding.file);
  expect(timeline).toMatchObject([{ at: 0, fault: 'connection-refused' }]);
  expect(expected).toMatchObject({ verdict: 'fail', cause: 'durability' });

  const again = { scenarios: [finding.file], clients: ['minio'] as const, environment, out };
  const weak = await run({ ...again, set: weakness }, quiet, signal);
  expect(weak.scenarios[0]?.explanation).toContain('policy.flushRetries');
  expect(weak.exitCode).toBe(0);
  // And it is about that weakness: Tempo's own retries survive it.
  const mended = await run({ ...again, set: [] }, quiet, signal);
  expect(mended.scenarios[0]).toMatchObject({ verdict: 'pass', asExpected: false });
});

it('finds nothing without the weakness, in the same timelines', async () => {
  const found = await explore(exploring([]), quiet, signal);
  expect(found).toMatchObject({ verdict: 'pass', exitCode: 0, findings: [] });
  expect(found.coverage).toMatchObject([
    { fault: 'latency', drawn: 1, acted: 1 },
    { fault: 'connection-refused', drawn: 2, acted: 2 },
  ]);
  const drawn = await Promise.all(
    (await readdir(out)).map(async (folder) => {
      const files = await readdir(join(out, folder, 'timelines')).catch(() => []);
      return Promise.all(files.sort().map((file) => readFile(join(out, folder, 'timelines', file), 'utf8')));
    }),
  );
  const [first, second, ...others] = drawn.filter((texts) => texts.length > 0);
  expect(others).toEqual([]);
  expect(first).toHaveLength(2);
  expect(second).toEqual(first);
});
