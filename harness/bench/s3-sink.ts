/** An S3 that keeps nothing: it reads all it is sent at full speed, and answers as S3 does. It can hold uploads until so many wait. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface S3Sink extends AsyncDisposable {
  readonly port: number;
  /** The most bodies that were under way at a time. */
  readonly mostBodies: number;
  /** The most uploads that were open at a time. */
  readonly mostUploads: number;
}

/** @param together an upload is created when so many are asked for: they begin together */
export async function startS3Sink(together: number): Promise<S3Sink> {
  let waiting: (() => void)[] = [];
  const now = { bodies: 0, uploads: 0 };
  const most = { bodies: 0, uploads: 0 };
  const count = (what: 'bodies' | 'uploads', by: 1 | -1) => {
    now[what] += by;
    most[what] = Math.max(most[what], now[what]);
  };
  let uploads = 0;

  async function create(response: ServerResponse): Promise<void> {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      if (waiting.length < together) return;
      for (const begin of waiting) begin();
      waiting = [];
    });
    count('uploads', 1);
    xml(
      response,
      `<InitiateMultipartUploadResult><UploadId>upload-${++uploads}</UploadId></InitiateMultipartUploadResult>`,
    );
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const put = request.method === 'PUT';
    if (put) count('bodies', 1);
    request.resume();
    await once(request, 'end');
    if (put) {
      count('bodies', -1);
      response.writeHead(200, { etag: '"0123456789abcdef0123456789abcdef"', 'content-length': 0 }).end();
    } else if (request.method === 'GET') {
      xml(
        response,
        '<ListBucketResult><Name>sink</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>',
      );
    } else if (request.url?.includes('uploadId=')) {
      count('uploads', -1);
      xml(
        response,
        '<CompleteMultipartUploadResult><Bucket>sink</Bucket><ETag>"0123456789abcdef0123456789abcdef-1"</ETag></CompleteMultipartUploadResult>',
      );
    } else await create(response);
  }

  const server = createServer({ highWaterMark: 256 * 1024, requestTimeout: 0 }, (request, response) => {
    // A client that goes away has nobody to answer.
    answer(request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get mostBodies() {
      return most.bodies;
    },
    get mostUploads() {
      return most.uploads;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function xml(response: ServerResponse, document: string): void {
  response.writeHead(200, { 'content-type': 'application/xml', 'content-length': document.length }).end(document);
}
