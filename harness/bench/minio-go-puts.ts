/** Puts by the client that Tempo has: minio-go, in the program of conformance/minio-go. */
import { GoClient } from '../conformance/go-client.ts';
import { buildMinioGo, minioGoVersions } from '../conformance/minio-go.ts';
import type { Credentials } from '../environment/environment.ts';
import type { Register } from '../environment/register.ts';
import type { Puts, Timed } from './puts.ts';

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
  const program = await GoClient.start<Timed & { id: string }>({ name, file, args: ['-bench'], credentials, register });
  let batches = 0;
  return {
    name,
    put: (batch) =>
      program.ask({ id: String(++batches), ...batch, ...told, endpoint: `${endpoint.host}:${endpoint.port}` }),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}
