/** What clients saw of a fault in their TLS handshakes: those of the attempts that opened a connection while it was in force. */
import { ruledBy } from '../gateway/ruled-by.ts';
import type { AttemptEvent } from '../history/events.ts';
import { begunInForce } from './attempts-in-force.ts';
import type { Effect, EffectContext } from './effect.ts';

export interface Handshake {
  attempt: AttemptEvent;
  /** Milliseconds that the client spent in it. */
  ms: number;
  /** The client went on to send its request. */
  through: boolean;
}

/** Those that were over before the fault's healing began, and those that led to nothing. */
export function handshakesInForce(context: EffectContext): Handshake[] {
  return begunInForce(context).flatMap((attempt) => {
    const { socket = 0, dns = 0, connect = 0, tls, send } = attempt.phases;
    if (tls === undefined) return [];
    const through = send !== undefined;
    const over = attempt.start + socket + dns + connect + tls;
    return through && over > context.end.until ? [] : [{ attempt, ms: tls, through }];
  });
}

/** Handshakes that the gateway says the fault's rule acted on. */
export function ruledHandshakes({ fault, events }: EffectContext): number {
  return events.filter((event) => event.type === 'tls.handshake' && ruledBy(event, fault.id)).length;
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
