import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { scenario } from '../checkers/example-history.ts';
import { writeExampleHistory } from '../replay/example-results.ts';
import { explainRun } from './explain-run.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'explain-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A scenario of one block; `blocks` are those that the final read finds. */
const written = (name: string, ...blocks: string[]) => writtenAs(name, {}, ...blocks);
const writtenAs = (name: string, expected: object, ...blocks: string[]) =>
  writeExampleHistory(join(folder, name), blocks, expected);

const verdict = (...folders: string[]) =>
  writeFileSync(
    join(folder, 'verdict.json'),
    JSON.stringify({ format: 1, tool: 'tempo-s3-chaos 0.1.0', scenarios: folders.map((one) => ({ folder: one })) }),
  );

it('explains the gravest scenario, and says where its history is', async () => {
  await written('one', 'a');
  await written('two');
  verdict('one', 'two');
  const { file, of, result } = await explainRun(`${folder}/`);
  expect({ file, of, verdict: result.verdict }).toEqual({
    file: join(folder, 'two', 'history.ndjson'),
    of: 2,
    verdict: 'fail',
  });
});

it('takes what passes and was to fail for graver than what passes', async () => {
  await written('one', 'a');
  const { expect: usual } = scenario().scenario as { expect: object };
  await writtenAs('two', { expect: { ...usual, verdict: 'fail', cause: 'durability' } }, 'a');
  const { result } = await explainRun(folder);
  expect([result.folder, result.verdict, result.asExpected]).toEqual(['two', 'pass', false]);
});

it('leaves a try aside that proved nothing, and was followed by another; alone it is explained', async () => {
  await writeExampleHistory(join(folder, 'one-minio'), ['a'], {}, 'the gateway ended');
  await written('one-minio-try-2', 'a');
  const { of, result } = await explainRun(folder);
  expect({ of, folder: result.folder, verdict: result.verdict }).toEqual({
    of: 1,
    folder: 'one-minio-try-2',
    verdict: 'pass',
  });
  expect((await explainRun(join(folder, 'one-minio'))).result.verdict).toBe('inconclusive');
});

it('refuses a run of which a scenario is missing: it may be the gravest; one of those that are there is explained', async () => {
  await written('one', 'a');
  verdict('one', 'two');
  await expect(explainRun(folder)).rejects.toMatchObject({
    name: 'HistoryError',
    message: `${join(folder, 'verdict.json')}: the run had scenarios whose folders are not here: two`,
  });
  expect((await explainRun(join(folder, 'one'))).result.verdict).toBe('pass');
});
