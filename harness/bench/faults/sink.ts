/** The far end of a bench: answers every request 200 as soon as its body was read, and counts the bytes of each connection. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';

export interface Sink extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Requests that were read to their end. */
  readonly requests: number;
  /** Bytes of bodies so far, by the number that the request's path ends in. */
  readonly bytes: ReadonlyMap<number, number>;
}

export async function startSink(): Promise<Sink> {
  const bytes = new Map<number, number>();
  let requests = 0;
  const server = createServer({ highWaterMark: 256 * 1024, requestTimeout: 0, noDelay: true }, (request, response) => {
    const number = Number(/(\d+)$/.exec(request.url ?? '')?.[1] ?? 0);
    request.on('data', (chunk: Buffer) => bytes.set(number, (bytes.get(number) ?? 0) + chunk.length));
    request.once('end', () => {
      requests++;
      response.end();
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { address, port } = server.address() as AddressInfo;
  if (isIP(address) === 0) throw new Error(`bench: the sink listens on ${address}: an address expected`);
  return {
    host: address,
    port,
    bytes,
    get requests() {
      return requests;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
