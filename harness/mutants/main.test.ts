import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packageRoot } from '../process/child.ts';

let temporary: string;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'mutants-main-'));
});
afterEach(() => rmSync(temporary, { recursive: true }));

/** The real program, in a process of its own; also what it leaves behind. */
async function mutants(...argv: string[]) {
  const child = spawn(process.execPath, [join(packageRoot, 'dist', 'mutants.js'), ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: temporary },
  });
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { stdout, stderr, exitCode, left: readdirSync(temporary) };
}

it.each([
  ['mutants', ['--help'], '--write-docs', '--rounds'],
  ['false alarms', ['false-alarms', '-h'], '--rounds', '--only'],
])('the help of %s is an answer and no error, with its own options', async (_, argv, has, hasNot) => {
  const { stdout, stderr, exitCode } = await mutants(...argv);
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  expect(stdout).toMatch(/^Usage: npm run mutants/);
  expect(stdout).toContain(has);
  expect(stdout).not.toContain(hasNot);
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

it.each([
  [['--nope'], "Unknown option '--nope'"],
  [['--only', 'meta-frist'], 'there is no mutant "meta-frist": did you mean meta-first?'],
  [['false-alarms', '--rounds', '0'], '--rounds is "0": a whole number from 1 on'],
])('refuses %j with the remedy, exit code 3, and nothing left behind', async (argv, problem) => {
  const { stdout, stderr, exitCode, left } = await mutants(...argv);
  expect({ stdout, exitCode, left }).toEqual({ stdout: '', exitCode: 3, left: [] });
  expect(stderr).toBe(`mutants: ${problem}\n  remedy: --help shows what is valid\n`);
});

it('prints the list as one JSON document when it is asked for one, and runs nothing', async () => {
  const { stdout, stderr, exitCode, left } = await mutants('--list', '--json', '--only', 'meta-first');
  expect({ stderr, exitCode, left }).toEqual({ stderr: '', exitCode: 0, left: [] });
  expect(JSON.parse(stdout)).toMatchObject({
    format: 1,
    mutants: [{ name: 'meta-first', scenario: 'healthy', client: 'minio', caughtBy: 'atomicity', says: 'fail' }],
  });
});
