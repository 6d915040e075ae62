import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cut, finalRead, flush, inOrder, phase, scenario } from '../checkers/example-history.ts';
import { mergeParts } from '../history/merge.ts';
import { explainRun } from './explain-run.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'explain-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A scenario of one block; `blocks` are those that the final read finds. */
async function written(name: string, ...blocks: string[]): Promise<void> {
  await writtenAs(name, {}, ...blocks);
}

async function writtenAs(name: string, expected: object, ...blocks: string[]): Promise<void> {
  const parts = join(folder, name, 'parts');
  mkdirSync(parts, { recursive: true });
  const run = scenario();
  const events = inOrder(
    { ...run, name, scenario: { ...(run.scenario as object), about: `about ${name}`, ...expected } },
    phase('lease', 1),
    phase('steady-state', 2),
    cut('a', 10),
    flush('a', 20),
    phase('timeline', 490),
    phase('drain', 500),
    phase('final-read', 600),
    finalRead(601, ...blocks),
    phase('judging', 700),
  );
  writeFileSync(join(parts, 'harness.ndjson'), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  await mergeParts(join(folder, name));
}

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

it('refuses a run of which a scenario is missing: it may be the gravest; one of those that are there is explained', async () => {
  await written('one', 'a');
  verdict('one', 'two');
  await expect(explainRun(folder)).rejects.toMatchObject({
    name: 'HistoryError',
    message: `${join(folder, 'verdict.json')}: the run had scenarios whose folders are not here: two`,
  });
  expect((await explainRun(join(folder, 'one'))).result.verdict).toBe('pass');
});
