import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFolders } from './make-folders.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'make-folders-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('makes what is missing, with its mode, and leaves what is there', () => {
  makeFolders(join(folder, 'a', 'b'), 0o700);
  writeFileSync(join(folder, 'a', 'b', 'kept'), '');
  makeFolders(join(folder, 'a', 'b'), 0o755);
  for (const made of [join(folder, 'a'), join(folder, 'a', 'b')]) expect(statSync(made).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, 'a', 'b', 'kept')).isFile()).toBe(true);
});

it('refuses where a file is in the way', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => makeFolders(join(folder, 'file'))).toThrow('EEXIST');
  expect(() => makeFolders(join(folder, 'file', 'below'))).toThrow('ENOTDIR');
});

it.runIf(process.platform === 'linux')('refuses at once where nothing can be made', () => {
  expect(() => makeFolders('/proc/nothing/here')).toThrow('ENOENT');
});
