/** The object store of what is assigned to a process, a writer or a compactor: over real sockets, with the S3 client and the settings that it names. */
import type { Clock } from '../clock.ts';
import { policyResolver } from '../dns/policy-resolver.ts';
import type { Recorder } from '../history/events.ts';
import { createObjectStore } from '../object-store/create-object-store.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import type { Random } from '../random.ts';
import type { WriterAssignment } from './protocol.ts';

/** `about.writer`: ids of attempts begin with it, unique in the run. @throws Error when the SDK cannot be loaded. */
export async function assignedObjectStore(
  { client, s3, settings }: Pick<WriterAssignment, 'client' | 's3' | 'settings'>,
  about: { writer: string; clock: Clock; random: Random; record: Recorder },
): Promise<ObjectStore> {
  const { dns } = s3;
  const resolver = policyResolver(settings.policy, dns, { clock: about.clock, ttlSecond: dns.ttlSecond ?? 1000 });
  return createObjectStore({ client, settings, s3, resolver, ...about });
}
