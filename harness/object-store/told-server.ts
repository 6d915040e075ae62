/** For tests: an HTTP server on a real socket that answers S3 requests as it is told, badly above all. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** How one request is treated. */
export type Treatment =
  /** As S3 answers it. */
  | 'ok'
  /** The connection is reset: before the request is read, when it has been read, when half of the answer is sent. */
  | 'reset-unread'
  | 'reset'
  | 'half-answer'
  /** Half of the answer is sent, and nothing more. */
  | 'stalled-answer'
  /** The connection is closed in an orderly way (FIN) without an answer. */
  | 'close'
  | 'never'
  /** What comes back is not HTTP. */
  | 'garbage'
  /** An answer of one's own. `early`: before the request's body is read. */
  | { status: number; body?: string; headers?: Record<string, string>; early?: boolean };

/** Decides how a request is treated. `number` is 1 for the first. */
export type Treat = (request: { method: string; url: string; number: number }) => Treatment;

export interface SeenRequest {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  /** The server's number for the connection, 1 for the first. */
  connection: number;
  size: number;
  sha256: string;
  /** What the client asked for in its TLS handshake. */
  serverName: string | undefined;
}

export function errorDocument(code: string, message = 'told so'): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
}

export class ToldServer implements AsyncDisposable {
  readonly seen: SeenRequest[] = [];
  readonly #server: Server;
  readonly #treat: Treat;
  readonly #connections = new Map<Socket, number>();
  #requests = 0;

  private constructor(treat: Treat, tls?: { key: string; cert: string }) {
    this.#treat = treat;
    const serve = (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response);
    this.#server = tls ? createTlsServer(tls, serve) : createServer(serve);
    this.#server.keepAliveTimeout = 0;
    this.#server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#connections.set(socket, this.#connections.size + 1);
      socket.on('error', () => {});
    });
  }

  static async start(treat: Treat = () => 'ok', tls?: { key: string; cert: string }): Promise<ToldServer> {
    const server = new ToldServer(treat, tls);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections that clients have opened. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Connections that are open now. */
  get open(): number {
    return [...this.#connections.keys()].filter((socket) => !socket.destroyed).length;
  }

  /** Closes, in an orderly way, every connection that is open. */
  endConnections(): void {
    for (const socket of this.#connections.keys()) socket.end();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', socket } = request;
    const treatment = this.#treat({ method, url, number: ++this.#requests });
    if (treatment === 'reset-unread') return void socket.resetAndDestroy();
    if (typeof treatment === 'object' && treatment.early) return answer(response, treatment);

    const hash = createHash('sha256');
    let size = 0;
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        hash.update(chunk);
        size += chunk.length;
      }
    } catch {
      return;
    }
    const connection = this.#connections.get(socket) ?? 0;
    const serverName = (socket as { servername?: string }).servername;
    this.seen.push({ method, url, headers: request.headers, connection, size, sha256: hash.digest('hex'), serverName });
    if (treatment === 'ok') return answer(response, asS3(method, url));
    if (treatment === 'reset') return void socket.resetAndDestroy();
    if (treatment === 'close') return void socket.end();
    if (treatment === 'garbage') return void socket.end('SSH-2.0-OpenSSH_9.2\r\n\r\n');
    if (treatment === 'half-answer' || treatment === 'stalled-answer') {
      response.writeHead(200, { etag: '"half"', 'content-length': 100 });
      response.write('<CompleteMulti', () => {
        if (treatment === 'half-answer') setImmediate(() => socket.resetAndDestroy());
      });
      return;
    }
    if (typeof treatment === 'object') answer(response, treatment);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    for (const socket of this.#connections.keys()) socket.destroy();
    await once(this.#server, 'close');
  }
}

function answer(response: ServerResponse, { status, body = '', headers = {} }: Exclude<Treatment, string>): void {
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers });
  response.end(body);
}

function asS3(method: string, url: string): Exclude<Treatment, string> {
  const { searchParams } = new URL(url, 'http://s3');
  if (method === 'POST' && searchParams.has('uploads')) {
    return {
      status: 200,
      body: '<InitiateMultipartUploadResult><UploadId>upload-1</UploadId></InitiateMultipartUploadResult>',
    };
  }
  if (method === 'POST') {
    const result = '<Bucket>b</Bucket><Key>k</Key><ETag>"done"</ETag>';
    return { status: 200, body: `<CompleteMultipartUploadResult>${result}</CompleteMultipartUploadResult>` };
  }
  if (method === 'DELETE') return { status: 204 };
  if (method === 'GET' && searchParams.has('list-type')) {
    return { status: 200, body: '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>' };
  }
  if (method === 'GET') return { status: 200, body: 'content', headers: { etag: '"get"' } };
  return { status: 200, headers: { etag: '"put"' } };
}
