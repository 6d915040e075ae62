/** What every environment does alike: MinIO and Toxiproxy started side by side, watched, and taken down together. */
import { randomBytes } from 'node:crypto';
import { type Credentials, EnvironmentError, type StartedEnvironment } from './environment.ts';
import type { RunningProgram } from './running-program.ts';
import { saysPortTaken, startAnswering } from './start-answering.ts';

/** How one program is to run, told without saying where. */
export interface ProgramCommand {
  program: 'minio' | 'toxiproxy-server';
  args: string[];
  env: Record<string, string>;
}

export interface EnvironmentParts {
  name: StartedEnvironment['name'];
  origin: string;
  /** Where MinIO keeps its data, as MinIO sees it. */
  dataFolder: string;
  launch(command: ProgramCommand): Promise<RunningProgram>;
  /** What to do when a program does not come up. */
  remedy: string;
  /** Called once both programs have ended. */
  afterwards(): Promise<void>;
}

/** @throws EnvironmentError when one of them does not come up; then neither is left running. */
export async function startEnvironment(parts: EnvironmentParts): Promise<StartedEnvironment> {
  const credentials = {
    accessKeyId: `chaos${randomBytes(8).toString('hex')}`,
    secretAccessKey: randomBytes(20).toString('hex'),
  };
  const starts = await Promise.allSettled([
    startAnswering({
      title: 'MinIO',
      ask: (port) => askMinio(port, credentials),
      launch: (port) => parts.launch(minioCommand(port, parts.dataFolder, credentials)),
      remedy: parts.remedy,
    }),
    startAnswering({
      title: 'Toxiproxy',
      ask: askToxiproxy,
      launch: (port) => parts.launch(toxiproxyCommand(port)),
      remedy: parts.remedy,
    }),
  ]);
  const running = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value.program] : []));
  const takeDown = async () => {
    await Promise.all(running.map((program) => program.stop()));
    await parts.afterwards();
  };
  const [minio, toxiproxy] = starts;
  if (minio.status === 'rejected' || toxiproxy.status === 'rejected') {
    await takeDown();
    throw minio.status === 'rejected' ? minio.reason : (toxiproxy as PromiseRejectedResult).reason;
  }
  // Whoever took the port may have answered before Toxiproxy had found that out. MinIO takes longer: by now it has.
  if (saysPortTaken(toxiproxy.value.program)) {
    await takeDown();
    throw new EnvironmentError(`Toxiproxy lost its port ${toxiproxy.value.port} to another program`, 'try again');
  }

  let disposed: Promise<void> | undefined;
  const died = new Promise<string>((resolve) => {
    for (const [title, { program }] of [
      ['MinIO', minio.value],
      ['Toxiproxy', toxiproxy.value],
    ] as const) {
      program.ended.then((how) => {
        const said = program.output();
        if (!disposed) resolve(`${title} ${how}${said && `: ${said}`}`);
      });
    }
  });
  return {
    name: parts.name,
    origin: parts.origin,
    minio: { host: '127.0.0.1', port: minio.value.port, credentials },
    toxiproxy: { host: '127.0.0.1', port: toxiproxy.value.port },
    died,
    [Symbol.asyncDispose]() {
      disposed ??= takeDown();
      return disposed;
    },
  };
}

/** No MINIO_REGION: without one, MinIO accepts signatures for whatever region a config names. */
function minioCommand(port: number, dataFolder: string, credentials: Credentials): ProgramCommand {
  return {
    program: 'minio',
    args: ['server', '--quiet', '--address', `127.0.0.1:${port}`, dataFolder],
    env: {
      MINIO_ROOT_USER: credentials.accessKeyId,
      MINIO_ROOT_PASSWORD: credentials.secretAccessKey,
      MINIO_BROWSER: 'off',
      // Nothing calls out, and nothing competes with the requests that are being measured.
      MINIO_UPDATE: 'off',
      MINIO_CALLHOME_ENABLE: 'off',
      MINIO_SCANNER_SPEED: 'slowest',
      MINIO_SCANNER_CYCLE: '24h',
      MINIO_HEAL_BITROTSCAN: 'off',
    },
  };
}

/** Toxiproxy logs each connection at its default level: a line for every new connection of every client. */
function toxiproxyCommand(port: number): ProgramCommand {
  return {
    program: 'toxiproxy-server',
    args: ['-host', '127.0.0.1', '-port', String(port), '-proxy-metrics'],
    env: { LOG_LEVEL: 'warn' },
  };
}

/** Signed with this run's credentials, so that no other MinIO is taken for ours, and for a region that it was not told. */
async function askMinio(port: number, credentials: Credentials): Promise<void> {
  const { Client } = await import('minio');
  await new Client({
    endPoint: '127.0.0.1',
    port,
    useSSL: false,
    region: 'us-west-2',
    accessKey: credentials.accessKeyId,
    secretKey: credentials.secretAccessKey,
    // Each retry would be told on the console.
    retryOptions: { disableRetry: true },
  }).listBuckets();
}

async function askToxiproxy(port: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/version`);
  await response.text();
  if (!response.ok) throw new Error(`status ${response.status}`);
}
