/** For tests: look-ups of a lease's name, as a history has them. */
import { request } from '../checkers/example-history.ts';
import type { AttemptEvent, DnsQueryEvent, HistoryEvent } from '../history/events.ts';

export const leaseName = 'lease-1.s3.chaos.test';

/** A query, and what was answered. */
export function query(t: number, how: Partial<DnsQueryEvent> = {}): DnsQueryEvent {
  return {
    t,
    type: 'dns.query',
    name: leaseName,
    question: 'A',
    transport: 'udp',
    answer: 'NOERROR',
    addresses: how.answer === undefined ? ['127.0.0.1'] : [],
    ...how,
  };
}

/** An attempt whose look-up began at `start` and took `ms`, and which ended with it if it failed. */
export function connect(start: number, ms: number, client: Partial<AttemptEvent> = {}): AttemptEvent {
  const failed = client.failure !== undefined;
  const phases = failed ? { dns: ms } : { socket: 0, dns: ms, connect: 0.1, send: 1, wait: 5 };
  const outcome = failed ? 'fail' : 'ok';
  const [, attempt] = request('block', `object-${start}`, [start, start + ms + (failed ? 0 : 7)]);
  return { ...attempt, phases, outcome, reused: false, ...(failed && { status: undefined as never }), ...client };
}

/** An attempt over a connection of the pool. */
export function pooled(start: number, connection: number): HistoryEvent[] {
  return request('block', `object-${start}`, [start, start + 10], { client: { reused: true, connection } });
}
