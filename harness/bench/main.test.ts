import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../process/child.ts';

/** The real program, in a process of its own. */
function bench(...argv: string[]): Promise<{ stdout: string; stderr: string; exitCode: unknown }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(packageRoot, 'dist', 'bench.js'), ...argv], (error, stdout, stderr) =>
      resolve({ stdout, stderr, exitCode: error?.code ?? 0 }),
    );
  });
}

it.each([[['--help']], [['attribution', '--help']], [['judging', '-h']]])(
  '%j is an answer and no error, with every bench',
  async (argv) => {
    const { stdout, stderr, exitCode } = await bench(...argv);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).toMatch(/^Usage: npm run bench/);
    for (const name of ['path', 'side-by-side', 'judging', 'attribution'])
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  },
);

it.each([
  [['nope'], 'bench: none is named nope: there are path, '],
  [['path', '--seed', '1'], 'bench: --seed 1: options are for the bench attribution alone'],
])('refuses %j, and measures nothing', async (argv, problem) => {
  const { stdout, stderr, exitCode } = await bench(...argv);
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 3 });
  expect(stderr).toContain(problem);
});
