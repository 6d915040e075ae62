/**
 * Removing containers and volumes by their label. It is done in a process of its own, since the last chance to clean up (the second
 * Ctrl-C, an uncaught error) is one in which nothing can be awaited, and a process can be waited for in either way.
 */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { packageRoot } from '../process/child.ts';

const PATIENCE_MS = 30_000;

/** Finds the engine as testcontainers does. 404 and 409: somebody else has removed it, or is about to. */
const SCRIPT = `
  const { getContainerRuntimeClient } = await import('testcontainers');
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const found = await dockerode.listContainers({ all: true, filters: { label: [process.argv[1]] } });
  await Promise.all(found.map(({ Id }) => dockerode.getContainer(Id).remove({ force: true, v: true }).catch((error) => {
    if (![404, 409].includes(error.statusCode)) throw error;
  })));
  // Anonymous volumes have gone with their containers; these have names.
  const { Volumes } = await dockerode.listVolumes({ filters: { label: [process.argv[1]] } });
  await Promise.all((Volumes ?? []).map(({ Name }) => dockerode.getVolume(Name).remove().catch((error) => {
    if (error.statusCode !== 404) throw error;
  })));
  process.exit(0);
`;

const invocation = (label: string) =>
  [
    process.execPath,
    ['--input-type=module', '--eval', SCRIPT, label],
    { cwd: packageRoot, timeout: PATIENCE_MS },
  ] as const;

/**
 * Removes every container that has the label (`name=value`), with its anonymous volumes, and every volume that has it.
 * @throws Error when the engine cannot be reached or refuses.
 */
export async function removeContainers(label: string): Promise<void> {
  try {
    await promisify(execFile)(...invocation(label));
  } catch (error) {
    throw failure(label, (error as { stderr?: string }).stderr);
  }
}

/** The same, and returns only when it is done. */
export function removeContainersNow(label: string): void {
  const [command, args, options] = invocation(label);
  const { status, stderr } = spawnSync(command, args, { ...options, encoding: 'utf8' });
  if (status !== 0) throw failure(label, stderr);
}

function failure(label: string, stderr: string | undefined): Error {
  const why = stderr?.match(/^\w*Error: .*$/m)?.[0] ?? 'the engine did not answer';
  return new Error(
    `containers with the label ${label} could not be removed (${why}); remove them with: ` +
      `docker rm --force --volumes $(docker ps --all --quiet --filter label=${label})`,
  );
}
