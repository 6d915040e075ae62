/** The real client: minio-go in a Go program (conformance/minio-go), built from its pinned module and fed with jobs. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Credentials, Progress } from '../environment/environment.ts';
import { cacheFolder } from '../environment/folders.ts';
import { buildProgram } from '../environment/go-build.ts';
import type { GoProgram } from '../environment/programs.ts';
import type { Register } from '../environment/register.ts';
import { packageRoot } from '../process/child.ts';
import { GoClient } from './go-client.ts';
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
  const { credentials, backoff, region, register } = options;
  const name = titleOf(version);
  const { backoffUnit, backoffCap } = backoff;
  const args = ['-retry-unit', `${backoffUnit}ms`, '-retry-cap', `${backoffCap}ms`];
  const program = await GoClient.start<{ id: string } & Ended>({ name, file, args, credentials, register });
  return {
    name,
    backoff,
    async put({ endpoint, dns, ca, deadline, ...job }: Job) {
      const { id: _, ...ended } = await program.ask({
        ...job,
        endpoint: `${endpoint.host}:${endpoint.port}`,
        secure: endpoint.secure,
        dns: `${dns.host}:${dns.port}`,
        region,
        ...(ca !== undefined && { ca }),
        ...(deadline !== undefined && { deadline }),
      });
      return { ...ended, ...(ended.kind === 'transport' && classified(ended)) };
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
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
