/** Builds a compactor as it is assigned: on real sockets, with the S3 client and the settings that it names. */
import type { Clock } from '../clock.ts';
import type { Recorder } from '../history/events.ts';
import { Random } from '../random.ts';
import { assignedObjectStore } from '../subject/assigned-object-store.ts';
import { type StartedCompactor, startCompactor } from './compactor.ts';
import type { CompactorAssignment } from './protocol.ts';

/** A compactor, and what was built for it alone. */
export interface AssignedCompactor {
  compactor: StartedCompactor;
  /** Closes its connections. The compactor is stopped by then. */
  close(): void;
}

/** @throws Error when the SDK cannot be loaded, or the assignment cannot be carried out. */
export async function startAssignedCompactor(
  assignment: CompactorAssignment,
  record: Recorder,
  clock: Clock,
): Promise<AssignedCompactor> {
  const { compactor, seed, settings, share, tenants } = assignment;
  const random = new Random(seed);
  const store = await assignedObjectStore(assignment, { writer: compactor, clock, random, record });
  try {
    const { maxTimePerTenant, blocklistPoll } = settings.other;
    const compaction = { ...settings.compaction, maxTimePerTenant, blocklistPoll };
    const started = startCompactor(
      { compactor, tenants, prefix: settings.s3.prefix, compaction, share },
      { store, clock, random, record },
    );
    return { compactor: started, close: () => store.close() };
  } catch (error) {
    store.close();
    throw error;
  }
}
