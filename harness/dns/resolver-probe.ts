/** For tests of resolvers: our DNS server with a name, what it was asked for it, and how a look-up failed. */
import { realClock } from '../clock.ts';
import type { DnsQueryEvent } from '../history/events.ts';
import { DnsServer } from './dns-server.ts';
import { DnsError } from './resolver.ts';

/** Never aborted. */
export const never: AbortSignal = new AbortController().signal;

/** The name that the server knows. */
export const name = 'one.s3.chaos.test';

export interface ProbedServer {
  server: DnsServer;
  /** What it was asked, in the order in which it came. */
  queries: DnsQueryEvent[];
}

export async function probedServer(addresses: string[], ttlSeconds: number): Promise<ProbedServer> {
  const server = await DnsServer.start(realClock);
  const queries: DnsQueryEvent[] = [];
  server.zone.add({ name, addresses, ttlSeconds, record: (event) => queries.push(event as DnsQueryEvent) });
  return { server, queries };
}

/** As `type transport answer`, without an order between A and AAAA, which have none. */
export function questionsOf(queries: readonly DnsQueryEvent[]): string[] {
  return queries.map(({ question, transport, answer }) => `${question} ${transport} ${answer}`).sort();
}

/** @throws what else came of it. */
export async function failureOf(lookup: Promise<unknown>): Promise<DnsError> {
  const error = await lookup.then(
    (value) => new Error(`resolved: ${value}`),
    (reason) => reason,
  );
  if (!(error instanceof DnsError)) throw error;
  return error;
}
