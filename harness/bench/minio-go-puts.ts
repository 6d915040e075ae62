/** Puts by the client that Tempo has: minio-go, in the program of conformance/minio-go. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { buildMinioGo, minioGoVersions } from '../conformance/minio-go.ts';
import type { Credentials } from '../environment/environment.ts';
import type { Register } from '../environment/register.ts';
import type { Batch, Puts, Timed } from './puts.ts';

export interface MinioGoPuts extends Puts, AsyncDisposable {}

/**
 * Starts the program, with the minio-go of Tempo 2.9, to put objects by `endpoint`.
 * @throws EnvironmentError when it cannot be built: without Go, with what to install.
 */
export async function startMinioGoPuts(
  endpoint: { host: string; port: number },
  options: { name: string; credentials: Credentials; region: string; bucket: string; partSize: number },
  register: Register,
): Promise<MinioGoPuts> {
  const { name, credentials, ...told } = options;
  const [version] = minioGoVersions as [(typeof minioGoVersions)[number]];
  const file = await buildMinioGo(version, (line) => console.error(line), register);
  const child = spawn(file, ['-bench'], {
    env: { ACCESS_KEY: credentials.accessKeyId, SECRET_KEY: credentials.secretAccessKey },
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  if (child.pid !== undefined) register.enterProcess(child.pid, `minio-go ${version.version}`);
  return new Program(name, child, { ...told, endpoint: `${endpoint.host}:${endpoint.port}` }, () => {
    if (child.pid !== undefined) register.leaveProcess(child.pid);
  });
}

class Program implements MinioGoPuts {
  readonly #lines: Interface;
  #ids = 0;

  constructor(
    readonly name: string,
    private readonly child: ChildProcessByStdio<Writable, Readable, null>,
    private readonly told: Record<string, string | number>,
    private readonly onEnd: () => void,
  ) {
    this.#lines = createInterface({ input: child.stdout });
  }

  async put({ file, keys, parallel }: Batch): Promise<Timed> {
    const ended = once(this.child, 'exit').then(([code]) => {
      throw new Error(`bench: minio-go ended with exit code ${code} in the middle of a batch`);
    });
    const line = once(this.#lines, 'line').then(([text]) => JSON.parse(text as string) as Timed);
    this.child.stdin.write(`${JSON.stringify({ id: String(++this.#ids), file, keys, parallel, ...this.told })}\n`);
    return Promise.race([line, ended]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = this.child.exitCode === null ? once(this.child, 'exit') : undefined;
    this.child.stdin.end();
    await gone;
    this.onEnd();
  }
}
