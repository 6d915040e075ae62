/** Builds a writer as it is assigned: on real disk and real sockets, with the S3 client and the settings that it names. */
import type { Clock } from '../clock.ts';
import { policyResolver } from '../dns/policy-resolver.ts';
import type { Recorder } from '../history/events.ts';
import { createObjectStore } from '../object-store/create-object-store.ts';
import { Random } from '../random.ts';
import { startBlockWriter } from '../writer/block-writer.ts';
import { lockFolder } from '../writer/folder-lock.ts';
import { RealDisk } from '../writer/real-disk.ts';
import type { DiskFaults } from './disk-faults.ts';
import { FaultyDisk } from './faulty-disk.ts';
import type { WriterAssignment } from './protocol.ts';
import type { AssignedWriter } from './subject-host.ts';

/** @throws Error when the SDK cannot be loaded, the folder is another writer's, or the assignment cannot be carried out. */
export async function startAssignedWriter(
  assignment: WriterAssignment,
  record: Recorder,
  clock: Clock,
  diskFaults: DiskFaults,
): Promise<AssignedWriter> {
  const { client, disk, incarnation = 1, load, s3, seed, settings, tenant, writer } = assignment;
  const { policy } = settings;
  const random = new Random(seed);
  const store = await createObjectStore({
    client,
    settings,
    s3,
    resolver: policyResolver(policy, s3.dns, { clock, ttlSecond: s3.dns.ttlSecond ?? 1000 }),
    clock,
    random,
    record,
    // Ids of attempts are unique in the run: a process begins to count anew.
    writer: incarnation === 1 ? writer : `${writer}.${incarnation}`,
  });
  const lock = await lockFolder(disk, writer).catch((error) => {
    store.close();
    throw error;
  });
  const close = () => {
    store.close();
    lock.release();
  };
  const faultyDisk = new FaultyDisk(new RealDisk(disk), diskFaults, { writer, clock, record });
  try {
    const started = startBlockWriter(
      {
        writer,
        tenant,
        prefix: settings.s3.prefix,
        blocks: settings.blocks,
        flush: policy,
        load: { begun: 0, ...load },
      },
      { store, disk: faultyDisk, clock, random, record },
    );
    return { writer: started, close };
  } catch (error) {
    close();
    throw error;
  }
}
