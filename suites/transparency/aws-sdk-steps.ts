/** S3 operations by @aws-sdk/client-s3 as it comes: its checksums in trailers, its `Expect: 100-continue`, its own retries. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { keys, pattern, sizes } from './inputs.ts';
import { type Step, Steps } from './wire-answer.ts';

export interface Target {
  host: string;
  port: number;
  bucket: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

export async function awsSdkSteps({ host, port, bucket, credentials }: Target): Promise<Step[]> {
  const s3 = new S3Client({
    endpoint: `http://${host}:${port}`,
    region: 'us-east-1',
    credentials,
    forcePathStyle: true,
    maxAttempts: 1,
  });
  const { taken, take, step } = new Steps(({ name, message }) => `${name}: ${message}`);
  s3.middlewareStack.add(
    (next) => async (args) => {
      const output = await next(args);
      const { statusCode, body } = output.response as { statusCode: number; body: IncomingMessage };
      take({ status: statusCode, rawHeaders: body.rawHeaders });
      return output;
    },
    { step: 'deserialize', priority: 'low' },
  );
  const Bucket = bucket;
  const get = async (Key: string, Range?: string) => {
    const { Body, ContentLength, ContentRange, ETag } = await s3.send(
      new GetObjectCommand({ Bucket, Key, ...(Range && { Range }) }),
    );
    const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
    return { ContentLength, ContentRange, ETag, sha256: createHash('sha256').update(bytes).digest('hex') };
  };
  const put = async (Key: string, body: Buffer | Readable, more: object = {}) => {
    const { ETag, ChecksumCRC32 } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: body, ...more }));
    return { ETag, ChecksumCRC32 };
  };

  for (const size of sizes) {
    await step(`put ${size}`, () => put(`size-${size}`, pattern(size)));
    await step(`get ${size}`, () => get(`size-${size}`));
    // A stream: aws-chunked, with its checksum in a trailer.
    await step(`put ${size} as a stream`, () =>
      put(`stream-${size}`, Readable.from([pattern(size)]), { ContentLength: size }),
    );
    await step(`get ${size} again`, () => get(`stream-${size}`));
  }
  // Over 2 MiB the SDK asks with Expect: 100-continue first.
  await step('put 3 MiB, expecting to continue', () => put('expect', pattern(3 << 20)));
  await step('get of it', () => get('expect'));
  for (const key of keys) {
    await step(`put key ${key}`, () => put(`keys/${key}`, Buffer.from(key)));
    await step(`get key ${key}`, () => get(`keys/${key}`));
  }
  for (const range of ['bytes=0-99', 'bytes=1000-65535', 'bytes=-100', 'bytes=5000000-']) {
    await step(`get ${range}`, () => get('size-65537', range));
  }
  await step('head', async () => {
    const { ContentLength, ContentType, ETag } = await s3.send(new HeadObjectCommand({ Bucket, Key: 'size-4096' }));
    return { ContentLength, ContentType, ETag };
  });
  await step('head of nothing', () => s3.send(new HeadObjectCommand({ Bucket, Key: 'nothing' })));
  await step('get of nothing', () => get('nothing'));
  await step('put with metadata', () =>
    put('metadata', pattern(10), { Metadata: { writer: 'ingester-0' }, CacheControl: 'no-store' }),
  );
  await step('put of a wrong checksum', () =>
    put('wrong', pattern(10), { ContentMD5: createHash('md5').update('other').digest('base64') }),
  );
  await step('multipart', async () => {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'multipart' }));
    const Parts: { PartNumber: number; ETag: string | undefined; ChecksumCRC32: string | undefined }[] = [];
    for (const [index, size] of [5 << 20, 1000].entries()) {
      const PartNumber = index + 1;
      const part = { Bucket, Key: 'multipart', UploadId, PartNumber };
      const { ETag, ChecksumCRC32 } = await s3.send(new UploadPartCommand({ ...part, Body: pattern(size) }));
      Parts.push({ PartNumber, ETag, ChecksumCRC32 });
    }
    const listed = await s3.send(new ListPartsCommand({ Bucket, Key: 'multipart', UploadId }));
    const { ETag } = await s3.send(
      new CompleteMultipartUploadCommand({ Bucket, Key: 'multipart', UploadId, MultipartUpload: { Parts } }),
    );
    return { listed: listed.Parts?.map(({ Size }) => Size), ETag };
  });
  await step('get multipart', () => get('multipart'));
  await step('abort', async () => {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'aborted' }));
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'aborted', UploadId }));
  });
  await step('copy', async () => {
    const { CopyObjectResult } = await s3.send(
      new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${bucket}/size-4096` }),
    );
    return CopyObjectResult?.ETag;
  });
  await step('list', async () => {
    const pages: unknown[] = [];
    for (let ContinuationToken: string | undefined, more = true; more; ) {
      const page = await s3.send(
        new ListObjectsV2Command({ Bucket, MaxKeys: 7, ...(ContinuationToken && { ContinuationToken }) }),
      );
      pages.push(page.Contents?.map(({ Key, Size, ETag }) => ({ Key, Size, ETag })));
      ContinuationToken = page.NextContinuationToken;
      more = ContinuationToken !== undefined;
    }
    return pages;
  });
  await step('delete', () => s3.send(new DeleteObjectCommand({ Bucket, Key: 'copy' })).then(() => 'gone'));
  await step('delete many', async () => {
    const Objects = ['size-0', 'size-1', 'nothing'].map((Key) => ({ Key }));
    const { Deleted } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    return Deleted?.map(({ Key }) => Key).sort();
  });
  s3.destroy();
  return taken;
}
