/** The environment of programs that run on this machine, as the user who runs the harness. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Diagnosis, EnvironmentKind, Progress, StartedEnvironment } from './environment.ts';
import { goIsNewEnough, installedGo, neededGo } from './go-toolchain.ts';
import { diagnoseMemoryDisk } from './memory-disk.ts';
import { openNativeDisk } from './native-disk.ts';
import { startProcess } from './native-process.ts';
import { cachedFile, findProgram, inCache, minio, onPath, type PinnedProgram, toxiproxy } from './programs.ts';
import type { Register } from './register.ts';
import { startEnvironment } from './start-environment.ts';

export const native: EnvironmentKind = { name: 'native', diagnose, diagnoseDisk: diagnoseMemoryDisk, start };

async function start(progress: Progress, register: Register): Promise<StartedEnvironment> {
  const found = {
    'toxiproxy-server': await findProgram(toxiproxy, progress, register),
    minio: await findProgram(minio, progress, register),
  };
  progress('native environment: starting MinIO and Toxiproxy');
  const folder = register.newFolder('minio');
  return startEnvironment({
    name: 'native',
    origin: [...new Set(Object.values(found).map(({ origin }) => origin))].sort().join(' and '),
    dataFolder: join(folder, 'data'),
    launch: async ({ program, args, env }) =>
      // Not the user's environment, and not the user's home: ~/.minio/certs would turn TLS on.
      startProcess({ name: program, file: found[program].file, args, env: { HOME: folder, ...env }, folder }, register),
    openDisk: (name, limited) => openNativeDisk(name, limited, found.minio.file, register),
    remedy: `see whether ${found.minio.file} and ${found['toxiproxy-server'].file} run by hand; one in the cache can be deleted and is then built again`,
    afterwards: () => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }),
  });
}

async function diagnose(): Promise<Diagnosis> {
  const details: string[] = [];
  const missing: PinnedProgram[] = [];
  for (const program of [minio, toxiproxy]) {
    const file = (await onPath(program)) ?? inCache(program);
    if (file) details.push(`${program.title}: ${file}`);
    else missing.push(program);
  }
  const build = await diagnoseBuild(missing);
  return build.works ? { works: true, detail: [...details, build.detail].filter(Boolean).join('; ') } : build;
}

/** Whether these programs, which are neither on PATH nor in the cache, could be built. */
export async function diagnoseBuild(missing: PinnedProgram[]): Promise<Diagnosis> {
  if (missing.length === 0) return { works: true, detail: '' };
  const needed = missing.map(neededGo).sort((a, b) => (goIsNewEnough(a, b) ? -1 : 1))[0] as string;
  const installed = await installedGo();
  if (installed && goIsNewEnough(installed, needed)) {
    const plans = missing.map(
      (program) =>
        `${program.title}: will be built with Go ${installed}, once, in ${program.estimate}, as ${cachedFile(program)}`,
    );
    return { works: true, detail: plans.join('; ') };
  }
  const names = missing.map(({ name }) => name).join(' and ');
  const why = installed ? `Go ${installed} is too old to build it` : 'there is no Go on PATH to build it with';
  return {
    works: false,
    problem: `${names}: neither on PATH nor in the cache, and ${why}`,
    remedy: `install Go ${needed} or later (https://go.dev/doc/install), or put ${names} on PATH`,
  };
}
