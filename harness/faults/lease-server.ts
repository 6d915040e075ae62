/** The server of a lease's own, for the faults that are its own. */
import type { OwnServer } from '../environment/environment.ts';
import type { ServerEvent } from '../history/events.ts';
import type { Injection } from './fault.ts';

/** Two faults of one server cannot be told apart, nor healed one without the other. */
export const serverItself = 'what the S3 server does';

/** @throws Error when the lease shares its server with others. */
export function leaseServer({ lease, id }: Pick<Injection<unknown>, 'lease' | 'id'>): OwnServer {
  if (lease.server) return lease.server;
  throw new Error(`${id}: lease ${lease.name} shares its MinIO with others; the fault needs one of its own`);
}

/** Tells the history what was done to the server. @returns when. */
export function tell(
  { clock, record, id }: Pick<Injection<unknown>, 'clock' | 'record' | 'id'>,
  what: ServerEvent['what'],
): number {
  const t = clock.now();
  record({ t, type: 'server', what, rule: id });
  return t;
}
