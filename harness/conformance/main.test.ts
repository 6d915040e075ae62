import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../process/child.ts';

/** The real program, in a process of its own. */
function conformance(...argv: string[]): Promise<{ stdout: string; stderr: string; exitCode: unknown }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(packageRoot, 'dist', 'conformance.js'), ...argv], (error, stdout, stderr) =>
      resolve({ stdout, stderr, exitCode: error?.code ?? 0 }),
    );
  });
}

it.each([[['--help']], [['-h']]])('%j is an answer and no error', async (argv) => {
  const { stdout, stderr, exitCode } = await conformance(...argv);
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  expect(stdout).toMatch(/^npm run conformance /);
});

it('refuses what it does not know', async () => {
  const { stdout, stderr, exitCode } = await conformance('--nope');
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 3 });
  expect(stderr).toContain("conformance: Unknown option '--nope'");
});
