/**
 * The environment of containers, by testcontainers. They share the host's network, with everything bound to 127.0.0.1:
 * a published port would be open to the world, and a bridged container does not reach the gateway on loopback.
 */

import { startContainer } from './docker-container.ts';
import { openDockerDisk, VOLUME_BYTES } from './docker-disk.ts';
import { findEngine } from './docker-engine.ts';
import { findImage, hasImage } from './docker-image.ts';
import {
  type Diagnosis,
  EnvironmentError,
  type EnvironmentKind,
  type Progress,
  type StartedEnvironment,
} from './environment.ts';
import { diagnoseBuild } from './native.ts';
import { inCache, minio, toxiproxy } from './programs.ts';
import type { Register } from './register.ts';
import { startEnvironment } from './start-environment.ts';

export const docker: EnvironmentKind = { name: 'docker', diagnose, diagnoseDisk, start };

async function start(progress: Progress, register: Register): Promise<StartedEnvironment> {
  const engine = await findEngine();
  if ('problem' in engine) throw new EnvironmentError(`docker: ${engine.problem}`, engine.remedy);
  const { client } = engine;
  const images = {
    'toxiproxy-server': await findImage(toxiproxy, client, progress, register),
    minio: await findImage(minio, client, progress, register),
  };
  progress('docker environment: starting the containers of MinIO and Toxiproxy');
  const labels = register.enterContainers();
  return startEnvironment({
    name: 'docker',
    origin: 'images',
    dataFolder: '/data',
    launch: ({ program, args, env }) => startContainer(client, images[program], args, env, labels),
    openDisk: (_name, limited) => openDockerDisk(limited, { client, images, labels }),
    remedy:
      'the engine must share the network of this machine: run the harness beside it, not in a container with a network of its own, ' +
      'or use --environment native',
    afterwards: async () => register.leaveContainers(),
  });
}

async function diagnose(): Promise<Diagnosis> {
  const engine = await findEngine();
  if ('problem' in engine) return { works: false, problem: engine.problem, remedy: engine.remedy };
  const toBuild = [];
  for (const program of [minio, toxiproxy]) {
    if (!(await hasImage(program, engine.client)) && !inCache(program)) toBuild.push(program);
  }
  const build = await diagnoseBuild(toBuild);
  return build.works
    ? { works: true, detail: [`engine ${engine.version}`, build.detail].filter(Boolean).join('; ') }
    : build;
}

/** A volume in memory is what any engine of Linux has. */
async function diagnoseDisk(): Promise<Diagnosis> {
  return { works: true, detail: `a data disk can be limited to ${VOLUME_BYTES / 1024 ** 2} MiB, in memory` };
}
