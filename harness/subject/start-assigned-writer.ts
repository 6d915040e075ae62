/** Builds a writer as it is assigned: on real disk and real sockets, with the S3 client and the settings that it names. */
import type { Clock } from '../clock.ts';
import type { Recorder } from '../history/events.ts';
import { Random } from '../random.ts';
import { startBlockWriter } from '../writer/block-writer.ts';
import { lockFolder } from '../writer/folder-lock.ts';
import { RealDisk } from '../writer/real-disk.ts';
import { assignedObjectStore } from './assigned-object-store.ts';
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
  const { disk, incarnation = 1, load, seed, settings, tenant, writer } = assignment;
  const random = new Random(seed);
  // A process begins to count its attempts anew.
  const counted = incarnation === 1 ? writer : `${writer}.${incarnation}`;
  const store = await assignedObjectStore(assignment, { writer: counted, clock, random, record });
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
        flush: settings.policy,
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
