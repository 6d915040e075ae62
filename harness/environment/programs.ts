/**
 * The programs beside the harness, and where they are found: on PATH, else in the user's cache, else built into the
 * cache from the Go module that docker/<name> pins.
 */
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../process/child.ts';
import type { Progress } from './environment.ts';
import { cacheFolder } from './folders.ts';
import { buildProgram } from './go-build.ts';
import type { Register } from './register.ts';

/** What can be built from a Go module of ours. */
export interface GoProgram {
  readonly name: string;
  readonly title: string;
  /** The folder with go.mod and go.sum. */
  readonly folder: string;
  /** The file that is read in place of go.mod. Its go.sum is beside it, and named as it is. */
  readonly modFile?: string;
  /** The package of the program. */
  readonly package: string;
  /** How long a first build takes on 2 cores. */
  readonly estimate: string;
  /** How many packages a first build compiles: `go list -deps <package>`. */
  readonly packages: number;
  /** One on PATH is taken as well. */
  readonly mayBeOnPath: boolean;
}

/** A program that its go.mod pins. A Dockerfile is beside it. */
export interface PinnedProgram extends GoProgram {
  readonly name: 'minio' | 'toxiproxy-server';
  readonly module: string;
  /** What its `--version` begins with. */
  readonly introduction: string;
}

export const minio: PinnedProgram = {
  name: 'minio',
  title: 'MinIO',
  folder: join(packageRoot, 'docker', 'minio'),
  module: 'github.com/minio/minio',
  package: 'github.com/minio/minio',
  introduction: 'minio version',
  estimate: 'about 2 minutes',
  packages: 1301,
  mayBeOnPath: true,
};

export const toxiproxy: PinnedProgram = {
  name: 'toxiproxy-server',
  title: 'Toxiproxy',
  folder: join(packageRoot, 'docker', 'toxiproxy'),
  module: 'github.com/Shopify/toxiproxy/v2',
  package: 'github.com/Shopify/toxiproxy/v2/cmd/server',
  introduction: 'toxiproxy-server version',
  estimate: 'about 20 seconds',
  packages: 267,
  mayBeOnPath: true,
};

export interface FoundProgram {
  file: string;
  origin: 'PATH' | 'cache';
}

const VERSION_PATIENCE_MS = 10_000;

/** The version that the program's go.mod pins: `v2.12.0`. */
export function pinnedVersion(program: PinnedProgram): string {
  const goMod = readFileSync(join(program.folder, 'go.mod'), 'utf8');
  const line = goMod.split('\n').find((text) =>
    text
      .replace(/^require/, '')
      .trim()
      .startsWith(`${program.module} `),
  );
  const version = line?.match(/\sv\S+/)?.[0].trim();
  if (!version) throw new Error(`${program.folder}/go.mod pins no version of ${program.module}`);
  return version;
}

/** Where the built program is kept: its name tells version and platform, so that a new pin is a new file. */
export function cachedFile(program: PinnedProgram): string {
  const platform = `${process.platform}-${process.arch}`;
  return join(cacheFolder(), `${program.name}-${pinnedVersion(program)}-${platform}`);
}

/** The program on PATH, if there is one and it says that it is what its name promises. */
export async function onPath(program: PinnedProgram): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, program.name);
    if (folder && isExecutable(file) && (await introducesItself(file, program))) return file;
  }
  return undefined;
}

/** The program in the cache, if it is there. */
export function inCache(program: PinnedProgram): string | undefined {
  const file = cachedFile(program);
  return existsSync(file) ? file : undefined;
}

/**
 * Finds the program, and builds it when it is nowhere.
 * @throws EnvironmentError when it has to be built and cannot be.
 */
export async function findProgram(
  program: PinnedProgram,
  progress: Progress,
  register: Register,
): Promise<FoundProgram> {
  const file = await onPath(program);
  if (file) return { file, origin: 'PATH' };
  return { file: await cachedProgram(program, progress, register), origin: 'cache' };
}

/**
 * The program from the cache, built when it is not there: always the pinned version, and always static.
 * @throws EnvironmentError when it has to be built and cannot be.
 */
export async function cachedProgram(program: PinnedProgram, progress: Progress, register: Register): Promise<string> {
  return inCache(program) ?? (await buildProgram(program, cachedFile(program), progress, register));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function introducesItself(file: string, program: PinnedProgram): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)(file, ['--version'], { timeout: VERSION_PATIENCE_MS });
    return stdout.startsWith(program.introduction);
  } catch {
    // It cannot be run, or knows no --version: something else of the same name.
    return false;
  }
}
