/** For tests of real subject processes: a small S3, and what a writer needs to write to it. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Compression } from '../scenario/compression.ts';
import { tempoDefaults } from '../tempo/defaults.ts';
import type { TempoSettings } from '../tempo/settings.ts';
import type { WriterAssignment } from './protocol.ts';

/** The name of S3 that the writers look up. */
export const host = 'subject.s3.chaos.test';
export const MiB = 1024 * 1024;

/** What becomes of one writer: it goes to `s3`, at `host`, and keeps its files in `folder`. */
export async function exampleAssignment(
  folder: string,
  {
    writer,
    client,
    port,
    dns,
  }: Pick<WriterAssignment, 'writer' | 'client'> & { port: number; dns: { host: string; port: number } },
): Promise<WriterAssignment> {
  const disk = join(folder, writer);
  await mkdir(disk);
  return {
    writer,
    client,
    seed: 1,
    settings,
    tenant: 'single-tenant',
    s3: {
      host,
      port,
      credentials: { accessKeyId: 'key-of-the-run', secretAccessKey: 'secret-of-the-run' },
      dns: { host: dns.host, port: dns.port },
    },
    load: { bytesPerSecond: 10 * MiB, blocks: 2, startAfter: 0 },
    disk,
    historyFile: join(folder, `${writer}.ndjson`),
  };
}

/** Answers every PUT and listing with 200, or, while it is `away`, all with 503; of a PUT for which `hangs` is true, nothing is ever answered. */
export class SmallS3 {
  readonly objects = new Map<string, { size: number; sha256: string }>();
  hangs: (path: string) => boolean = () => false;
  hanging = 0;
  away = false;
  readonly #server: Server = createServer(async (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] as string;
    if (this.hangs(path)) {
      this.hanging++;
      return;
    }
    const hash = createHash('sha256');
    let size = 0;
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        hash.update(chunk);
        size += chunk.length;
      }
    } catch {
      // Cut off in the middle: nothing of it is taken.
      return;
    }
    if (this.away) {
      const error = '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>S3 is away</Message></Error>';
      response.writeHead(503, { 'content-type': 'application/xml' }).end(error);
    } else if (request.method === 'PUT') {
      this.objects.set(path, { size, sha256: hash.digest('hex') });
      response.writeHead(200, { etag: '"0123456789abcdef0123456789abcdef"', 'content-length': 0 }).end();
    } else {
      const listing = `<?xml version="1.0"?><ListBucketResult><Name>tempo</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>`;
      response.writeHead(200, { 'content-type': 'application/xml' }).end(listing);
    }
  });
  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }
  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

const compressed = new Compression(100, 500).settings(tempoDefaults());

/** Blocks of 1 MiB; all of Tempo's times divided by 100, but those that would have a test wait, or give up. */
export const settings: TempoSettings = {
  ...compressed,
  s3: { ...compressed.s3, bucket: 'tempo', prefix: 'run', region: 'us-east-1', insecure: true, forcePathStyle: true },
  policy: {
    ...compressed.policy,
    responseHeaderTimeout: 60_000,
    dnsTimeout: 1000,
    nodeDnsTimeout: 1000,
    flushOpTimeout: 60_000,
    flushCheckPeriod: 50,
    firstFlushJitter: 10,
  },
};
