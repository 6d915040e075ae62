import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../process/child.ts';

/** What nothing that runs reads. */
const beside = /\.map$|\/dist\/types$/;

it('runs from what the package has in it, without the sources and without another package', () => {
  const { bin, files } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    bin: Record<string, string>;
    files: string[];
  };
  const installed = mkdtempSync(join(tmpdir(), 'tempo-s3-chaos-package-'));
  try {
    for (const file of ['package.json', ...files]) {
      cpSync(join(packageRoot, file), join(installed, file), { recursive: true, filter: (from) => !beside.test(from) });
    }
    const tool = (...args: string[]) =>
      execFileSync(process.execPath, [join(installed, bin['tempo-s3-chaos'] as string), ...args], { encoding: 'utf8' });
    expect(tool('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(tool('list')).toContain('slowdown-burst');
    expect(tool('check', join(installed, 'suites/configs/tempo-4361.yaml'))).toContain('ingester.flush_op_timeout');
  } finally {
    rmSync(installed, { recursive: true, force: true });
  }
});
