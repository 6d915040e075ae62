import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { goIsNewEnough } from './go-toolchain.ts';
import { cachedFile, findProgram, inCache, minio, onPath, pinnedVersion, toxiproxy } from './programs.ts';
import { openRegister, type Register } from './register.ts';

let folder: string;
let register: Register;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'programs-'));
  for (const name of ['first', 'second', 'cache']) mkdirSync(join(folder, name));
  vi.stubEnv('TEMPO_S3_CHAOS_STATE', join(folder, 'state'));
  vi.stubEnv('TEMPO_S3_CHAOS_CACHE', join(folder, 'cache'));
  vi.stubEnv('PATH', `${join(folder, 'first')}:${join(folder, 'second')}:/usr/bin:/bin`);
  register = await openRegister(() => {});
});
afterEach(async () => {
  await register.close();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

function script(file: string, text: string): string {
  const path = join(folder, file);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

test('the pins are read from go.mod, and name the cached file together with the platform', () => {
  expect(pinnedVersion(toxiproxy)).toBe('v2.12.0');
  expect(pinnedVersion(minio)).toBe('v0.0.0-20260212201848-7aac2a2c5b7c');
  expect(cachedFile(toxiproxy)).toBe(
    join(folder, 'cache', `toxiproxy-server-v2.12.0-${process.platform}-${process.arch}`),
  );
});

test('a program on PATH is taken before one in the cache', async () => {
  const file = script('second/minio', 'echo minio version RELEASE.2025');
  writeFileSync(cachedFile(minio), '');
  expect(await findProgram(minio, () => {}, register)).toEqual({ file, origin: 'PATH' });
});

test('what only has the name of the program is passed over', async () => {
  script('first/minio', 'echo Minio the dog, version 3');
  const real = script('second/minio', 'echo minio version RELEASE.2025');
  expect(await onPath(minio)).toBe(real);
  script('second/minio', 'exit 1');
  expect(await onPath(minio)).toBeUndefined();
  writeFileSync(cachedFile(minio), '');
  expect(await findProgram(minio, () => {}, register)).toEqual({ file: cachedFile(minio), origin: 'cache' });
});

test('a file that cannot be executed, and a folder, are no programs', async () => {
  writeFileSync(join(folder, 'first', 'minio'), '#!/bin/sh\necho minio version 1\n');
  mkdirSync(join(folder, 'second', 'minio'));
  expect(await onPath(minio)).toBeUndefined();
});

test('a program of another version in the cache is not taken', () => {
  writeFileSync(join(folder, 'cache', `toxiproxy-server-v2.11.0-${process.platform}-${process.arch}`), '');
  expect(inCache(toxiproxy)).toBeUndefined();
});

test('versions of Go are compared by number, not by letter', () => {
  expect(goIsNewEnough('1.26.8', '1.25.0')).toBe(true);
  expect(goIsNewEnough('1.25', '1.25.0')).toBe(true);
  expect(goIsNewEnough('1.9.7', '1.25.0')).toBe(false);
  expect(goIsNewEnough('1.24.9', '1.25.0')).toBe(false);
});
