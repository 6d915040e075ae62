import { z } from 'zod';
import { counted } from '../checkers/counted.ts';
import type { AttemptEvent, WireEvent } from '../history/events.ts';
import { median } from '../median.ts';
import type { EffectContext } from './effect.ts';
import { defineFault } from './fault.ts';
import { inConfigTime } from './in-config.ts';
import { positiveDuration } from './parameters.ts';
import { aboutToxics, injectToxics } from './toxics.ts';

/** Of the delay: less than this at the median, and it did not take effect. */
const DUE = 0.8;
/** A connection that is surely closed by its client after this share of the delay can show the rest of it. */
const EARLY = 0.5;
/** Milliseconds from an attempt's end until its connection is given back: one that begins meanwhile may open another. */
const GIVEN_BACK_MS = 2;

/**
 * For each connection that its client is sure to have closed in time: how long after its last request the gateway saw it end.
 *
 * 1. Nobody records when a client closes a connection. But a client that opens another has none to spare: what carried its last
 *    request before that is closed by then.
 * 2. Its end at the gateway is recorded by the wire stage.
 */
function closings({ fault, end, attempts, edges, events }: EffectContext, delay: number): number[] {
  const last = new Map<string, AttemptEvent>();
  for (const attempt of attempts) {
    const edge = edges.get(attempt.id);
    if (!edge) continue;
    const name = `${edge.route} ${edge.connection}`;
    if ((last.get(name)?.t ?? 0) < attempt.t) last.set(name, attempt);
  }
  return events
    .filter((event): event is WireEvent => event.type === 'wire')
    .flatMap(({ route, connection, t }) => {
      const attempt = last.get(`${route} ${connection}`);
      // A delay that the heal cut short tells nothing.
      if (!attempt || attempt.t < fault.t || attempt.t + delay > end.until) return [];
      const next = attempts.find(
        ({ start, reused, connection }) => start > attempt.t + GIVEN_BACK_MS && connection !== undefined && !reused,
      );
      return next && next.start <= attempt.t + delay * EARLY ? [t - attempt.t] : [];
    });
}

/** The end of a connection takes time to arrive. */
export const slowClose = defineFault({
  name: 'slow-close',
  about: 'S3 learns later that the client has closed a connection, so that closed ones pile up on its side.',
  details: [
    `${aboutToxics} It is the toxic \`slow_close\`, upstream: when the client has closed a connection, its other half, to S3, is closed ` +
      'only after `delay`. Healing closes at once what is still waiting.',
    'It does nothing to a connection that is kept alive, and little to a client: it is S3, or a load balancer in front of it, that holds ' +
      'connections which nobody uses. A client that keeps its connections shows nothing: let it close them, by a short ' +
      '`policy.idleConnectionTimeout`, or more requests at once than `policy.maxIdleConnections`.',
    'Its evidence: connections that the client is sure to have closed, since it opened a new one soon after their last request, ' +
      'and whose end the wire stage of the gateway saw only `delay` after that request.',
  ].join('\n\n'),
  place: 'network',
  parameters: z.strictObject({
    delay: positiveDuration().describe('how much later S3 learns of it'),
  }),
  example: { delay: '15s' },
  demonstrations: [
    {
      about:
        'A client that keeps idle connections for 100 ms only: S3 learns of each close 20 s later, and the writer does not notice.',
      compression: { time: 20, bytes: 500 },
      load: { rate: '100MB/s', blocks: 10 },
      set: { 'policy.idleConnectionTimeout': '100ms' },
      timeline: [{ at: '0s', for: '1m', with: { delay: '20s' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m', amplification: 1 },
    },
  ],
  compress: ({ delay }, compression) => ({ delay: compression.duration(delay, 'delay') }),
  inject: ({ lease, parameters: { delay }, id }) =>
    injectToxics(lease, id, 'upstream', 'slow_close', { delay: Math.round(delay) }),
  effect(context) {
    const { delay } = context.fault.with as { delay: number };
    const took = closings(context, delay);
    if (took.length === 0) {
      const { opened, pooled } = context.connections;
      return {
        seen: false,
        acted: 0,
        message: `no connection was seen to be closed by its client ${inConfigTime(delay, context.compression)} or more before the heal (${opened} requests opened one, ${pooled} used one that was open): a short policy.idleConnectionTimeout would close them`,
      };
    }
    const measured = median(took);
    return {
      seen: measured >= delay * DUE,
      acted: took.filter((ms) => ms >= delay * DUE).length,
      message: `${counted(took.length, 'connection')} that the client had closed ended at S3 ${inConfigTime(measured, context.compression)} after the last request at the median, of ${inConfigTime(delay, context.compression)} due`,
    };
  },
});
