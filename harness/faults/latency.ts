import { z } from 'zod';
import type { AttemptEvent, EdgeEvent } from '../history/events.ts';
import { defineFault } from './fault.ts';
import { inConfigTime } from './in-config.ts';
import { duration, positiveDuration } from './parameters.ts';
import { aboutToxics, injectToxics } from './toxics.ts';

/** Of the delay due: less than this at the lower quartile, and it did not take effect. */
const DUE = 0.8;
/**
 * What is due is the latency less its jitter, and half of the latency at least: with a jitter as large as the latency, three quarters of
 * the requests are delayed by half of it or more. With less due, a way round Toxiproxy would be taken for a delay.
 */
const LEAST_DUE = 0.5;

/** At least three quarters are as large. */
function lowerQuartile(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 4)] as number;
}

/** How long an answered request was on its way between the client and the S3 edge, both ways; empty when that is not known. */
function between({ id, phases: { send, wait } }: AttemptEvent, edges: ReadonlyMap<string, EdgeEvent>): number[] {
  const edge = edges.get(id);
  if (edge?.answerStart === undefined || send === undefined || wait === undefined) return [];
  return [send + wait - (edge.answerStart - edge.start)];
}

/**
 * Every byte arrives later, as from a region that is far away or a network that queues. Toxiproxy delays each way of a
 * connection from its handshake on, so a connect takes no longer.
 *
 * The effect is measured between two vantage points: what the client waited for its answer, less what the S3 edge took
 * to give it, is what was spent between them; and of that, the least that was spent there before the first fault is the way's own. A busy
 * machine only ever adds to either: the quickest quarter of the requests is delayed like the others by a latency, and by nothing else.
 */
export const latency = defineFault({
  name: 'latency',
  about: 'Every byte arrives later, with jitter if asked: a distant region, a queueing network.',
  details: [
    `${aboutToxics} It is the toxic \`latency\`: each chunk is held for the latency, more or less by up to the jitter, which Toxiproxy draws ` +
      'from a source of its own that no seed reaches. Toxiproxy is late by 1.2 to 1.4 ms at the median, never early.',
    'It begins after the TCP handshake, so a connect takes no longer (`connect-hang` is for that); a TLS handshake does. Bytes are ' +
      'late, not fewer: a large body takes longer by the latency once, not by each packet of it, as a window of TCP would have it.',
    'Its evidence: for each request that began and was answered while it was in force, the time between the client and the S3 edge, less ' +
      'the least that one took before the first fault, at the lower quartile: four fifths of what is due or more. Due is the latency less the jitter, ' +
      'half of the latency at least, twice for `both`.',
  ].join('\n\n'),
  place: 'network',
  parameters: z.strictObject({
    latency: positiveDuration().describe('how much later, each way that is delayed'),
    jitter: duration().default(0).describe('up to this much more or less, evenly, for each chunk'),
    direction: z
      .enum(['upstream', 'downstream', 'both'])
      .default('downstream')
      .describe('downstream: answers; upstream: requests; both'),
  }),
  example: { latency: '500ms', jitter: '100ms' },
  demonstrations: [
    {
      about:
        'Each answer takes half a second longer for a minute, and at times some more: uploads are slower, and in time.',
      compression: { time: 20, bytes: 500 },
      load: { rate: '53MB/s', blocks: 5 },
      timeline: [{ at: '0s', for: '1m', with: { latency: '500ms', jitter: '100ms' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m', amplification: 1 },
    },
  ],
  compress: ({ latency, jitter, direction }, compression) => ({
    latency: compression.duration(latency, 'latency'),
    jitter: compression.duration(jitter, 'jitter'),
    direction,
  }),
  inject: ({ lease, parameters: { latency, jitter, direction }, id }) =>
    injectToxics(lease, id, direction, 'latency', { latency: Math.round(latency), jitter: Math.round(jitter) }),
  effect({ fault, end, attempts, edges, before, compression }) {
    const { latency, jitter, direction } = fault.with as { latency: number; jitter: number; direction: string };
    const due = Math.max(latency - jitter, latency * LEAST_DUE) * (direction === 'both' ? 2 : 1);
    const beforehand = before.flatMap((attempt) => between(attempt, edges));
    const usual = beforehand.length > 0 ? Math.min(...beforehand) : 0;
    const more = attempts
      .filter(({ start, t }) => start >= fault.t && t <= end.until)
      .flatMap((attempt) => between(attempt, edges))
      .map((ms) => ms - usual);
    if (more.length === 0)
      return { seen: false, acted: 0, message: 'no request began and was answered while it was in force' };
    const measured = lowerQuartile(more);
    return {
      seen: measured >= due * DUE,
      acted: more.filter((ms) => ms >= due * DUE).length,
      message: `${more.length} requests spent ${inConfigTime(Math.max(0, measured), compression)} more than usual between client and S3, three quarters of them at least, of ${inConfigTime(due, compression)} due`,
    };
  },
});
