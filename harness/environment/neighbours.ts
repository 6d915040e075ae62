/**
 * Addresses beside a lease's own: other addresses of loopback, with the same port, for a DNS name to lead to. Each is taken until it is
 * closed; what the lease took is closed with it.
 *
 * The whole of 127.0.0.0/8 is this machine on Linux, without any set-up. An address needs no lock against other runs: the lease's
 * proxy has its port on 127.0.0.1, no other lease has the same, and so no other looks for a neighbour at that port.
 */
import { connect } from 'node:net';
import { join } from 'node:path';
import type { ServerCertificate } from '../gateway/protocol.ts';
import { Random } from '../random.ts';
import { HANGS_AFTER_MS, openFullBacklog } from './full-backlog.ts';
import type { PathParts } from './lease.ts';
import { mustBeFree } from './server-port.ts';
import { within } from './within.ts';
import { openWrongS3 } from './wrong-s3.ts';

export interface Neighbour {
  /** Another address of 127.0.0.0/8. The port is the lease's. */
  readonly address: string;
  /** How many connections came to it, where something listens that can count them; `null` where nothing does. */
  connections(): Promise<number | null>;
  /** Once resolved, connects are refused. Connects that hang are refused when they are tried again, within seconds. */
  close(): Promise<void>;
}

export interface Neighbours {
  /** Nothing listens: connects are refused. */
  dead(): Promise<Neighbour>;
  /** Connects hang: a SYN gets no answer (a listener with a full backlog that accepts nothing). @throws Error where that cannot be had. */
  hanging(): Promise<Neighbour>;
  /** An S3 that is not ours: it speaks S3 and answers every request 403 InvalidAccessKeyId. */
  wrongS3(): Promise<Neighbour>;
  /** What is still open, by kind. */
  open(): readonly string[];
  close(): Promise<void>;
}

export interface NeighboursRequest {
  /** The lease's. */
  name: string;
  port: number;
  domain: string;
  partsFolder: string;
  /** What the lease's own path shows. Absent: plain HTTP. */
  tls?: ServerCertificate;
}

/** Addresses that are tried, before it is said that there is none. */
const MOST_TRIED = 20;

/** What listens at an address, if anything does. */
interface Listening {
  connections?(): Promise<number>;
  close(): Promise<void>;
}

/** For the lease of that name, whose endpoint has that port. Takes nothing yet. */
export function openNeighbours(
  parts: Pick<PathParts, 'gateway' | 'environment'>,
  lease: NeighboursRequest,
): Neighbours {
  const { name, port } = lease;
  const taken = new Map<Neighbour, string>();
  /** A lease has few neighbours at once; a closed one's address is not given out again, since clients may still know it. */
  let given = 0;

  const take = async (
    kind: string,
    listen: (address: string, number: number) => Promise<Listening>,
  ): Promise<Neighbour> => {
    const number = ++given;
    let address = '';
    let failure: unknown;
    for (let attempt = 1; attempt <= MOST_TRIED; attempt++) {
      address = addressFor(name, number, attempt);
      try {
        await mustBeFree(address, port);
        const { connections, close } = await listen(address, number);
        let closed: Promise<void> | undefined;
        const neighbour: Neighbour = {
          address,
          connections: async () => (connections ? connections() : null),
          close() {
            closed ??= close().then(() => void taken.delete(neighbour));
            return closed;
          },
        };
        taken.set(neighbour, kind);
        return neighbour;
      } catch (error) {
        failure = error;
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') break;
      }
    }
    const why =
      (failure as NodeJS.ErrnoException).code === 'EADDRNOTAVAIL'
        ? `the system does not have this address, as Linux has all of 127.0.0.0/8: use Linux, or add it first (sudo ifconfig lo0 alias ${address})`
        : (failure as Error).message;
    throw new Error(`lease ${name}: cannot have ${address}:${port} as a neighbour (${kind}): ${why}`, {
      cause: failure,
    });
  };

  return {
    dead: () =>
      take('dead', async (address) => {
        const found = await tryConnect(address, port);
        if (found !== 'refused') throw new Error(`a connect to it was not refused, but ${found}`);
        return { close: async () => {} };
      }),
    hanging: () =>
      take('hanging', async (address) => {
        const backlog = await openFullBacklog(address, port);
        const found = await tryConnect(address, port);
        if (found === 'pending') return backlog;
        await backlog.close();
        throw new Error(`a connect to it did not hang, but was ${found}, though its backlog is full`);
      }),
    wrongS3: () =>
      take('wrong-s3', (address, number) =>
        openWrongS3(parts, {
          route: `${name}-wrong-s3-${number}`,
          host: address,
          port,
          domain: lease.domain,
          historyFile: join(lease.partsFolder, `wrong-s3-${number}.ndjson`),
          ...(lease.tls && { tls: lease.tls }),
        }),
      ),
    open: () => [...taken.values()],
    async close() {
      const closed = await Promise.allSettled([...taken.keys()].map((neighbour) => neighbour.close()));
      const failure = closed.find((one) => one.status === 'rejected');
      if (failure) throw failure.reason;
    },
  };
}

/** From 127.16.0.1 on: what is below, 127.0.0.53 and 127.0.1.1, is used by systems for themselves. */
function addressFor(lease: string, number: number, attempt: number): string {
  const random = new Random(number);
  const octet = (place: string, from: number, to: number) =>
    from + Math.floor(random.uniform(lease, place, attempt) * (to - from + 1));
  return `127.${octet('second', 16, 254)}.${octet('third', 0, 255)}.${octet('fourth', 1, 254)}`;
}

/** What becomes of a connect within 100 ms: `pending`, `accepted`, `refused`, or the system's word for another end. */
export async function tryConnect(host: string, port: number): Promise<string> {
  const socket = connect({ host, port });
  const end = new Promise<string>((resolve) => {
    socket.once('connect', () => resolve('accepted'));
    socket.on('error', ({ code = 'ended' }: NodeJS.ErrnoException) =>
      resolve(code === 'ECONNREFUSED' ? 'refused' : code),
    );
  });
  try {
    return await within(HANGS_AFTER_MS, end, 'pending');
  } finally {
    socket.destroy();
  }
}
