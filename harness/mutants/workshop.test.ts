import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { realClock } from '../clock.ts';
import { packageRoot } from '../process/child.ts';
import { MisplacedMutant } from './apply.ts';
import { BuildError, Workshop } from './workshop.ts';

const { signal } = new AbortController();
const file = 'harness/object-store/backoff.ts';
const find = '* (1 - jitter);';

test('a mutant is built in a copy, and nothing of it is left: the sources are as they were', async () => {
  const before = await readFile(join(packageRoot, file), 'utf8');
  let folder = '';
  {
    await using workshop = await Workshop.open(realClock);
    folder = workshop.folder;
    const built = await workshop.build({ name: 'm', edits: [{ file, find, replace: '* 4711;' }] }, signal);
    expect(await readFile(join(built, file), 'utf8')).toBe(before.replace(find, '* 4711;'));
    expect(existsSync(join(built, 'dist', 'subject.js'))).toBe(true);
    await workshop.clear(built);
    expect(existsSync(built)).toBe(false);
  }
  expect(existsSync(folder)).toBe(false);
  expect(await readFile(join(packageRoot, file), 'utf8')).toBe(before);
});

test('what does not build, or has lost its place, is an error and no mutant', async () => {
  await using workshop = await Workshop.open(realClock);
  const build = (edit: { find: string; replace: string }) =>
    workshop.build({ name: 'm', edits: [{ file, ...edit }] }, signal);
  await expect(build({ find, replace: '* (' })).rejects.toThrow(BuildError);
  await expect(build({ find: 'no such text', replace: '' })).rejects.toThrow(MisplacedMutant);
});
