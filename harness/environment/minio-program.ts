/** MinIO as the harness runs it, and how it is asked whether it works. */
import { randomBytes } from 'node:crypto';
import { bucketZone } from '../dns/protocol.ts';
import type { Credentials } from './environment.ts';
import type { ProgramCommand } from './program-command.ts';

export interface MinioServer {
  port: number;
  /** Where it keeps its data, as it sees it. */
  dataFolder: string;
  credentials: Credentials;
  /** A name of its own, below which the names of buckets are, for virtual-host addressing. */
  domain?: string;
}

/** Guessed by nobody. */
export function newCredentials(): Credentials {
  return { accessKeyId: `chaos${randomBytes(8).toString('hex')}`, secretAccessKey: randomBytes(20).toString('hex') };
}

/** No MINIO_REGION: without one, MinIO accepts signatures for whatever region a config names. */
export function minioCommand({ port, dataFolder, credentials, domain }: MinioServer): ProgramCommand {
  return {
    program: 'minio',
    args: ['server', '--quiet', '--address', `127.0.0.1:${port}`, dataFolder],
    env: {
      MINIO_ROOT_USER: credentials.accessKeyId,
      MINIO_ROOT_PASSWORD: credentials.secretAccessKey,
      MINIO_DOMAIN: domain === undefined ? bucketZone : `${bucketZone},${domain}`,
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

/** Signed with this run's credentials, so that no other MinIO is taken for ours, and for a region that it was not told. */
export async function askMinio(port: number, credentials: Credentials): Promise<void> {
  await (await client(port, credentials)).listBuckets();
}

/**
 * Whether it serves requests at all, whatever it answers: one that throttles may refuse (429) who asks. An unsigned request is
 * refused (403) by a MinIO that is ready, and answered 503 by one that is not.
 */
export async function askThrottledMinio(port: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/`);
  await response.text();
  if (response.status !== 403 && response.status !== 429) throw new Error(`status ${response.status}`);
}

/** Whether it takes an object, in a bucket of its own. What was written is deleted again. */
export async function askMinioToWrite(port: number, credentials: Credentials): Promise<void> {
  const bucket = 'room-for-more';
  const s3 = await client(port, credentials);
  if (!(await s3.bucketExists(bucket))) await s3.makeBucket(bucket, 'us-west-2');
  await s3.putObject(bucket, 'object', 'x');
  await s3.removeObject(bucket, 'object');
}

async function client(port: number, { accessKeyId, secretAccessKey }: Credentials) {
  const { Client } = await import('minio');
  return new Client({
    endPoint: '127.0.0.1',
    port,
    useSSL: false,
    region: 'us-west-2',
    accessKey: accessKeyId,
    secretKey: secretAccessKey,
    // Each retry would be told on the console.
    retryOptions: { disableRetry: true },
  });
}
