/** The Go toolchain that the programs are built with, if they have to be. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { GoProgram } from './programs.ts';

/** The oldest Go that builds the program: `1.25.0`. */
export function neededGo(program: GoProgram): string {
  return readFileSync(join(program.folder, program.modFile ?? 'go.mod'), 'utf8').match(/^go (\S+)$/m)?.[1] ?? '1.25';
}

/** The version of the Go on PATH, `1.26.8`; `undefined` when there is none. */
export async function installedGo(): Promise<string | undefined> {
  try {
    // In a folder without a go.mod, or an old Go would go and fetch a newer one.
    const { stdout } = await promisify(execFile)('go', ['env', 'GOVERSION'], { cwd: tmpdir() });
    return stdout.match(/go(\d+(?:\.\d+)*)/)?.[1];
  } catch {
    return undefined;
  }
}

/** Whether a Go of version `installed` builds what needs `needed`. From 1.21 on, it fetches a newer one by itself unless told not to. */
export function goIsNewEnough(installed: string, needed: string): boolean {
  return compareVersions(installed, needed) >= 0;
}

function compareVersions(left: string, right: string): number {
  const [a, b] = [left, right].map((version) => version.split('.').map(Number)) as [number[], number[]];
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
