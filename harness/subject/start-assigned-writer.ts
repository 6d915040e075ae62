/** Builds a writer as it is assigned: on real disk and real sockets, with the S3 client and the settings that it names. */
import type { Clock } from '../clock.ts';
import { policyResolver } from '../dns/policy-resolver.ts';
import type { Recorder } from '../history/events.ts';
import { createS3Operations } from '../object-store/clients.ts';
import { usesPathStyle } from '../object-store/path-style.ts';
import { tempoObjectStore } from '../object-store/tempo-object-store.ts';
import { Transport } from '../object-store/transport.ts';
import { Random } from '../random.ts';
import { startBlockWriter } from '../writer/block-writer.ts';
import { RealDisk } from '../writer/real-disk.ts';
import type { DiskFaults } from './disk-faults.ts';
import { FaultyDisk } from './faulty-disk.ts';
import type { WriterAssignment } from './protocol.ts';
import type { AssignedWriter } from './subject-host.ts';

/** @throws Error when the SDK cannot be loaded, or the assignment cannot be carried out. */
export async function startAssignedWriter(
  assignment: WriterAssignment,
  record: Recorder,
  clock: Clock,
  diskFaults: DiskFaults,
): Promise<AssignedWriter> {
  const { client, disk, incarnation = 1, load, s3, seed, settings, tenant, writer } = assignment;
  const { policy } = settings;
  const random = new Random(seed);
  const resolver = policyResolver(policy, s3.dns, { clock, ttlSecond: s3.dns.ttlSecond ?? 1000 });
  const operations = await createS3Operations(client, {
    bucket: settings.s3.bucket,
    region: settings.s3.region,
    credentials: s3.credentials,
    endpoint: { host: s3.host, port: s3.port, secure: !settings.s3.insecure },
    pathStyle: usesPathStyle(settings.s3),
    transport: new Transport({ resolver, timeouts: policy, clock, ...(s3.ca !== undefined && { ca: s3.ca }) }),
  });
  const store = tempoObjectStore({
    operations,
    policy,
    partSize: settings.s3.partSize,
    clock,
    random,
    record,
    // Ids of attempts are unique in the run: a process begins to count anew.
    writer: incarnation === 1 ? writer : `${writer}.${incarnation}`,
  });
  return {
    writer: startBlockWriter(
      {
        writer,
        tenant,
        prefix: settings.s3.prefix,
        blocks: settings.blocks,
        flush: policy,
        load: { begun: 0, ...load },
      },
      { store, disk: new FaultyDisk(new RealDisk(disk), diskFaults, { writer, clock, record }), clock, random, record },
    ),
    close: () => store.close(),
  };
}
