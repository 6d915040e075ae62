/**
 * S3Operations on `@aws-sdk/client-s3`. The SDK builds, signs and parses; the transport is its request handler; its retries are
 * taken out.
 */
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3ClientConfig,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { S3Operation } from '../history/events.ts';
import { Attempt, present, runAttempt } from './attempt.ts';
import { quietS3Client } from './aws-client.ts';
import { byteRange } from './byte-range.ts';
import type { S3ClientOptions } from './clients.ts';
import { escapeUri } from './escape-uri.ts';
import type { AttemptContext, Body, S3Operations } from './s3-operations.ts';
import { attemptHeader, type Transport, type TransportRequest } from './transport.ts';

/** A body that is a stream: what a request says of its content depends on that. One for each request: the SDK leaves listeners on it. */
const standIn = () => new Readable({ read() {} });

export function awsSdkOperations(options: S3ClientOptions): S3Operations {
  const { endpoint, bucket: Bucket, transport } = options;
  const client = quietS3Client({
    endpoint: `${endpoint.secure ? 'https' : 'http'}://${endpoint.host}:${endpoint.port}`,
    // Asked for each request, while its attempt runs.
    region: async () => Attempt.current().context.region ?? options.region,
    credentials: options.credentials,
    forcePathStyle: options.pathStyle,
    requestHandler: requestHandler(transport),
  });
  // Put in the place of its retries, others name it as their neighbour. With `maxAttempts: 1` it would still add headers that
  // speak of retries, and warn of streams that cannot be sent again.
  client.middlewareStack.add((next) => next, {
    step: 'finalizeRequest',
    priority: 'high',
    name: 'retryMiddleware',
    override: true,
  });

  const attempt = <T>(operation: S3Operation, key: string, context: AttemptContext, call: () => Promise<T>) =>
    runAttempt({ operation, bucket: Bucket, key }, context, call);

  // The hash that a payload is signed with: otherwise the SDK would leave it unsigned.
  client.middlewareStack.add(
    (next) => (args) => {
      const { body } = Attempt.current();
      if (body) (args.request as HandledRequest).headers['x-amz-content-sha256'] = body.sha256;
      return next(args);
    },
    { step: 'build', name: 'payloadHash' },
  );

  client.middlewareStack.add(
    (next) => (args) => {
      const { signsId, id } = Attempt.current().context;
      if (signsId) (args.request as HandledRequest).headers[attemptHeader] = id;
      return next(args);
    },
    { step: 'build', name: 'signedAttemptId' },
  );

  /** Has the transport send a body, which the SDK neither sees nor hashes: it is given a stream in its place that nobody reads. */
  async function sendBody<Output>(body: Body, send: (standIn: Readable) => Promise<Output>): Promise<Output> {
    // Plain HTTP: the payload is signed. TLS vouches for it otherwise. So does minio-go.
    const sha256 = endpoint.secure ? 'UNSIGNED-PAYLOAD' : await body.sha256();
    Attempt.current().body = { content: body, sha256 };
    return send(standIn());
  }

  return {
    client: 'aws-sdk',

    putObject: (Key, body, context) =>
      attempt('PutObject', Key, context, () =>
        sendBody(body, async (Body) => {
          const command = new PutObjectCommand({ Bucket, Key, Body, ContentLength: body.size });
          return { etag: (await client.send(command)).ETag ?? '' };
        }),
      ),

    createMultipartUpload: (Key, context) =>
      attempt('CreateMultipartUpload', Key, context, async () => {
        const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
        return { uploadId: present('UploadId', UploadId) };
      }),

    uploadPart: (Key, UploadId, partNumber, body, context) =>
      runAttempt({ operation: 'UploadPart', bucket: Bucket, key: Key, partNumber }, context, () =>
        sendBody(body, async (Body) => {
          const command = new UploadPartCommand({
            Bucket,
            Key,
            UploadId,
            PartNumber: partNumber,
            Body,
            ContentLength: body.size,
          });
          return { partNumber, etag: (await client.send(command)).ETag ?? '' };
        }),
      ),

    completeMultipartUpload: (Key, UploadId, parts, context) =>
      attempt('CompleteMultipartUpload', Key, context, async () => {
        const Parts = parts.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: etag }));
        const command = new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } });
        const { Bucket: where, ETag } = await client.send(command);
        // What minio-go looks for in it.
        present('Bucket', where);
        return { etag: ETag ?? '' };
      }),

    abortMultipartUpload: (Key, UploadId, context) =>
      attempt('AbortMultipartUpload', Key, context, async () => {
        await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
      }),

    getObject: (Key, context, range) =>
      attempt('GetObject', Key, context, async () => {
        const Range = range && byteRange(range);
        const { Body, ContentLength } = await client.send(new GetObjectCommand({ Bucket, Key, Range }));
        return { size: present('Content-Length', ContentLength), body: Body as Readable };
      }),

    headObject: (Key, context) =>
      attempt('HeadObject', Key, context, async () => {
        const { ETag, ContentLength } = await client.send(new HeadObjectCommand({ Bucket, Key }));
        return { size: present('Content-Length', ContentLength), etag: present('ETag', ETag) };
      }),

    listObjectsV2: (Prefix, token, context) =>
      attempt('ListObjectsV2', '', context, async () => {
        const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken: token }));
        const objects = (page.Contents ?? []).map((object) => ({
          key: present('Key', object.Key),
          size: present('Size', object.Size),
          etag: present('ETag', object.ETag),
          lastModified: present('LastModified', object.LastModified),
        }));
        return {
          objects,
          ...(page.IsTruncated && { next: present('NextContinuationToken', page.NextContinuationToken) }),
        };
      }),

    deleteObject: (Key, context) =>
      attempt('DeleteObject', Key, context, async () => {
        await client.send(new DeleteObjectCommand({ Bucket, Key }));
      }),

    copyObject: (from, Key, context) =>
      attempt('CopyObject', Key, context, async () => {
        const CopySource = [Bucket, ...from.split('/')].map(escapeUri).join('/');
        await client.send(new CopyObjectCommand({ Bucket, Key, CopySource }));
      }),

    getBucketLocation: (context) =>
      attempt('GetBucketLocation', '', context, async () => {
        const { LocationConstraint } = await client.send(new GetBucketLocationCommand({ Bucket }));
        return LocationConstraint ?? '';
      }),

    close() {
      client.destroy();
      transport.close();
    },
  };
}

/** What the SDK hands to its request handler. */
interface HandledRequest {
  protocol: string;
  hostname: string;
  port?: number;
  method: string;
  path: string;
  query?: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body?: TransportRequest['body'];
}

type Handler = Exclude<NonNullable<S3ClientConfig['requestHandler']>, Record<string, unknown>>;

function requestHandler(transport: Transport) {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request: HandledRequest) {
      const secure = request.protocol === 'https:';
      const { status, headers, body } = await transport.exchange({
        origin: { host: request.hostname, port: request.port ?? (secure ? 443 : 80), secure },
        method: request.method,
        path: request.path + queryString(request.query ?? {}),
        headers: request.headers,
        body: request.body,
      });
      return { response: { statusCode: status, headers, body } };
    },
    destroy() {},
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  } as unknown as Handler;
}

/** As the SDK's own signer encodes it. */
function queryString(query: Record<string, string | string[] | null>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => {
    if (value === null) return [escapeUri(name)];
    return [value].flat().map((one) => `${escapeUri(name)}=${escapeUri(one)}`);
  });
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}
