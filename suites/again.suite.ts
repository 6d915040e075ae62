/** What proves nothing is run again, alone; the verdict is that of the last try, and the run and its replay tell of those before. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { realClock } from '../harness/clock.ts';
import { historyFile } from '../harness/history/merge.ts';
import { replay } from '../harness/replay/replay.ts';
import { plain } from '../harness/report/paint.ts';
import { runReport } from '../harness/report/run-report.ts';
import { Harness } from '../harness/scenario/harness.ts';
import { newResultsFolder } from '../harness/scenario/results-folder.ts';
import { prepare, type RunOptions, runPrepared } from '../harness/scenario/run.ts';
import { silentObserver } from '../harness/scenario/silent-observer.ts';
import { because } from './real-harness.ts';

const options: RunOptions = {
  scenarios: ['healthy'],
  clients: ['aws-sdk', 'minio'],
  set: [],
  environment: (process.env.TEMPO_S3_CHAOS_ENVIRONMENT ?? 'auto') as 'auto',
  out: 'chaos-results',
  again: 1,
};

async function beforeFinalRead(): Promise<void> {
  throw new Error('its final read was sabotaged');
}

it('a run in which the harness breaks proves nothing; alone, the same passes', async () => {
  const folder = await newResultsFolder(options.out, realClock);
  await using real = await Harness.start(options.environment, { progress: () => {}, clock: realClock, subjects: 2 });
  let underWay = 0;
  const asked: [folder: string, beside: number][] = [];
  const harness = {
    environment: real.environment,
    died: real.died,
    async run(one: Parameters<Harness['run']>[0]) {
      asked.push([one.folder, underWay++]);
      try {
        // Behind the harness's back, and at the first try of one of them only.
        const breaks = one.folder === 'healthy-aws-sdk';
        return await real.run({ ...one, ...(breaks && { sabotage: { beforeFinalRead } }) });
      } finally {
        underWay--;
      }
    },
  };
  const prepared = await prepare(options);
  const { signal } = new AbortController();
  const result = await runPrepared(harness, options, prepared, folder, 2, realClock, silentObserver, signal);

  const again = result.scenarios.find(({ client }) => client === 'aws-sdk');
  expect(asked).toEqual([
    ['healthy-aws-sdk', 0],
    ['healthy-minio', 1],
    ['healthy-aws-sdk-try-2', 0],
  ]);
  expect(again?.earlierTries).toEqual([
    {
      verdict: 'inconclusive',
      explanation: 'This run proves nothing: the harness broke: its final read was sabotaged.',
      folder: 'healthy-aws-sdk',
    },
  ]);
  expect(result.verdict, result.scenarios.map(because).join('\n')).toBe('pass');
  expect(again).toMatchObject({ verdict: 'pass', folder: 'healthy-aws-sdk-try-2' });
  for (const [name] of asked) expect(existsSync(join(folder, name, historyFile)), name).toBe(true);
  const report = runReport(result, 1000, plain).trimEnd().split('\n');
  expect(report.at(-3)).toMatch(
    /^healthy \(aws-sdk\) ran again, alone: pass is the verdict of try 2\. Try 1: This run /,
  );
  expect(report.at(-1)).toMatch(/^pass: 2 of 2 as expected in .*; 1 ran again; /);

  const replayed = await replay(folder);
  expect(replayed).toMatchObject({ verdict: 'pass', exitCode: 0, differences: [] });
  expect(replayed.scenarios).toEqual(result.scenarios);
  expect(await replay(join(folder, 'healthy-aws-sdk'))).toMatchObject({
    verdict: 'inconclusive',
    differences: [],
  });
});
