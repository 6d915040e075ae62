/** Makes and deletes the bucket of a lease: straight at the S3 server, past all faults. */
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { quietS3Client } from './aws-client.ts';

/** A bucket of the run's own S3 server. */
export interface DirectBucket {
  host: string;
  port: number;
  credentials: { accessKeyId: string; secretAccessKey: string };
  bucket: string;
  region: string;
}

/** The buckets that this process has made: nothing is ever deleted from another. */
const made = new Set<string>();

const nameOf = ({ host, port, bucket }: DirectBucket) => `${host}:${port}/${bucket}`;

/** @returns a client with the SDK's own transport and retries. The caller destroys it. */
export function directClient({ host, port, credentials, region }: DirectBucket): S3Client {
  return quietS3Client({ endpoint: `http://${host}:${port}`, credentials, region, forcePathStyle: true });
}

/** @throws Error when it cannot be made, an existing bucket of that name included. */
export async function createBucket(s3: DirectBucket): Promise<void> {
  const client = directClient(s3);
  try {
    await client.send(new CreateBucketCommand({ Bucket: s3.bucket }));
    made.add(nameOf(s3));
  } catch (error) {
    throw failed('create', s3, error);
  } finally {
    client.destroy();
  }
}

/**
 * Deletes a bucket that `createBucket` made, with all that is in it.
 * @throws Error when this process did not make it, or when it cannot be deleted.
 */
export async function deleteBucket(s3: DirectBucket): Promise<void> {
  if (!made.has(nameOf(s3))) {
    throw new Error(`bucket ${s3.bucket}: this run did not make it, so this run does not delete it: delete it by hand`);
  }
  const client = directClient(s3);
  try {
    await deleteObjects(client, s3.bucket);
    await abortUploads(client, s3.bucket);
    await client.send(new DeleteBucketCommand({ Bucket: s3.bucket }));
    made.delete(nameOf(s3));
  } catch (error) {
    throw failed('delete', s3, error);
  } finally {
    client.destroy();
  }
}

async function deleteObjects(client: S3Client, bucket: string): Promise<void> {
  for (;;) {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
    if (Contents.length === 0) return;
    const Objects = Contents.map(({ Key }) => ({ Key }));
    const { Errors = [] } = await client.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
    );
    const [first] = Errors;
    if (first) throw new Error(`${first.Key}: ${first.Message ?? first.Code}`);
  }
}

/** Servers other than MinIO refuse to delete a bucket with uploads in it. MinIO lists none here, and deletes them itself. */
async function abortUploads(client: S3Client, bucket: string): Promise<void> {
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  for (const { Key, UploadId } of Uploads) {
    await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
  }
}

function failed(what: string, { bucket, host, port }: DirectBucket, error: unknown): Error {
  return new Error(`bucket ${bucket}: cannot ${what} it at ${host}:${port}: ${(error as Error).message}`, {
    cause: error,
  });
}
