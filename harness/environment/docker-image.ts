/** The images of the programs: named by the user, or built `FROM scratch` around the program from the cache. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerRuntimeClient } from 'testcontainers';
import { testcontainers } from './docker-engine.ts';
import { EnvironmentError, type Progress } from './environment.ts';
import { cachedProgram, type PinnedProgram, pinnedVersion } from './programs.ts';
import type { Register } from './register.ts';

/** The environment variables by which the user names images. They have to take the same arguments as the programs. */
const IMAGE_VARIABLES = {
  minio: 'TEMPO_S3_CHAOS_MINIO_IMAGE',
  'toxiproxy-server': 'TEMPO_S3_CHAOS_TOXIPROXY_IMAGE',
} as const;

/** The image that the user has named for the program, if so. */
function namedImage(program: PinnedProgram): string | undefined {
  return process.env[IMAGE_VARIABLES[program.name]] || undefined;
}

/** The name of the image that is built: it changes with the pinned version and with the recipe, and with nothing else. */
async function builtImageName(program: PinnedProgram): Promise<string> {
  const recipe = await readFile(join(program.folder, 'Dockerfile'));
  const digest = createHash('sha256').update(recipe).digest('hex').slice(0, 8);
  return `tempo-s3-chaos/${program.name}:${pinnedVersion(program)}-${digest}`;
}

/** Whether there is nothing to build: the user has named an image, or the engine has ours. */
export async function hasImage(program: PinnedProgram, client: ContainerRuntimeClient): Promise<boolean> {
  if (namedImage(program)) return true;
  const { ImageName } = await testcontainers();
  return client.image.exists(ImageName.fromString(await builtImageName(program)));
}

/**
 * The image of the program, built when the engine does not have it yet.
 * @throws EnvironmentError when it has to be built and cannot be.
 */
export async function findImage(
  program: PinnedProgram,
  client: ContainerRuntimeClient,
  progress: Progress,
  register: Register,
): Promise<string> {
  const name = namedImage(program) ?? (await builtImageName(program));
  if (await hasImage(program, client)) return name;

  const { GenericContainer } = await testcontainers();
  const file = await cachedProgram(program, progress, register);
  progress(`docker environment: building the image ${name}`);
  const context = register.newFolder('image');
  try {
    await copyFile(join(program.folder, 'Dockerfile'), join(context, 'Dockerfile'));
    await copyFile(file, join(context, program.name), constants.COPYFILE_FICLONE);
    await GenericContainer.fromDockerfile(context).build(name, { deleteOnExit: false });
  } catch (error) {
    throw new EnvironmentError(
      `cannot build the image ${name}: ${(error as Error).message}`,
      `free some space for the engine, or set ${IMAGE_VARIABLES[program.name]} to an image of ${program.title}`,
      { cause: error },
    );
  } finally {
    await rm(context, { recursive: true, force: true });
  }
  return name;
}
