import { z } from 'zod';
import { counted } from '../checkers/counted.ts';
import type { AttemptEvent, EdgeEvent } from '../history/events.ts';
import { answeredInForce, begunInForce } from './attempts-in-force.ts';
import { defineFault } from './fault.ts';
import { inConfigTime } from './in-config.ts';
import { aboutToxics, injectToxics } from './toxics.ts';

function applied(edge: EdgeEvent | undefined, by: number): boolean {
  const status = edge?.upstream?.status;
  return status !== undefined && status < 300 && (edge?.upstream?.end ?? 0) <= by;
}

/**
 * Bytes stop, and the connection stays. Upstream, S3 has not done what was asked; downstream it has: the client cannot tell.
 *
 * The effect is read off both ends: clients that waited, longer than any request took before; and whether S3 had answered them.
 */
export const stall = defineFault({
  name: 'stall',
  about: 'Bytes stop and the connection stays: upstream S3 has not applied the request, downstream it has.',
  details: [
    `${aboutToxics} It acts on open connections at once. Upstream the bytes of requests stop, and S3 does not apply them; downstream ` +
      'those of answers, and it does. New connections come about (Toxiproxy accepts them), and stall likewise; over TLS they already ' +
      'do in the handshake.',
    '`bytes: dropped` (the toxic `timeout`, without a time): what is sent is swallowed, so that even a large body seems to go out; ' +
      'the client then waits for an answer until its response-header timeout (60 s in Tempo). Healing ends the stalled connections: ' +
      'the client sees `EOF`. So does a firewall that forgot the connection.',
    '`bytes: held` (the toxic `bandwidth`, with a rate of 0): nothing is lost, and the sender is pushed back once what lies between is ' +
      'full, a few MiB. A large body then stops in the middle, where minio-go has no timeout of its own: only the deadline of the flush ' +
      'ends it. Healing lets all of it flow on, at most 0.1 s later. So does a network that comes back.',
    'Its evidence: attempts that began while it was in force and were not answered until it was healed, for longer than any took ' +
      'before the first fault, while none got an answer; and as the S3 edge saw them, not applied by then (upstream, both), or ' +
      'applied (downstream, where those that were under way when it began count too).',
  ].join('\n\n'),
  place: 'network',
  parameters: z.strictObject({
    direction: z
      .enum(['upstream', 'downstream', 'both'])
      .default('upstream')
      .describe('upstream: requests, S3 has not applied them; downstream: answers, it has; both'),
    bytes: z
      .enum(['dropped', 'held'])
      .default('dropped')
      .describe('dropped: swallowed, and healing ends the connections; held: they flow on when it is healed'),
  }),
  example: { direction: 'downstream' },
  demonstrations: [
    {
      about:
        'Requests vanish on their way for forty seconds: none is applied, and all are sent again when the connections end.',
      compression: { time: 20, bytes: 500 },
      load: { rate: '53MB/s', blocks: 4 },
      timeline: [{ at: '0s', for: '40s', with: { direction: 'upstream' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m', amplification: 3 },
    },
    {
      about: 'Answers vanish on their way for forty seconds: S3 has applied the requests, and gets them a second time.',
      compression: { time: 20, bytes: 500 },
      load: { rate: '53MB/s', blocks: 4 },
      timeline: [{ at: '0s', for: '40s', with: { direction: 'downstream' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m', amplification: 3 },
    },
    {
      about:
        'The network holds everything for forty seconds and then goes on: what waited arrives late, and nothing is lost.',
      compression: { time: 20, bytes: 500 },
      load: { rate: '53MB/s', blocks: 4 },
      timeline: [{ at: '0s', for: '40s', with: { direction: 'both', bytes: 'held' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m', amplification: 2 },
    },
  ],
  touches: 'whether bytes pass',
  compress: (parameters) => parameters,
  inject: ({ lease, parameters: { direction, bytes }, id }) =>
    bytes === 'held'
      ? injectToxics(lease, id, direction, 'bandwidth', { rate: 0 })
      : injectToxics(lease, id, direction, 'timeout', { timeout: 0 }),
  effect(context) {
    const { fault, end, attempts, edges, before, compression } = context;
    const { direction } = fault.with as { direction: 'upstream' | 'downstream' | 'both' };
    const begun = begunInForce(context);
    if (begun.length === 0) {
      return { seen: false, acted: 0, message: 'no request began while it was in force; it needs load' };
    }
    const usual = Math.max(0, ...before.filter(({ outcome }) => outcome === 'ok').map(({ t, start }) => t - start));
    const waited = ({ start, t }: AttemptEvent) => Math.min(t, end.until) - Math.max(start, fault.t);
    // Upstream, one that had begun before may have come to S3 whole. Downstream its answer stops like all others, and over TLS it
    // may be the only one that S3 gets.
    const concerned = direction === 'downstream' ? attempts.filter(({ status }) => status === undefined) : begun;
    const stalled = concerned.filter((attempt) => waited(attempt) > usual);
    const answered = answeredInForce(context).length;
    const requests = counted(begun.length, 'request');
    if (answered > 0) {
      return {
        seen: false,
        acted: stalled.length,
        message: `of ${requests} that began while it was in force, ${answered} got an answer, where bytes should have stopped`,
      };
    }
    if (stalled.length === 0) {
      return {
        seen: false,
        acted: 0,
        message: `none of ${requests} waited longer than ${inConfigTime(usual, compression)}, as they did before the first fault too: it needs to last longer`,
      };
    }
    const done = stalled.filter(({ id }) => applied(edges.get(id), end.until)).length;
    const longest = inConfigTime(Math.max(...stalled.map(waited)), compression);
    const waiting = `${counted(stalled.length, 'request')} got no answer, for up to ${longest}, and S3 had applied ${done} of them`;
    return { seen: direction === 'downstream' ? done > 0 : done === 0, acted: stalled.length, message: waiting };
  },
});
