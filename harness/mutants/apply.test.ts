import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { apply, checkPlaces, edited, MisplacedMutant } from './apply.ts';

test('an edit replaces its text as it stands, whatever a pattern would make of it', () => {
  const edit = { file: 'a.ts', find: 'return x.y(1);', replace: "return $& + '$1';" };
  expect(edited('one; return x.y(1); two', 'm', edit)).toBe("one; return $& + '$1'; two");
});

test.each([
  ['other text', 0],
  ['find find', 2],
])('a find that is not there once is an error that names it: %s', (source, times) => {
  expect(() => edited(source, 'meta-first', { file: 'harness/a.ts', find: 'find', replace: '' })).toThrow(
    new MisplacedMutant(
      `mutant meta-first: harness/a.ts has "find" ${times} times: bring its find in line with the source, so that it is there once`,
    ),
  );
});

test('the edits of one file are made one after the other', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mutants-apply-'));
  try {
    await writeFile(join(folder, 'a.ts'), 'first second');
    const edits = [
      { file: 'a.ts', find: 'first', replace: '1' },
      { file: 'a.ts', find: 'second', replace: '2' },
    ];
    await apply({ name: 'm', edits }, folder);
    expect(await readFile(join(folder, 'a.ts'), 'utf8')).toBe('1 2');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('all that have lost their place are told of at once, before anything is built', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mutants-places-'));
  try {
    await writeFile(join(folder, 'a.ts'), 'here');
    const mutant = (name: string, file: string, find: string) => ({ name, edits: [{ file, find, replace: 'x' }] });
    await checkPlaces([mutant('good', 'a.ts', 'here')], folder);
    const checking = checkPlaces([mutant('moved', 'a.ts', 'there'), mutant('gone', 'b.ts', 'here')], folder);
    await expect(checking).rejects.toThrow(
      /^mutant moved: a\.ts has "there" 0 times.*\nmutant gone: b\.ts cannot be read/,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
