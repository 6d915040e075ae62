/** All that a comparison needs, for as long as it takes: the stage, and the clients. */
import type { Clock } from '../clock.ts';
import type { EnvironmentKind, Progress } from '../environment/environment.ts';
import { openRegister } from '../environment/register.ts';
import { clientNames } from '../object-store/clients.ts';
import { buildMinioGo, minioGoVersions, startMinioGo } from './minio-go.ts';
import { ourClient } from './our-client.ts';
import { region, Stage } from './stage.ts';
import { type Backoff, realBackoff, shortBackoff, type Way } from './way.ts';

export interface ClientsOptions {
  environment?: 'auto' | EnvironmentKind['name'];
  seed: number;
  clock: Clock;
  progress: Progress;
  signal: AbortSignal;
}

export interface ConformanceParts {
  stage: Stage;
  /** The clients, with short waits between attempts. The first is what the others are compared with. */
  ways: readonly Way[];
  /** The same clients, with waits as long as Tempo's. */
  unhurried: readonly Way[];
}

/**
 * Starts everything, calls `work`, and takes everything down again, also when the signal ends it first.
 * The clients are minio-go of Tempo 2.9, of Tempo 3.0, then ours over each SDK.
 * @throws EnvironmentError when it cannot be started: without Go, with what to install.
 */
export async function withClients<T>(
  { environment = 'auto', seed, clock, progress, signal }: ClientsOptions,
  work: (parts: ConformanceParts) => Promise<T>,
): Promise<T> {
  await using register = await openRegister(progress);
  const onExit = () => register.closeNow();
  process.once('exit', onExit);
  try {
    // Before all else: without Go there is nothing to compare with.
    const programs: { version: string; file: string }[] = [];
    for (const one of minioGoVersions) {
      programs.push({ version: one.version, file: await buildMinioGo(one, progress, register) });
      signal.throwIfAborted();
    }
    await using stage = await Stage.start(environment, { register, progress, clock });
    const { credentials } = stage.environment.minio;
    const started: Way[] = [];
    const clients = async (backoff: Backoff): Promise<Way[]> => {
      const common = { credentials, region, backoff };
      const ways: Way[] = [];
      for (const { version, file } of programs) {
        const way = await startMinioGo(version, file, { ...common, register });
        started.push(way);
        ways.push(way);
      }
      for (const client of clientNames) {
        ways.push(ourClient(client, { ...common, seed, clock }));
      }
      return ways;
    };
    let onAbort = () => {};
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal.reason);
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });
    // It is awaited only once all clients have been started.
    aborted.catch(() => {});
    try {
      const ways = await clients(shortBackoff);
      const unhurried = await clients(realBackoff);
      return await Promise.race([work({ stage, ways, unhurried }), aborted]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      for (const way of started) await way[Symbol.asyncDispose]();
    }
  } finally {
    process.off('exit', onExit);
  }
}
