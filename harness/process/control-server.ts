/**
 * The control API of a harness process: JSON over HTTP on loopback, answered only with the run's token.
 * A handler gets the path's parameters and the parsed body, and returns what is answered as JSON.
 */
import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Handler = (parameters: Record<string, string>, body: unknown) => unknown | Promise<unknown>;

/** Thrown by a handler for a request that is wrong: answered with this status and message, and `details` beside it. */
export class ControlError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly details: object = {},
  ) {
    super(message);
  }
}

const LARGEST_BODY = 1024 * 1024;

/** `handlers` by method and path: `'DELETE /routes/:route/rules/:rule'`. Listens on 127.0.0.1 and a free port. */
export async function serveControl(
  token: string,
  handlers: Record<string, Handler>,
): Promise<{ port: number; close(): void }> {
  const table = Object.entries(handlers).map(([pattern, handler]) => {
    const [method, path] = pattern.split(' ') as [string, string];
    return { method, segments: path.split('/').slice(1), handler };
  });
  const expected = Buffer.from(`Bearer ${token}`);

  const server = createServer(async (request, response) => {
    const answer = (status: number, content: unknown) => {
      const text = JSON.stringify(content ?? {});
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
      response.end(text);
    };
    try {
      const given = Buffer.from(request.headers.authorization ?? '');
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
        return answer(401, {
          error: 'the control API wants the token of this run, as "Authorization: Bearer <token>"',
        });
      }
      const segments = segmentsOf(request.url ?? '');
      for (const entry of table) {
        const parameters = entry.method === request.method ? match(entry.segments, segments) : undefined;
        if (parameters) return answer(200, await entry.handler(parameters, await readJson(request)));
      }
      answer(404, { error: `the control API has no ${request.method} ${request.url}` });
    } catch (error) {
      const { status, details } = error instanceof ControlError ? error : { status: 500, details: {} };
      answer(status, { error: (error as Error).message, ...details });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function segmentsOf(url: string): string[] {
  const [path = ''] = url.split('?', 1);
  try {
    return path.split('/').slice(1).map(decodeURIComponent);
  } catch {
    throw new ControlError(400, `the path ${path} cannot be decoded`);
  }
}

function match(pattern: string[], segments: string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] as string;
    if (part.startsWith(':')) parameters[part.slice(1)] = segment;
    else if (part !== segment) return undefined;
  }
  return parameters;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new ControlError(413, `a control request may have ${LARGEST_BODY} bytes at most`);
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new ControlError(400, 'the body is not JSON');
  }
}
