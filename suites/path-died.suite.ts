/** A part of the path that dies takes the proof with it, and nothing else: no verdict is made of what it left undone. */
import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { realClock } from '../harness/clock.ts';
import { Harness } from '../harness/scenario/harness.ts';
import { newResultsFolder } from '../harness/scenario/results-folder.ts';
import { type Prepared, prepare } from '../harness/scenario/run.ts';
import { because } from './real-harness.ts';

/** Kills the one child of this process whose command line matches. */
function killChild(pattern: RegExp): void {
  const all = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  const children = all
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [])
    .filter(([, , parent, command]) => Number(parent) === process.pid && pattern.test(command as string));
  expect(children, `children that match ${pattern}`).toHaveLength(1);
  process.kill(Number(children[0]?.[1]), 'SIGKILL');
}

it.each([
  ['MinIO', /minio\S* server /, 'MinIO ended by SIGKILL'],
  ['Toxiproxy', /toxiproxy-server/, 'Toxiproxy ended by SIGKILL'],
  ['the gateway', /dist\/gateway\.js/, 'the gateway process ended (SIGKILL)'],
  ['the DNS server', /dist\/dns\.js/, 'the DNS process ended (SIGKILL)'],
])('%s killed before the lease is released: inconclusive, by its name', async (_, pattern, said) => {
  const results = await newResultsFolder('chaos-results', realClock);
  const { runs } = await prepare({ scenarios: ['healthy'], clients: ['minio'], set: [] });
  const { scenario, client, settings } = runs[0] as Prepared;
  // In containers, MinIO and Toxiproxy are no children of this process.
  await using harness = await Harness.start('native', { progress: () => {}, clock: realClock, subjects: 1 });
  const result = await harness.run({
    scenario,
    client,
    settings,
    results,
    folder: 'healthy-minio',
    command: 'npx tempo-s3-chaos run healthy',
    doing: () => {},
    signal: new AbortController().signal,
    sabotage: {
      async beforeFinalRead() {
        killChild(pattern);
      },
    },
  });
  expect(result.verdict, because(result)).toBe('inconclusive');
  expect(result.explanation).toContain(said);
});
