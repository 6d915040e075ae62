/**
 * The data disk of a MinIO in a container: a volume of the engine's, which stays while no container uses it. One with a size is in
 * memory (tmpfs), and would be gone with the last container that uses it; so another one holds it.
 *
 * What is on it is reached through the engine alone, since who runs the harness need not be root: a file is unpacked from an archive
 * into the container that holds it.
 */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ContainerRuntimeClient } from 'testcontainers';
import { type DataDisk, type LimitedSpace, NOT_ASKED_FOR } from './data-disk.ts';
import { type RunningContainer, startContainer, unless } from './docker-container.ts';
import { EnvironmentError } from './environment.ts';
import { tarOfZeros } from './tar-of-zeros.ts';

/** Bytes. Filling it takes as much memory. */
export const VOLUME_BYTES = 512 * 1024 ** 2;
const FOLDER = '/disk';
const FILLER = 'filler';
const RESERVE = 'reserve';

export interface DockerDiskParts {
  client: ContainerRuntimeClient;
  images: { minio: string; 'toxiproxy-server': string };
  labels: Record<string, string>;
}

/** @param limited with a size of its own. @throws EnvironmentError when the engine refuses. */
export async function openDockerDisk(limited: boolean, { client, images, labels }: DockerDiskParts): Promise<DataDisk> {
  const { dockerode } = client.container;
  const volume = `tempo-s3-chaos-${randomBytes(6).toString('hex')}`;
  const mounts = [{ volume, folder: FOLDER }];
  await dockerode
    .createVolume({
      Name: volume,
      Labels: labels,
      ...(limited && { DriverOpts: { type: 'tmpfs', device: 'tmpfs', o: `size=${VOLUME_BYTES}` } }),
    })
    .catch((error: Error) => {
      throw new EnvironmentError(`cannot make a volume: ${error.message}`, 'free some space for the engine', {
        cause: error,
      });
    });
  const remove = () => dockerode.getVolume(volume).remove().catch(unless(404));
  let holder: RunningContainer | undefined;
  try {
    // Any program of ours that runs until it is ended will do.
    const idle = ['-host', '127.0.0.1', '-port', '0'];
    if (limited) holder = await startContainer(client, images['toxiproxy-server'], idle, {}, labels, mounts);
  } catch (error) {
    await remove().catch(() => {});
    throw error;
  }
  return {
    folder: `${FOLDER}/data`,
    space: holder ? spaceOf(holder) : NOT_ASKED_FOR,
    launch: ({ program, args, env }) => startContainer(client, images[program], args, env, labels, mounts),
    async close() {
      await holder?.kill();
      await remove();
    },
  };
}

function spaceOf(holder: RunningContainer): LimitedSpace {
  const write = (...files: { name: string; bytes: number }[]) =>
    holder.unpack(Readable.from(tarOfZeros(files)), FOLDER).then(
      () => undefined,
      (error: Error) => error,
    );
  return {
    limited: true,
    bytes: VOLUME_BYTES,
    /** What is to be left is taken first, then all of the rest, which must fail; then what is to be left is given back. */
    async fill(free) {
      const full = await write({ name: RESERVE, bytes: free }, { name: FILLER, bytes: VOLUME_BYTES });
      const hasRoom = !full?.message.includes(`${FOLDER}/${FILLER}: no space left`);
      const failure = await write({ name: RESERVE, bytes: 0 }, ...(hasRoom ? [{ name: FILLER, bytes: 0 }] : []));
      if (failure) throw failure;
      if (!hasRoom) return;
      if (full?.message.includes('no space left')) {
        throw new Error(`fewer than ${free} bytes are free on its data disk of ${VOLUME_BYTES}`);
      }
      throw full ?? new Error('its data disk took more than it has room for');
    },
    async empty() {
      const failure = await write({ name: FILLER, bytes: 0 });
      if (failure) throw failure;
    },
  };
}
