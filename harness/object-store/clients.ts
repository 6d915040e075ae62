/** The S3 SDKs that a writer can run on, by the names that users give them. A third one is one file, and one line here. */
import type { S3Operations } from './s3-operations.ts';
import type { Transport } from './transport.ts';

export interface S3ClientOptions {
  bucket: string;
  /** What an attempt is signed for that names none. */
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  /** `host` is a name or an address, resolved by the transport's resolver for each new connection. */
  endpoint: { host: string; port: number; secure: boolean };
  /** `http://host/bucket/key`; otherwise `http://bucket.host/key`. See `usesPathStyle`. */
  pathStyle: boolean;
  /** Belongs to the client from here on: `S3Operations.close` closes it. */
  transport: Transport;
}

type Factory = (options: S3ClientOptions) => S3Operations;

/** An SDK is loaded when it is asked for: each takes a quarter of a second. */
const clients = {
  'aws-sdk': async (): Promise<Factory> => (await import('./aws-sdk.ts')).awsSdkOperations,
  minio: async (): Promise<Factory> => (await import('./minio.ts')).minioOperations,
};

export type ClientName = keyof typeof clients;

export const clientNames = Object.keys(clients) as ClientName[];

/** Loads the SDK, so that a client is made at once later. */
export async function loadClient(client: ClientName): Promise<void> {
  await clients[client]();
}

/** Loads the SDK and makes a client of it that sends through `options.transport`. Sends nothing. */
export async function createS3Operations(client: ClientName, options: S3ClientOptions): Promise<S3Operations> {
  return (await clients[client]())(options);
}
