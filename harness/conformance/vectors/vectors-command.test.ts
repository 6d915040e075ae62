import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { vectorsCommand } from './vectors-command.ts';

let folder: string;
let stderr: string;
let stdout: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vectors-'));
  stderr = stdout = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += text;
    return true;
  });
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += text;
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...argv: string[]) => vectorsCommand(argv, new AbortController().signal);

it.each([
  [['--time', '0'], '--time is 0: a number from 1 on'],
  [['--client', 'boto'], '--client is boto: aws-sdk or minio'],
  [['--environment', 'moon'], '--environment is moon: native or docker'],
  [['one', 'two'], 'one folder at a time, not also two'],
  [['--tmie', '3'], '--tmie'],
])('refuses %j with exit code 3', async (argv, words) => {
  expect(await run(...argv)).toBe(3);
  expect(stderr).toContain(words);
  expect(stderr).toContain('--help shows what is valid');
  expect(stdout).toBe('');
});

it('says what is wrong with a folder, and starts nothing', async () => {
  expect(await run(folder)).toBe(3);
  expect(stderr).toMatch(/: it has no recording \(no \*\.json\) \(name a folder with recordings/);
  writeFileSync(join(folder, 'a.json'), '{"name": 1}');
  expect(await run(folder, '--out', join(folder, 'out'))).toBe(3);
  expect(stderr).toContain('a.json: name: expected text');
  expect(stderr).not.toContain('starting');
});

it('has help with an example', async () => {
  expect(await run('--help')).toBe(0);
  expect(stdout).toContain('example: npm run conformance -- vectors');
});
