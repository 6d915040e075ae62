/**
 * S3Operations on `minio` for JavaScript: one request each, by the primitives that its own operations are made of. The operations
 * themselves hide attempts, cannot be cancelled, and lose the code of a 503 (docs/decisions/020-one-attempt-transport.md). It
 * builds and signs; its answers are read here.
 */
import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Client, type ClientOptions } from 'minio';
import { Attempt, present, runAttempt } from './attempt.ts';
import { byteRange } from './byte-range.ts';
import type { S3ClientOptions } from './clients.ts';
import { escapeUri } from './escape-uri.ts';
import type { Body, S3Operations, UploadedPart } from './s3-operations.ts';
import type { Transport } from './transport.ts';
import { childText, escapeXml, parseXml, type XmlElement } from './xml.ts';

interface Request {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  key?: string;
  query?: string;
  headers?: Record<string, string>;
}

/** 204 is what a deletion is answered with, 206 a range. */
const SUCCESS = [200, 204, 206];

export function minioOperations(options: S3ClientOptions): S3Operations {
  const { endpoint, bucket, region, credentials, transport } = options;
  const client = new Client({
    endPoint: endpoint.host,
    port: endpoint.port,
    useSSL: endpoint.secure,
    accessKey: credentials.accessKeyId,
    secretKey: credentials.secretAccessKey,
    pathStyle: options.pathStyle,
    // Without a region, the first request would be one for the bucket's location.
    region,
    retryOptions: { disableRetry: true },
    transport: { request: requestFunction(transport) } as unknown as NonNullable<ClientOptions['transport']>,
  });

  const named = ({ method, key, query, headers }: Request) => ({
    method,
    bucketName: bucket,
    ...(key !== undefined && { objectName: key }),
    ...(query !== undefined && { query }),
    ...(headers !== undefined && { headers }),
  });

  const signedFor = () => Attempt.current().context.region ?? region;

  /** A request with a small body, or none. */
  const send = (request: Request, payload = '') =>
    client.makeRequestAsync(named(request), payload, SUCCESS, signedFor());

  async function sendBody(request: Request, body: Body): Promise<string> {
    // Plain HTTP: the payload is signed. TLS vouches for it otherwise. So does minio-go.
    const sha256 = endpoint.secure ? '' : await body.sha256();
    Attempt.current().body = { content: body, sha256 };
    const headers = { 'content-length': body.size, 'content-type': 'application/octet-stream' };
    // The body goes by the transport: the SDK has only to sign for it.
    const response = await client.makeRequestStreamAsync(
      { ...named(request), headers },
      '',
      sha256,
      SUCCESS,
      signedFor(),
    );
    return response.headers.etag ?? '';
  }

  return {
    client: 'minio',

    putObject: (key, body, context) =>
      runAttempt({ operation: 'PutObject', bucket, key }, context, async () => ({
        etag: await sendBody({ method: 'PUT', key }, body),
      })),

    createMultipartUpload: (key, context) =>
      runAttempt({ operation: 'CreateMultipartUpload', bucket, key }, context, async () => {
        const answer = await readXml(
          await send({ method: 'POST', key, query: 'uploads' }),
          'InitiateMultipartUploadResult',
        );
        return { uploadId: present('UploadId', childText(answer, 'UploadId')) };
      }),

    uploadPart: (key, uploadId, partNumber, body, context) =>
      runAttempt({ operation: 'UploadPart', bucket, key, partNumber }, context, async () => {
        const query = `partNumber=${partNumber}&uploadId=${escapeUri(uploadId)}`;
        return { partNumber, etag: await sendBody({ method: 'PUT', key, query }, body) };
      }),

    completeMultipartUpload: (key, uploadId, parts, context) =>
      runAttempt({ operation: 'CompleteMultipartUpload', bucket, key }, context, async () => {
        const response = await send({ method: 'POST', key, query: `uploadId=${escapeUri(uploadId)}` }, partList(parts));
        const answer = await readXml(response, 'CompleteMultipartUploadResult');
        // What minio-go looks for in it.
        present('Bucket', childText(answer, 'Bucket'));
        return { etag: childText(answer, 'ETag') ?? '' };
      }),

    abortMultipartUpload: (key, uploadId, context) =>
      runAttempt({ operation: 'AbortMultipartUpload', bucket, key }, context, async () => {
        await send({ method: 'DELETE', key, query: `uploadId=${escapeUri(uploadId)}` });
      }),

    getObject: (key, context, range) =>
      runAttempt({ operation: 'GetObject', bucket, key }, context, async () => {
        const response = await send({ method: 'GET', key, ...(range && { headers: { range: byteRange(range) } }) });
        return { size: contentLength(response), body: response as Readable };
      }),

    headObject: (key, context) =>
      runAttempt({ operation: 'HeadObject', bucket, key }, context, async () => {
        const response = await send({ method: 'HEAD', key });
        return { size: contentLength(response), etag: present('ETag', response.headers.etag) };
      }),

    listObjectsV2: (prefix, token, context) =>
      runAttempt({ operation: 'ListObjectsV2', bucket, key: '' }, context, async () => {
        const from = token === undefined ? '' : `continuation-token=${escapeUri(token)}&`;
        const answer = await readXml(
          await send({ method: 'GET', query: `${from}list-type=2&prefix=${escapeUri(prefix)}` }),
          'ListBucketResult',
        );
        const objects = answer.children
          .filter(({ name }) => name === 'Contents')
          .map((object) => ({
            key: present('Key', childText(object, 'Key')),
            size: Number(present('Size', childText(object, 'Size'))),
            etag: present('ETag', childText(object, 'ETag')),
            lastModified: new Date(present('LastModified', childText(object, 'LastModified'))),
          }));
        const truncated = childText(answer, 'IsTruncated') === 'true';
        return {
          objects,
          ...(truncated && { next: present('NextContinuationToken', childText(answer, 'NextContinuationToken')) }),
        };
      }),

    deleteObject: (key, context) =>
      runAttempt({ operation: 'DeleteObject', bucket, key }, context, async () => {
        await send({ method: 'DELETE', key });
      }),

    copyObject: (from, to, context) =>
      runAttempt({ operation: 'CopyObject', bucket, key: to }, context, async () => {
        const source = [bucket, ...from.split('/')].map(escapeUri).join('/');
        const headers = { 'x-amz-copy-source': source };
        await readXml(await send({ method: 'PUT', key: to, headers }), 'CopyObjectResult');
      }),

    getBucketLocation: (context) =>
      runAttempt({ operation: 'GetBucketLocation', bucket, key: '' }, context, async () => {
        const answer = await readXml(await send({ method: 'GET', query: 'location' }), 'LocationConstraint');
        return answer.text.trim();
      }),

    close: () => transport.close(),
  };
}

