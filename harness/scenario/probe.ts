/**
 * Looks at a lease's path as a client does: a PUT of 4 KiB, a GET of it and a DELETE, each over a connection of its own, so that
 * look-up, connect and handshake are in it. Once before the first fault, and once after the last heal: then it must be as it was.
 * Before the first fault it is asked, too, whether the gateway keeps attempt ids from S3.
 */
import type { Clock } from '../clock.ts';
import { goResolver } from '../dns/go-resolver.ts';
import type { Lease } from '../environment/lease.ts';
import type { ProbeEvent } from '../history/events.ts';
import { createS3Operations } from '../object-store/clients.ts';
import { MemoryBody } from '../object-store/memory-body.ts';
import { type AttemptContext, S3Error, type S3Operations } from '../object-store/s3-operations.ts';
import { Transport } from '../object-store/transport.ts';
import { inForce } from './in-force.ts';

/** Of PUT, GET and DELETE each: side by side, so that a path that hangs is not waited for again and again. */
const ROUNDS = 3;
const BYTES = 4096;
/** Milliseconds for one request: a path without faults takes a few, and a busy machine some hundreds. */
const PATIENCE_MS = 5000;
const FORBIDDEN = 403;
const NOT_FOUND = 404;

const timeouts = {
  dialTimeout: PATIENCE_MS,
  tlsHandshakeTimeout: PATIENCE_MS,
  responseHeaderTimeout: PATIENCE_MS,
  idleConnectionTimeout: PATIENCE_MS,
  maxIdleConnections: 1,
  // Each request over a connection of its own.
  keepAlive: false,
};

export interface ProbeOptions {
  lease: Lease;
  region: string;
  when: ProbeEvent['when'];
  clock: Clock;
  /** Ends it early: what it has by then is given. */
  signal: AbortSignal;
  /** Names of what the writers' machine has in force; absent: no writers of ours. */
  machine?: { inForce(): Promise<string[]> };
}

/** Never rejects: what failed is in the event. Its objects, below `chaos-probe/`, are gone when it is over. */
export async function probe({ lease, region, when, clock, signal, machine }: ProbeOptions): Promise<ProbeEvent> {
  const samples: ProbeEvent['samples'] = [];
  const s3 = await client(lease, region, clock);
  /** False when it failed: what follows on the same object would too. */
  const sample = async (
    operation: ProbeEvent['samples'][number]['operation'],
    request: string,
    send: (context: AttemptContext) => Promise<unknown>,
  ): Promise<boolean> => {
    const patience = new AbortController();
    const giveUp = clock.after(PATIENCE_MS, () => patience.abort());
    const start = clock.now();
    try {
      const ended = AbortSignal.any([signal, patience.signal]);
      await send({ id: request, request, attempt: 1, signal: ended, report: () => {} });
      samples.push({ operation, ms: clock.now() - start });
      return true;
    } catch (error) {
      const unanswered = patience.signal.aborted && !signal.aborted;
      const message = unanswered ? `no answer within ${PATIENCE_MS / 1000} s` : (error as Error).message;
      samples.push({ operation, ms: clock.now() - start, error: message, ...(unanswered && { unanswered }) });
      return false;
    } finally {
      giveUp();
    }
  };
  const round = async (number: number) => {
    const key = `chaos-probe/${when}-${number}`;
    const id = `probe-${when}-${number}`;
    const body = new MemoryBody(Buffer.alloc(BYTES, number));
    const there =
      (await sample('PutObject', `${id}.1`, (context) => s3.putObject(key, body, context))) &&
      (await sample('GetObject', `${id}.2`, async (context) => {
        const got = await s3.getObject(key, context);
        for await (const _ of got.body);
      }));
    if (there) await sample('DeleteObject', `${id}.3`, (context) => s3.deleteObject(key, context));
  };
  // What the gateway strips does not change in a run.
  const idReaches = when === 'before' ? reachesS3(s3, clock, signal) : undefined;
  await Promise.all(Array.from({ length: ROUNDS }, (_, index) => round(index + 1)));
  const idReachedS3 = await idReaches;
  s3.close();
  const found = { samples, inForce: await inForce(lease, machine), ...(idReachedS3 !== undefined && { idReachedS3 }) };
  return { t: clock.now(), type: 'probe', when, ...found };
}

/**
 * Whether an attempt id reaches S3, by what S3 itself says: a request that is signed with its id is refused by an S3 that does not get
 * the id, and is one for an object that is not there to an S3 that does. `undefined`: it gave no answer that tells.
 */
async function reachesS3(s3: S3Operations, clock: Clock, signal: AbortSignal): Promise<boolean | undefined> {
  const patience = new AbortController();
  const giveUp = clock.after(PATIENCE_MS, () => patience.abort());
  const id = 'probe-signed.1';
  const ended = AbortSignal.any([signal, patience.signal]);
  try {
    const context = { id, request: id, attempt: 1, signal: ended, report: () => {}, signsId: true } as const;
    (await s3.getObject('chaos-probe/none', context)).body.destroy();
    return true;
  } catch (error) {
    if (!(error instanceof S3Error)) return undefined;
    return error.status === FORBIDDEN ? false : error.status === NOT_FOUND ? true : undefined;
  } finally {
    giveUp();
  }
}

function client(lease: Lease, region: string, clock: Clock): Promise<S3Operations> {
  const resolver = goResolver({ servers: [lease.dnsServer], clock, timeoutMs: PATIENCE_MS, attempts: 1 });
  return createS3Operations('aws-sdk', {
    bucket: lease.bucket,
    region,
    credentials: lease.credentials,
    endpoint: lease.endpoint,
    pathStyle: lease.pathStyle,
    transport: new Transport({
      resolver,
      timeouts,
      clock,
      ...(lease.authority && { ca: lease.authority.certificate }),
    }),
  });
}
