/** What every environment does alike: MinIO and Toxiproxy started side by side, watched, and taken down together. */
import type { DataDisk } from './data-disk.ts';
import { EnvironmentError, type OwnServer, type StartedEnvironment } from './environment.ts';
import { askMinio, minioCommand, newCredentials } from './minio-program.ts';
import { startOwnServer } from './own-server.ts';
import type { ProgramCommand } from './program-command.ts';
import type { RunningProgram } from './running-program.ts';
import { saysPortTaken, startAnswering } from './start-answering.ts';

const NOTHING_TO_DO = 'nothing is to be done, the run was ended';

export interface EnvironmentParts {
  name: StartedEnvironment['name'];
  origin: string;
  /** Where MinIO keeps its data, as MinIO sees it. */
  dataFolder: string;
  launch(command: ProgramCommand): Promise<RunningProgram>;
  /** A data disk for a MinIO of one lease's own; `limited`: of a size of its own, where that can be had. */
  openDisk(name: string, limited: boolean): Promise<DataDisk>;
  /** What to do when a program does not come up. */
  remedy: string;
  /** Called once both programs have ended. */
  afterwards(): Promise<void>;
}

/** @throws EnvironmentError when one of them does not come up; then neither is left running. */
export async function startEnvironment(parts: EnvironmentParts): Promise<StartedEnvironment> {
  const credentials = newCredentials();
  const starts = await Promise.allSettled([
    startAnswering({
      title: 'MinIO',
      ask: (port) => askMinio(port, credentials),
      launch: (port) => parts.launch(minioCommand({ port, dataFolder: parts.dataFolder, credentials })),
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
  const servers = new Set<OwnServer>();
  const takeDown = async () => {
    const gone = await Promise.allSettled([...servers].map((server) => server[Symbol.asyncDispose]()));
    await Promise.all(running.map((program) => program.stop()));
    await parts.afterwards();
    const failed = gone.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
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
    async startServer(name, { limitedDisk = false } = {}) {
      const disk = await parts.openDisk(name, limitedDisk);
      const server = await startOwnServer({
        name,
        disk,
        remedy: parts.remedy,
        afterwards: () => servers.delete(server),
      });
      servers.add(server);
      // The environment went down while it came up.
      if (disposed) {
        await server[Symbol.asyncDispose]();
        throw new EnvironmentError(`the run is over: the S3 server of lease ${name} comes too late`, NOTHING_TO_DO);
      }
      return server;
    },
    [Symbol.asyncDispose]() {
      disposed ??= takeDown();
      return disposed;
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

async function askToxiproxy(port: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/version`);
  await response.text();
  if (!response.ok) throw new Error(`status ${response.status}`);
}
