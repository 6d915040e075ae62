/** Builds a compactor as it is assigned: on real sockets, with the S3 client and the settings that it names. */
import type { Clock } from '../clock.ts';
import { policyResolver } from '../dns/policy-resolver.ts';
import type { Recorder } from '../history/events.ts';
import { createObjectStore } from '../object-store/create-object-store.ts';
import { Random } from '../random.ts';
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
  const { client, compactor, s3, seed, settings, share, tenants } = assignment;
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
    writer: compactor,
  });
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
