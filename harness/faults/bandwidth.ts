import { z } from 'zod';
import type { AttemptEvent, EdgeEvent } from '../history/events.ts';
import { readyToSend } from './attempt-moments.ts';
import { defineFault } from './fault.ts';
import { inConfigRate } from './in-config.ts';
import { rate } from './parameters.ts';
import { aboutToxics, injectToxics } from './toxics.ts';

/** Toxiproxy lets bytes through in bursts of up to 32 KB: a body has to be several bursts long to show the rate. */
const SMALLEST_BODY = 256 * 1024;
/** Over the cap by more than this, and it did not take effect. What Toxiproxy had buffered passes at once. */
const SLACK = 1.35;

/**
 * Bytes per second at which the body came from the client to the S3 edge; empty when it is too small to tell, or did not come whole. From
 * when the client could send: an edge that is late in seeing the head finds much of the body there already, as if it had come at once.
 */
function rateOf(attempt: AttemptEvent, edges: ReadonlyMap<string, EdgeEvent>): number[] {
  const edge = edges.get(attempt.id);
  if (edge?.bodyEnd === undefined || edge.bytesIn < SMALLEST_BODY) return [];
  return [(edge.bytesIn / (edge.bodyEnd - Math.min(readyToSend(attempt), edge.start))) * 1000];
}

/**
 * Each connection is held to a rate, one way or both. The cap is for a connection, not for the path: four connections get
 * four times as much.
 *
 * The effect is measured across the cap: how fast the bodies of requests came from the client to the S3 edge.
 */
export const bandwidth = defineFault({
  name: 'bandwidth',
  about: 'Each connection is held to a rate: a capped uplink as one connection sees it.',
  details: [
    `${aboutToxics} It is the toxic \`bandwidth\`, in units of 1000 bytes per second. The cap is for one connection and one direction: ` +
      'four connections get four times as much (`shared-bandwidth` is a cap for all of them together).',
    'Toxiproxy lets bytes through in bursts of up to 32 KB, and keeps the rate to 99 % from 0.1 to 10 MB/s, to 96 % at 50 MB/s and to ' +
      '79 % at 200 MB/s. About 4 MiB of each connection are taken in by the kernels on the way before the sender feels the cap.',
    'Its evidence: bodies of 256 KiB or more that were sent whole while it was in force, and how fast they came to the S3 edge, from when the client ' +
      'could send them: none faster than 1.35 times the cap, while before the first fault at least one was.',
  ].join('\n\n'),
  place: 'network',
  parameters: z.strictObject({
    rate: rate().describe('bytes per second for each connection'),
    direction: z
      .enum(['upstream', 'both'])
      .default('upstream')
      .describe('upstream: requests, and so the blocks; both: answers too'),
  }),
  example: { rate: '1MiB/s' },
  demonstrations: [
    {
      about:
        'Each connection gets 40 MB/s for a minute, about what one connection to S3 gets in truth: uploads take longer, and are in time.',
      compression: { time: 20, bytes: 200 },
      load: { rate: '53MB/s', blocks: 5 },
      timeline: [{ at: '0s', for: '1m', with: { rate: '40MB/s' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m', amplification: 1 },
    },
  ],
  compress: (parameters, compression) => ({ ...parameters, rate: compression.rate(parameters.rate) }),
  // A rate of 0 would stall.
  inject: ({ lease, parameters, id }) =>
    injectToxics(lease, id, parameters.direction, 'bandwidth', {
      rate: Math.max(1, Math.round(parameters.rate / 1000)),
    }),
  effect({ fault, end, attempts, edges, before, compression }) {
    const { rate } = fault.with as { rate: number };
    const most = rate * SLACK;
    const rates = attempts
      .filter(({ id, start }) => start >= fault.t && (edges.get(id)?.bodyEnd ?? Number.POSITIVE_INFINITY) <= end.until)
      .flatMap((attempt) => rateOf(attempt, edges));
    if (rates.length === 0) {
      return {
        seen: false,
        acted: 0,
        message: 'no body of 256 KiB or more was sent whole while it was in force, so no rate could be seen',
      };
    }
    const uncapped = before.flatMap((attempt) => rateOf(attempt, edges));
    if (uncapped.length > 0 && Math.max(...uncapped) <= most) {
      return {
        seen: false,
        acted: 0,
        message: `no body came faster than ${inConfigRate(Math.max(...uncapped), compression)} before the first fault, so a cap of ${inConfigRate(rate, compression)} cannot be seen: only a lower one could`,
      };
    }
    const fastest = Math.max(...rates);
    return {
      seen: fastest <= most,
      acted: rates.filter((one) => one <= most).length,
      message: `the fastest of ${rates.length} bodies arrived at ${inConfigRate(fastest, compression)}, capped at ${inConfigRate(rate, compression)}`,
    };
  },
});
