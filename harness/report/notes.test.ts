import { expect, it } from 'vitest';
import { exampleResult, exampleRun } from './example-run.ts';
import { notes } from './notes.ts';
import { plain } from './paint.ts';
import { runReport } from './run-report.ts';

const lost = '3MB of live traces, acknowledged and not yet in the WAL, went with 2 kills.';
const told = (client: string, explanation: string) => exampleResult({ name: 'crash', client, explanation });

it('tells what passed and cost something, once for clients that tell the same', () => {
  const run = exampleRun([told('aws-sdk', lost), told('minio', lost), exampleResult(), told('other', `About ${lost}`)]);
  expect(notes(run, 200)).toBe(`crash (aws-sdk, minio): ${lost}\ncrash (other): About ${lost}`);
  expect(runReport(run, 200, plain)).toContain(`\n\ncrash (aws-sdk, minio): ${lost}\n`);
});

it('says nothing of runs without notes, and leaves what is no plain pass to its explanation', () => {
  const failed = exampleResult({ verdict: 'fail', asExpected: false, explanation: 'why' });
  expect(notes(exampleRun([exampleResult(), failed]), 200)).toBeUndefined();
});
