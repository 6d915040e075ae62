/**
 * `minio` for JavaScript as it is: `putObject`, with its retries, its part size, and its way of listing and resuming old uploads first.
 * Nothing of it can be cancelled: when the signal ends, the caller is told at once, as by a writer that races the call against a timer,
 * and the SDK goes on with what it was doing until that succeeds, fails, or the store is closed.
 */
import http from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type BucketItem, Client, type ClientOptions } from 'minio';
import { escapeUri } from './escape-uri.ts';
import type { ObjectStore, OpenUpload } from './object-store.ts';
import type { Body } from './s3-operations.ts';
import type { SdkCalls } from './sdk-calls.ts';
import type { SdkClientOptions } from './sdk-object-store.ts';

export function minioObjectStore(options: SdkClientOptions, calls: SdkCalls): ObjectStore {
  return new MinioObjectStore(options, calls);
}

/** A pool of this store's own, set up as Node's global one is, which is what the client uses when it is given none. */
function agentOf({ endpoint, sdk: { maxSockets } }: SdkClientOptions): http.Agent {
  const asNode = { keepAlive: true, scheduling: 'lifo', timeout: 5000 } as const;
  const options = { ...asNode, ...(maxSockets !== undefined && { maxSockets }) };
  return endpoint.secure ? new https.Agent(options) : new http.Agent(options);
}

class MinioObjectStore implements ObjectStore {
  readonly #client: Client;
  readonly #agent: http.Agent;
  readonly #bucket: string;
  readonly #calls: SdkCalls;

  constructor(options: SdkClientOptions, calls: SdkCalls) {
    const { endpoint, bucket, credentials, region, pathStyle, sdk } = options;
    const { request } = endpoint.secure ? https : http;
    this.#bucket = bucket;
    this.#calls = calls;
    this.#agent = agentOf(options);
    this.#client = new Client({
      endPoint: endpoint.host,
      port: endpoint.port,
      useSSL: endpoint.secure,
      accessKey: credentials.accessKeyId,
      secretKey: credentials.secretAccessKey,
      pathStyle,
      region,
      transportAgent: this.#agent as NonNullable<ClientOptions['transportAgent']>,
      // The client's own import of Node's module would not be the intercepted one.
      transport: { request } as NonNullable<ClientOptions['transport']>,
      ...(sdk.maxAttempts !== undefined && { retryOptions: { maximumRetryCount: sdk.maxAttempts - 1 } }),
    });
  }

  putObject(key: string, body: Body, signal: AbortSignal): Promise<void> {
    return this.#calls.run({ operation: 'PutObject', key }, signal, async () => {
      await this.#client.putObject(this.#bucket, key, body.open(), body.size);
    });
  }

  checkAccess(signal: AbortSignal): Promise<void> {
    return this.#calls.run({ operation: 'ListObjectsV2', key: '' }, signal, async () => {
      for await (const _ of this.#list('')) break;
    });
  }

  getObject(key: string, signal: AbortSignal, range?: { start: number; end: number }): Promise<Buffer> {
    return this.#calls.run({ operation: 'GetObject', key }, signal, async () => {
      const { start, end } = range ?? { start: 0, end: 0 };
      return buffer(await this.#client.getPartialObject(this.#bucket, key, start, end - start));
    });
  }

  listKeys(prefix: string, signal: AbortSignal): Promise<string[]> {
    return this.#calls.run({ operation: 'ListObjectsV2', key: '' }, signal, async () => {
      const keys: string[] = [];
      for await (const { name } of this.#list(prefix)) keys.push(name as string);
      return keys;
    });
  }

  deleteObject(key: string, signal: AbortSignal): Promise<void> {
    return this.#calls.run({ operation: 'DeleteObject', key }, signal, () =>
      this.#client.removeObject(this.#bucket, key),
    );
  }

  copyObject(from: string, to: string, signal: AbortSignal): Promise<void> {
    return this.#calls.run({ operation: 'CopyObject', key: to }, signal, async () => {
      await this.#client.copyObject(this.#bucket, to, `/${this.#bucket}/${from.split('/').map(escapeUri).join('/')}`);
    });
  }

  async openUpload(key: string, signal: AbortSignal): Promise<OpenUpload> {
    const uploadID = await this.#calls.run({ operation: 'CreateMultipartUpload', key }, signal, () =>
      this.#client.initiateNewMultipartUpload(this.#bucket, key, {}),
    );
    const parts: { part: number; etag: string }[] = [];
    return {
      append: (body, partSignal) =>
        this.#calls.run({ operation: 'UploadPart', key }, partSignal, async () => {
          const part = {
            bucketName: this.#bucket,
            objectName: key,
            uploadID,
            partNumber: parts.length + 1,
            headers: {},
          };
          const { etag } = await this.#client.uploadPart(part, await buffer(body.open()));
          parts.push({ part: part.partNumber, etag });
        }),
      complete: (completeSignal) =>
        this.#calls.run({ operation: 'CompleteMultipartUpload', key }, completeSignal, async () => {
          await this.#client.completeMultipartUpload(this.#bucket, key, uploadID, parts);
        }),
    };
  }

  close(): void {
    this.#calls.close();
    this.#agent.destroy();
  }

  #list(prefix: string): AsyncIterable<BucketItem> {
    return this.#client.listObjectsV2(this.#bucket, prefix, true) as Readable as AsyncIterable<BucketItem>;
  }
}
