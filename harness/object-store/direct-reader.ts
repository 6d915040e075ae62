/**
 * The final read: everything that is in a bucket below a prefix, straight from the S3 server, past all faults and without the
 * policy that is under test. What is found becomes events.
 *
 * 1. List the objects.
 * 2. Read each to its end, several at once, hashing it on the way: a `final.object` for each.
 * 3. Find the multipart uploads that were left behind: a `final.upload` for each.
 * 4. Only when all of that has succeeded: `final.read`.
 */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import {
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  type MultipartUpload,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Clock } from '../clock.ts';
import type { FinalObjectEvent, FinalUploadEvent, Recorder } from '../history/events.ts';
import { pooled } from '../pooled.ts';
import { type DirectBucket, directClient } from './bucket.ts';

/** More at once are not faster: hashing takes the one thread that there is. */
const READ_AT_ONCE = 4;

export interface FinalRead {
  objects: number;
  /** Of all objects. */
  bytes: number;
  uploads: number;
}

/**
 * @param s3 the bucket, and the prefix below which everything is read (empty: everything)
 * @param knownKeys the keys that a writer meant to write, of a server that may have been started anew during the run: MinIO then tells of
 * an older upload only to who asks for its exact key, so those are asked for one by one, beside the keys of the objects found. Absent: it
 * ran all the time, and tells of all that there are
 * @throws Error when anything could not be read: then there is no `final.read`, and nothing may be said about the bucket.
 */
export async function readBucket(
  s3: DirectBucket & { prefix: string },
  record: Recorder,
  clock: Clock,
  knownKeys?: Iterable<string>,
): Promise<FinalRead> {
  const client = directClient(s3);
  const found: FinalRead = { objects: 0, bytes: 0, uploads: 0 };
  const keys = knownKeys && new Set(knownKeys);
  try {
    const listed: string[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: s3.bucket, Prefix: s3.prefix })) {
      for (const { Key } of Contents) listed.push(Key as string);
    }
    await pooled(listed, READ_AT_ONCE, async (key) => {
      const object = await readObject(client, s3.bucket, key, clock);
      record(object);
      found.objects++;
      found.bytes += object.size;
      keys?.add(key);
    });
    const uploads = new Map<string, MultipartUpload>();
    // S3 gives them all for the prefix. MinIO gives those begun since its own start for no prefix, and others by exact key.
    await pooled([...new Set(['', s3.prefix, ...(keys ?? [])])], READ_AT_ONCE, async (prefix) => {
      for (const upload of await listUploads(client, s3.bucket, prefix)) {
        if (upload.Key?.startsWith(s3.prefix)) uploads.set(upload.UploadId as string, upload);
      }
    });
    await pooled([...uploads.values()], READ_AT_ONCE, async (upload) => {
      const left = await readUpload(client, s3.bucket, upload, clock);
      if (!left) return;
      record(left);
      found.uploads++;
    });
  } catch (error) {
    throw new Error(`final read of bucket ${s3.bucket}: ${(error as Error).message}`, { cause: error });
  } finally {
    client.destroy();
  }
  record({ t: clock.now(), type: 'final.read', objects: found.objects, bytes: found.bytes });
  return found;
}

async function readObject(client: S3Client, bucket: string, key: string, clock: Clock): Promise<FinalObjectEvent> {
  const { Body, LastModified } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of Body as Readable as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.length;
  }
  return {
    t: clock.now(),
    type: 'final.object',
    key,
    size,
    sha256: hash.digest('hex'),
    lastModified: (LastModified as Date).toISOString(),
  };
}

async function listUploads(client: S3Client, bucket: string, prefix: string): Promise<MultipartUpload[]> {
  const found: MultipartUpload[] = [];
  let after: { KeyMarker?: string; UploadIdMarker?: string } = {};
  for (;;) {
    const page = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...after }));
    found.push(...(page.Uploads ?? []));
    if (!page.IsTruncated || !page.NextKeyMarker) return found;
    after = {
      KeyMarker: page.NextKeyMarker,
      ...(page.NextUploadIdMarker && { UploadIdMarker: page.NextUploadIdMarker }),
    };
  }
}

async function readUpload(
  client: S3Client,
  bucket: string,
  upload: MultipartUpload,
  clock: Clock,
): Promise<FinalUploadEvent | undefined> {
  const { Key = '', UploadId = '' } = upload;
  let parts = 0;
  let bytes = 0;
  // The SDK's own pagination does not end: it takes MinIO's marker "0" of the last page for one that leads on.
  let after: { PartNumberMarker?: string } = {};
  for (;;) {
    const page = await client
      .send(new ListPartsCommand({ Bucket: bucket, Key, UploadId, ...after }))
      .catch((error: Error) => {
        // Completed since it was listed, by a request of a writer that was killed meanwhile, say: nothing is left behind.
        if (error.name === 'NoSuchUpload') return undefined;
        throw error;
      });
    if (!page) return undefined;
    for (const { Size = 0 } of page.Parts ?? []) {
      parts++;
      bytes += Size;
    }
    if (!page.IsTruncated || !page.NextPartNumberMarker) break;
    after = { PartNumberMarker: page.NextPartNumberMarker };
  }
  return { t: clock.now(), type: 'final.upload', key: Key, uploadId: UploadId, parts, bytes };
}
