/** Builds a writer as it is assigned: on real disk and real sockets, with the S3 client and the settings that it names. */
import type { Clock } from '../clock.ts';
import { goResolver } from '../dns/go-resolver.ts';
import type { Recorder } from '../history/events.ts';
import { createS3Operations } from '../object-store/clients.ts';
import { usesPathStyle } from '../object-store/path-style.ts';
import { tempoObjectStore } from '../object-store/tempo-object-store.ts';
import { Transport } from '../object-store/transport.ts';
import { Random } from '../random.ts';
import { startBlockWriter } from '../writer/block-writer.ts';
import { RealDisk } from '../writer/real-disk.ts';
import type { WriterAssignment } from './protocol.ts';
import type { AssignedWriter } from './subject-host.ts';

/** @throws Error when the SDK cannot be loaded, or the assignment cannot be carried out. */
export async function startAssignedWriter(
  assignment: WriterAssignment,
  record: Recorder,
  clock: Clock,
): Promise<AssignedWriter> {
  const { client, disk, load, s3, seed, settings, tenant, writer } = assignment;
  const { policy } = settings;
  const random = new Random(seed);
  const resolver = goResolver({
    servers: [s3.dns],
    timeoutMs: policy.dnsTimeout,
    attempts: policy.dnsAttempts,
    clock,
  });
  const operations = await createS3Operations(client, {
    bucket: settings.s3.bucket,
    region: settings.s3.region,
    credentials: s3.credentials,
    endpoint: { host: s3.host, port: s3.port, secure: !settings.s3.insecure },
    pathStyle: usesPathStyle(settings.s3),
    transport: new Transport({ resolver, timeouts: policy, clock }),
  });
  const store = tempoObjectStore({
    operations,
    policy,
    partSize: settings.s3.partSize,
    clock,
    random,
    record,
    writer,
  });
  return {
    writer: startBlockWriter(
      { writer, tenant, prefix: settings.s3.prefix, blocks: settings.blocks, flush: policy, load },
      { store, disk: new RealDisk(disk), clock, random, record },
    ),
    close: () => store.close(),
  };
}
