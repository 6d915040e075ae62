/**
 * `@aws-sdk/client-s3` as it is: its retries, its timeouts, its agents, its checksums. An object is sent in the sequence of
 * `@aws-sdk/lib-storage`'s `Upload`, with its defaults:
 *
 * 1. Parts of 5 MiB, or of a 10 000th of the object where that is more. What fits into one part is one PutObject.
 * 2. Four parts are in flight, each held in memory, so that the SDK can send it again.
 * 3. When a part fails, the others go on to the last one; then the upload is aborted, and the first failure is the error. When the
 *    completion fails, the upload is aborted too.
 * 4. When the signal ends, the caller is told at once; the requests in flight are cancelled (`abortSignal`), and the upload is aborted.
 */
import { buffer } from 'node:stream/consumers';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { quietS3Client } from './aws-client.ts';
import { byteRange } from './byte-range.ts';
import { escapeUri } from './escape-uri.ts';
import type { ObjectStore, OpenUpload } from './object-store.ts';
import type { Body } from './s3-operations.ts';
import type { SdkCalls } from './sdk-calls.ts';
import type { SdkClientOptions } from './sdk-object-store.ts';

/** `Upload`'s own: MIN_PART_SIZE, MAX_PARTS, queueSize. */
const PART_SIZE = 5 * 1024 * 1024;
const MOST_PARTS = 10_000;
const PARTS_IN_FLIGHT = 4;

export function awsSdkObjectStore(options: SdkClientOptions, calls: SdkCalls): ObjectStore {
  return new AwsSdkObjectStore(clientOf(options), options.bucket, calls);
}

function clientOf({ endpoint, region, credentials, pathStyle, sdk }: SdkClientOptions): S3Client {
  const { connectionTimeout, requestTimeout, maxSockets, maxAttempts, retryMode } = sdk;
  const agent = maxSockets === undefined ? {} : { maxSockets };
  return quietS3Client({
    endpoint: `${endpoint.secure ? 'https' : 'http'}://${endpoint.host}:${endpoint.port}`,
    region,
    credentials,
    forcePathStyle: pathStyle,
    // What the SDK does where it is told nothing, and finds nothing on the machine.
    defaultsMode: 'legacy',
    requestChecksumCalculation: 'WHEN_SUPPORTED',
    responseChecksumValidation: 'WHEN_SUPPORTED',
    expectContinueHeader: 2 * 1024 * 1024,
    disableClockSkewCorrection: false,
    maxAttempts: maxAttempts ?? 3,
    retryMode: retryMode ?? 'standard',
    requestHandler: {
      ...(connectionTimeout !== undefined && { connectionTimeout }),
      ...(requestTimeout !== undefined && { requestTimeout }),
      httpAgent: agent,
      httpsAgent: agent,
    },
  });
}

