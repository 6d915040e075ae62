/** For tests: TLS handshakes made by hand, as the client saw them and as the gateway did. */
import { request } from '../checkers/example-history.ts';
import type { AttemptEvent, HistoryEvent, TlsHandshakeEvent } from '../history/events.ts';

/** An attempt that shook hands for `ms`, and sent its request. `rule`: what the gateway says acted on the handshake. */
export function shookHands(start: number, ms: number, rule?: string): HistoryEvent[] {
  return [
    ...request('block', `object-${start}`, [start, start + ms + 30], {
      client: { phases: { dns: 5, connect: 5, tls: ms, send: 10, wait: 10 }, reused: false },
    }),
    handshake(start + 10, ms, rule),
  ];
}

/** An attempt whose handshake came to nothing after `ms`. */
export function inVain(
  start: number,
  ms: number,
  rule: string | undefined,
  { client = {}, ended = {} }: { client?: Partial<AttemptEvent>; ended?: Partial<TlsHandshakeEvent> } = {},
): HistoryEvent[] {
  const [, attempt] = request('block', `object-${start}`, [start, start + ms + 10], {
    client: {
      phases: { dns: 5, connect: 5, tls: ms },
      reused: false,
      outcome: 'fail',
      failure: 'tls',
      message: 'net/http: TLS handshake timeout',
      status: undefined as never,
      ...client,
    },
  });
  return [attempt, { ...handshake(start + 10, ms, rule), outcome: 'fail', ...ended }];
}

/** One over a connection that was open before. */
export function pooled(start: number): HistoryEvent[] {
  return request('block', `pooled-${start}`, [start, start + 10], { client: { reused: true } });
}

function handshake(start: number, ms: number, rule?: string): TlsHandshakeEvent {
  return {
    t: start + ms,
    type: 'tls.handshake',
    route: 'route',
    connection: 1,
    start,
    outcome: 'ok',
    ...(rule !== undefined && { rule }),
  };
}
