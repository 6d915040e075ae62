/** What clients saw of a fault in their TLS handshakes: those of the attempts that opened a connection while it was in force. */
import { ruledBy } from '../gateway/ruled-by.ts';
import type { AttemptEvent, TlsHandshakeEvent } from '../history/events.ts';
import type { Effect, EffectContext } from './effect.ts';

export interface Handshake {
  attempt: AttemptEvent;
  /** Milliseconds that the client spent in it. */
  ms: number;
  /** The same from before the connect: a client that is late in noting its connection seems to have waited less for the server. */
  sinceDialled: number;
  /** The client went on to send its request. */
  through: boolean;
}

/**
 * Those that were over before the fault's healing began, and those that led to nothing: of attempts that began when it was in force, or
 * whose own handshake the gateway says it acted on.
 */
export function handshakesInForce(context: EffectContext): Handshake[] {
  const { actedFrom, end, attempts } = context;
  const ruled = handshakesRuled(context);
  return attempts.flatMap((attempt) => {
    const { socket = 0, dns = 0, connect = 0, tls, send } = attempt.phases;
    if (tls === undefined || attempt.start > end.until) return [];
    const dialled = attempt.start + socket + dns;
    const over = dialled + connect + tls;
    if (attempt.start < actedFrom && !ruled.some(({ start }) => start >= dialled && start <= over)) return [];
    const through = send !== undefined;
    return through && over > end.until ? [] : [{ attempt, ms: tls, sinceDialled: connect + tls, through }];
  });
}

/** Handshakes that the gateway says the fault's rule acted on. */
export function ruledHandshakes(context: EffectContext): number {
  return handshakesRuled(context).length;
}

function handshakesRuled({ fault, events }: EffectContext): TlsHandshakeEvent[] {
  return events.filter((event) => event.type === 'tls.handshake').filter((event) => ruledBy(event, fault.id));
}

/** There was nothing to see it by. */
export function noHandshake({ connections, fault }: EffectContext): Effect {
  const kept =
    (fault.with as { connections?: string }).connections === 'keep' ? '; `connections: end` would close the pool' : '';
  return {
    seen: false,
    message: `no TLS handshake began while it was in force: ${connections.pooled} requests went over connections that were open before${kept}`,
  };
}
