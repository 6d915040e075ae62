/**
 * An S3 that is not ours, as a DNS answer that is out of date may lead to: a route of the gateway whose rule refuses every request,
 * and in front of it a listener at an address of its own, since routes are on 127.0.0.1.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { ServerCertificate } from '../gateway/protocol.ts';
import type { PathParts } from './lease.ts';

/** The name of the rule in edge events. */
export const wrongS3Rule = 'wrong-s3';

export interface WrongS3Request {
  /** Unique in the gateway. */
  route: string;
  host: string;
  port: number;
  /** As for the lease's own route. */
  domain: string;
  historyFile: string;
  /** Absent: plain HTTP. */
  tls?: ServerCertificate;
}

/** @throws Error (EADDRINUSE, EADDRNOTAVAIL) when nobody can listen there. */
export async function openWrongS3(
  { gateway, environment }: Pick<PathParts, 'gateway' | 'environment'>,
  { route, host, port, domain, historyFile, tls }: WrongS3Request,
): Promise<{ connections(): Promise<number>; close(): Promise<void> }> {
  // What is upstream does not matter: the rule lets nothing through.
  const edge = await gateway.openRoute({
    route,
    upstream: environment.minio,
    domain,
    historyFile,
    ...(tls && { tls }),
  });
  let count = 0;
  const open = new Set<Socket>();
  const front = createServer((client) => {
    count++;
    const back = connect(edge.port, edge.host);
    for (const [socket, other] of [
      [client, back],
      [back, client],
    ] as const) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        open.delete(socket);
        other.destroy();
      });
    }
    client.pipe(back).pipe(client);
  });
  try {
    await edge.addRule({
      kind: 'answer-error',
      rule: wrongS3Rule,
      seed: 0,
      match: {},
      status: 403,
      code: 'InvalidAccessKeyId',
      message: 'The access key ID that you provided does not exist in our records.',
    });
    front.listen({ host, port });
    await once(front, 'listening');
  } catch (error) {
    await edge.close();
    throw error;
  }
  return {
    connections: async () => count,
    async close() {
      const closed = new Promise((resolve) => front.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
      await edge.close();
    },
  };
}