async function readXml(response: Readable, root: string): Promise<XmlElement> {
  const element = parseXml(await text(response));
  if (element.name !== root) throw new Error(`it is <${element.name}>, not <${root}>`);
  return element;
}

function contentLength(response: IncomingMessage): number {
  return Number(present('Content-Length', response.headers['content-length']));
}

function partList(parts: readonly UploadedPart[]): string {
  const list = parts.map(
    ({ partNumber, etag }) => `<Part><PartNumber>${partNumber}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`,
  );
  return `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${list.join('')}</CompleteMultipartUpload>`;
}

/** What minio hands to its transport's `request`. */
interface RequestOptions {
  protocol: string;
  host: string;
  port: number;
  method: string;
  path: string;
  headers: Record<string, string>;
}

/** Stands in for `http.request`, as far as the SDK uses it. */
function requestFunction(transport: Transport) {
  return (
    { protocol, host, port, method, path, headers }: RequestOptions,
    onResponse: (response: Readable) => void,
  ) => {
    let payload: string | undefined;
    const exchange = async () => {
      const origin = { host, port, secure: protocol === 'https:' };
      const { status, body, ...answer } = await transport.exchange({ origin, method, path, headers, body: payload });
      const response = body instanceof Readable ? body : streamOf(body);
      onResponse(Object.assign(response, { statusCode: status, headers: answer.headers }));
    };
    const request = new EventEmitter();
    return Object.assign(request, {
      /** What has a body otherwise has it beside the SDK (`Attempt.body`). */
      end(text: string) {
        payload = text || undefined;
        exchange().catch((error) => request.emit('error', error));
      },
    });
  };
}

function streamOf(bytes: Buffer): Readable {
  return new Readable({
    read() {
      if (bytes.length > 0) this.push(bytes);
      this.push(null);
    },
  });
}
