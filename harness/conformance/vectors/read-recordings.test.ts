import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { shippedRecording } from './example-recordings.ts';
import { readRecordings, shippedRecordings } from './read-recordings.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recordings-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function folderOf(files: Record<string, string>): Promise<string> {
  const made = await mkdtemp(join(folder, 'of-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(made, name), text);
  return made;
}

const healthy = JSON.stringify(shippedRecording('healthy-single-part'));

it('reads the recordings that ship, in the order of their names', async () => {
  const names = (await readRecordings(shippedRecordings)).map(({ name }) => name);
  expect(names).toHaveLength(12);
  expect(names).toEqual(names.toSorted());
});

it('reads every *.json, and nothing else', async () => {
  const made = await folderOf({ 'one.json': healthy, 'README.md': 'none' });
  expect(await readRecordings(made)).toHaveLength(1);
});

it('says that there is none', async () => {
  await expect(readRecordings(join(folder, 'gone'))).rejects.toThrow(/gone: there is no such folder \(name a folder/);
  await writeFile(join(folder, 'file'), '');
  await expect(readRecordings(join(folder, 'file'))).rejects.toThrow(/file: it is no folder/);
  await mkdir(join(folder, 'empty'));
  await expect(readRecordings(join(folder, 'empty'))).rejects.toThrow(/empty: it has no recording \(no \*\.json\)/);
});

it('tells all that is wrong with any of them at once', async () => {
  const made = await folderOf({ 'a.json': '{', 'b.json': healthy, 'c.json': '{}', 'd.json': healthy });
  const reading = readRecordings(made);
  await expect(reading).rejects.toThrow(/a\.json: this is not JSON/);
  await expect(reading).rejects.toThrow(/c\.json: requests: this field is missing/);
  await expect(reading).rejects.toThrow(/d\.json: name: b\.json has the name healthy-single-part too/);
});