class AwsSdkObjectStore implements ObjectStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #calls: SdkCalls;

  constructor(client: S3Client, bucket: string, calls: SdkCalls) {
    this.#client = client;
    this.#bucket = bucket;
    this.#calls = calls;
  }

  putObject(key: string, body: Body, signal: AbortSignal): Promise<void> {
    const partSize = Math.max(PART_SIZE, Math.ceil(body.size / MOST_PARTS));
    return this.#calls.run({ operation: 'PutObject', key }, signal, async () => {
      if (body.size > partSize) return this.#upload(key, body, partSize, signal);
      const command = new PutObjectCommand({ ...this.#at(key), Body: await buffer(body.open()) });
      await this.#client.send(command, { abortSignal: signal });
    });
  }

  checkAccess(signal: AbortSignal): Promise<void> {
    return this.#calls.run({ operation: 'ListObjectsV2', key: '' }, signal, async () => {
      await this.#client.send(new ListObjectsV2Command({ Bucket: this.#bucket }), { abortSignal: signal });
    });
  }

  getObject(key: string, signal: AbortSignal, range?: { start: number; end: number }): Promise<Buffer> {
    return this.#calls.run({ operation: 'GetObject', key }, signal, async () => {
      const command = new GetObjectCommand({ ...this.#at(key), Range: range && byteRange(range) });
      const { Body } = await this.#client.send(command, { abortSignal: signal });
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    });
  }

  listKeys(Prefix: string, signal: AbortSignal): Promise<string[]> {
    return this.#calls.run({ operation: 'ListObjectsV2', key: '' }, signal, async () => {
      const keys: string[] = [];
      let ContinuationToken: string | undefined;
      do {
        const command = new ListObjectsV2Command({ Bucket: this.#bucket, Prefix, ContinuationToken });
        const page = await this.#client.send(command, { abortSignal: signal });
        for (const { Key } of page.Contents ?? []) keys.push(Key as string);
        ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined;
      } while (ContinuationToken !== undefined);
      return keys;
    });
  }

  deleteObject(key: string, signal: AbortSignal): Promise<void> {
    return this.#calls.run({ operation: 'DeleteObject', key }, signal, async () => {
      await this.#client.send(new DeleteObjectCommand(this.#at(key)), { abortSignal: signal });
    });
  }

  copyObject(from: string, to: string, signal: AbortSignal): Promise<void> {
    return this.#calls.run({ operation: 'CopyObject', key: to }, signal, async () => {
      const CopySource = [this.#bucket, ...from.split('/')].map(escapeUri).join('/');
      await this.#client.send(new CopyObjectCommand({ ...this.#at(to), CopySource }), { abortSignal: signal });
    });
  }

  async openUpload(key: string, signal: AbortSignal): Promise<OpenUpload> {
    const UploadId = await this.#calls.run({ operation: 'CreateMultipartUpload', key }, signal, () =>
      this.#create(key, signal),
    );
    const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
    return {
      append: (body, partSignal) =>
        this.#calls.run({ operation: 'UploadPart', key }, partSignal, async () => {
          const PartNumber = Parts.length + 1;
          Parts.push(await this.#sendPart(key, UploadId, PartNumber, body, partSignal));
        }),
      complete: (completeSignal) =>
        this.#calls.run({ operation: 'CompleteMultipartUpload', key }, completeSignal, async () => {
          const command = new CompleteMultipartUploadCommand({
            ...this.#at(key),
            UploadId,
            MultipartUpload: { Parts },
          });
          await this.#client.send(command, { abortSignal: completeSignal });
        }),
    };
  }

  close(): void {
    this.#calls.close();
    this.#client.destroy();
  }

  async #upload(key: string, body: Body, partSize: number, signal: AbortSignal): Promise<void> {
    const UploadId = await this.#create(key, signal);
    const starts = Array.from({ length: Math.ceil(body.size / partSize) }, (_, index) => index * partSize).entries();
    const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
    const failures: unknown[] = [];
    const worker = async () => {
      for (const [index, start] of starts) {
        if (signal.aborted) return;
        const part = body.slice(start, Math.min(start + partSize, body.size));
        Parts.push(await this.#sendPart(key, UploadId, index + 1, part, signal));
      }
    };
    const workers = Array.from({ length: PARTS_IN_FLIGHT }, () => worker().catch((error) => failures.push(error)));
    await Promise.all(workers);
    try {
      if (failures.length > 0) throw failures[0];
      signal.throwIfAborted();
      Parts.sort((a, b) => a.PartNumber - b.PartNumber);
      const command = new CompleteMultipartUploadCommand({ ...this.#at(key), UploadId, MultipartUpload: { Parts } });
      await this.#client.send(command, { abortSignal: signal });
    } catch (error) {
      // Not bound by the signal: it may have ended.
      await this.#client.send(new AbortMultipartUploadCommand({ ...this.#at(key), UploadId })).catch(() => {});
      throw error;
    }
  }

  async #create(key: string, signal: AbortSignal): Promise<string | undefined> {
    const command = new CreateMultipartUploadCommand({ ...this.#at(key), ChecksumAlgorithm: 'CRC32' });
    return (await this.#client.send(command, { abortSignal: signal })).UploadId;
  }

  async #sendPart(
    key: string,
    UploadId: string | undefined,
    PartNumber: number,
    body: Body,
    signal: AbortSignal,
  ): Promise<{ PartNumber: number; ETag: string | undefined; ChecksumCRC32?: string }> {
    const command = new UploadPartCommand({
      ...this.#at(key),
      UploadId,
      PartNumber,
      Body: await buffer(body.open()),
    });
    const { ETag, ChecksumCRC32 } = await this.#client.send(command, { abortSignal: signal });
    return { PartNumber, ETag, ...(ChecksumCRC32 && { ChecksumCRC32 }) };
  }

  #at(Key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key };
  }
}
