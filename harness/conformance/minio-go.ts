/** The real client: minio-go in a Go program (conformance/minio-go), built from its pinned module and fed with jobs. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Credentials, Progress } from '../environment/environment.ts';
import { cacheFolder } from '../environment/folders.ts';
import { buildProgram } from '../environment/go-build.ts';
import type { GoProgram } from '../environment/programs.ts';
import type { Register } from '../environment/register.ts';
import { packageRoot } from '../process/child.ts';
import type { Backoff, Ended, Job, Way } from './way.ts';

export interface MinioGoVersion {
  version: string;
  /** In conformance/minio-go. */
  modFile: string;
}

/** What Tempo 2.9 has, and what Tempo 3.0 has. */
export const minioGoVersions: readonly MinioGoVersion[] = [
  { version: '7.0.94', modFile: 'go.mod' },
  { version: '7.1.0', modFile: 'tempo-3.0.mod' },
];

/**
 * The program, built if it is not in the cache, which holds one for each state of its sources.
 * @throws EnvironmentError when it cannot be built: without Go, with what to install.
 */
export async function buildMinioGo(
  { version, modFile }: MinioGoVersion,
  progress: Progress,
  register: Register,
): Promise<string> {
  const folder = join(packageRoot, 'conformance', 'minio-go');
  const program: GoProgram = {
    ...{ name: `minio-go-${version}`, title: titleOf(version), folder, modFile, package: '.' },
    ...{ estimate: 'about 20 seconds', packages: 240, mayBeOnPath: false },
  };
  const sources = createHash('sha256');
  for (const file of readdirSync(folder).sort()) sources.update(`${file}\0`).update(readFileSync(join(folder, file)));
  const state = sources.digest('hex').slice(0, 12);
  const file = join(cacheFolder(), `${program.name}-${state}-${process.platform}-${process.arch}`);
  return existsSync(file) ? file : buildProgram(program, file, progress, register);
}

const titleOf = (version: string) => `minio-go ${version}`;

/** Starts the program in `file`, which takes jobs until it is disposed of. */
export async function startMinioGo(
  version: string,
  file: string,
  options: { credentials: Credentials; region: string; backoff: Backoff; register: Register },
): Promise<Way> {
  const { accessKeyId, secretAccessKey } = options.credentials;
  const { backoff, region, register } = options;
  const { backoffUnit, backoffCap } = backoff;
  const child = spawn(file, ['-retry-unit', `${backoffUnit}ms`, '-retry-cap', `${backoffCap}ms`], {
    // Nothing else of the environment: Go would take a proxy from it.
    env: { ACCESS_KEY: accessKeyId, SECRET_KEY: secretAccessKey },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const client = new MinioGo(titleOf(version), backoff, child, region, () => {
    if (child.pid !== undefined) register.leaveProcess(child.pid);
  });
  try {
    if (child.pid !== undefined) register.enterProcess(child.pid, titleOf(version));
    return client;
  } catch (error) {
    await client[Symbol.asyncDispose]();
    throw error;
  }
}

class MinioGo implements Way {
  readonly #waiting = new Map<string, { resolve(ended: Ended): void; reject(error: Error): void }>();
  readonly #ended: Promise<void>;
  #failure: Error | undefined;
  #said = '';

  constructor(
    readonly name: string,
    readonly backoff: Backoff,
    private readonly child: ChildProcessByStdio<Writable, Readable, Readable>,
    private readonly region: string,
    onEnd: () => void,
  ) {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-4000);
    });
    // It is gone: `close` tells.
    child.stdin.on('error', () => {});
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { id, ...ended } = JSON.parse(line) as { id: string } & Ended;
      this.#waiting.get(id)?.resolve({ ...ended, ...(ended.kind === 'transport' && classified(ended)) });
      this.#waiting.delete(id);
    });
    this.#ended = new Promise((resolve) => {
      const over = (how: string) => {
        this.#failure ??= new Error(`${name} ended (${how}): ${this.#said.trim() || 'without a word'}`);
        for (const { reject } of this.#waiting.values()) reject(this.#failure);
        this.#waiting.clear();
        onEnd();
        resolve();
      };
      child.once('error', (error) => over(error.message));
      child.once('close', (code, signal) => over(`${signal ?? `exit code ${code}`}`));
    });
  }

  put({ endpoint, dns, ca, deadline, ...job }: Job): Promise<Ended> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.set(job.id, { resolve, reject });
      const told = {
        ...job,
        endpoint: `${endpoint.host}:${endpoint.port}`,
        secure: endpoint.secure,
        dns: `${dns.host}:${dns.port}`,
        region: this.region,
        ...(ca !== undefined && { ca }),
        ...(deadline !== undefined && { deadline }),
      };
      this.child.stdin.write(`${JSON.stringify(told)}\n`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#ended;
  }
}

/** What went wrong, from the words of Go's net and net/http packages, and minio-go's own for an EOF. */
const words: [failure: string, pattern: RegExp][] = [
  ['header-timeout', /timeout awaiting response headers/],
  ['dns', /dial tcp: lookup /],
  ['connect', /dial tcp /],
  ['tls', /TLS handshake|tls:|x509:|HTTP response to HTTPS client/],
  ['reset', /Connection closed by foreign host|connection reset|broken pipe|EOF/],
  ['protocol', /malformed HTTP|XML syntax error|expected element type/],
];

function classified({ message = '' }: Ended): Pick<Ended, 'kind' | 'failure'> {
  const failure = words.find(([, pattern]) => pattern.test(message))?.[0];
  return failure === undefined ? { kind: 'client' } : { kind: 'transport', failure };
}
