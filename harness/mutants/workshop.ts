/**
 * Where mutants are made: below one temporary folder, each in a copy of the sources of its own, with a build of its own. Nothing of it is
 * left when it is disposed of, nor when this process ends in whatever way it can notice.
 */
import { rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { packageRoot } from '../process/child.ts';
import { apply } from './apply.ts';
import type { Mutant } from './mutant.ts';
import { runTool } from './tool-process.ts';

/** What a build and a run need. Packages are not copied: `node_modules` is a link. */
const copied = [
  'harness',
  'suites/scenarios',
  'suites/configs',
  'docker',
  'bin',
  'build.mjs',
  'package.json',
  // For tests.
  'suites/build-first.ts',
  'vitest.config.ts',
  'tsconfig.json',
];

/** A build takes a second; on a machine that is at its limit, many. */
const BUILD_PATIENCE_MS = 120_000;

/** A source that does not build is no mutant. */
export class BuildError extends Error {
  override readonly name = 'BuildError';
}

export class Workshop implements AsyncDisposable {
  #count = 0;
  readonly #onExit: () => void;

  private constructor(
    readonly folder: string,
    private readonly clock: Clock,
    /** Folders of builds stay, to be looked into. */
    private readonly keeps: boolean,
  ) {
    this.#onExit = () => rmSync(folder, { recursive: true, force: true });
    if (!keeps) process.once('exit', this.#onExit);
  }

  static async open(clock: Clock, keeps = false): Promise<Workshop> {
    return new Workshop(await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-mutants-')), clock, keeps);
  }

  /** Copies the sources, makes the edits, and builds. Gives the folder. @throws MisplacedMutant, BuildError, the signal's reason. */
  async build(mutant: Pick<Mutant, 'name' | 'edits'>, signal: AbortSignal): Promise<string> {
    const folder = join(this.folder, `${++this.#count}-${mutant.name}`);
    for (const part of copied) {
      await cp(join(packageRoot, part), join(folder, part), { recursive: true });
    }
    await symlink(join(packageRoot, 'node_modules'), join(folder, 'node_modules'));
    await mkdir(join(folder, 'results'));
    await apply(mutant, folder);
    const built = await runTool(['build.mjs'], {
      folder,
      patienceMs: BUILD_PATIENCE_MS,
      clock: this.clock,
      signal,
    });
    if (built.code !== 0)
      throw new BuildError(`mutant ${mutant.name} does not build: ${built.stderr.trim() || 'it took too long'}`);
    return folder;
  }

  /** Removes what `build` gave. */
  async clear(folder: string): Promise<void> {
    if (!this.keeps) await rm(folder, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.keeps) return;
    process.off('exit', this.#onExit);
    await rm(this.folder, { recursive: true, force: true });
  }
}
