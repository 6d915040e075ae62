/** A program of the environment as a container on the host's network. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { ContainerRuntimeClient } from 'testcontainers';
import { testcontainers } from './docker-engine.ts';
import { EnvironmentError } from './environment.ts';
import { LastLines, type RunningProgram } from './running-program.ts';
import { within } from './within.ts';

const PATIENCE_S = 3;
/** How long the log of an ended container is waited for. */
const LOG_PATIENCE_MS = 1000;

/** A volume of the engine's, and where in the container it is. */
export interface VolumeMount {
  volume: string;
  folder: string;
}

export interface RunningContainer extends RunningProgram {
  /** Unpacks a tar archive below a folder of the container, a paused one too. @throws Error with what the engine says. */
  unpack(archive: Readable, folder: string): Promise<void>;
}

/**
 * Starts a container. That it runs does not mean that it answers.
 * @throws EnvironmentError when the engine refuses.
 */
export async function startContainer(
  client: ContainerRuntimeClient,
  image: string,
  args: string[],
  env: Record<string, string>,
  labels: Record<string, string>,
  mounts: readonly VolumeMount[] = [],
): Promise<RunningContainer> {
  const { GenericContainer } = await testcontainers();
  const name = `tempo-s3-chaos-${randomBytes(6).toString('hex')}`;
  const container = client.container.dockerode.getContainer(name);
  // 404: it never came to be, or somebody else has removed it. 409: somebody else is removing it.
  const remove = () => container.remove({ force: true, v: true }).catch(unless(404, 409));
  const lines = new LastLines();
  let logEnded: Promise<unknown> = Promise.resolve();
  try {
    await new GenericContainer(image)
      .withName(name)
      .withNetworkMode('host')
      .withCommand(args)
      .withEnvironment(env)
      .withLabels(labels)
      .withBindMounts(mounts.map(({ volume, folder }) => ({ source: volume, target: folder })))
      .withLogConsumer((log: Readable) => {
        log.on('data', (text) => lines.add(String(text)));
        logEnded = once(log, 'end').catch(() => {});
      })
      .start();
  } catch (error) {
    await remove();
    throw new EnvironmentError(
      `cannot start a container of ${image}: ${(error as Error).message}`,
      `see whether it starts by hand: docker run --rm --network host ${image} --version`,
      { cause: error },
    );
  }
  const ended = (async () => {
    try {
      const { StatusCode } = (await container.wait()) as { StatusCode: number };
      await within(LOG_PATIENCE_MS, logEnded, undefined);
      return `ended with code ${StatusCode}`;
    } catch (error) {
      return `cannot be followed any longer: ${(error as Error).message}`;
    }
  })();
  let over: Promise<void> | undefined;
  const afterwards = async () => {
    await ended;
    await remove();
  };
  return {
    ended,
    output: () => lines.text,
    stop() {
      // 304: it has ended already.
      over ??= container.stop({ t: PATIENCE_S }).catch(unless(304, 404)).then(afterwards);
      return over;
    },
    kill() {
      // 409: it has ended already.
      over ??= container.kill().catch(unless(404, 409)).then(afterwards);
      return over;
    },
    pause: async () => void (await container.pause()),
    resume: async () => void (await container.unpause()),
    unpack: async (archive, folder) => void (await container.putArchive(archive, { path: folder })),
  };
}

/** Lets these answers of the engine pass, and throws the others. */
export function unless(...statusCodes: number[]) {
  return (error: { statusCode?: number }) => {
    if (!statusCodes.includes(error.statusCode ?? 0)) throw error;
  };
}
