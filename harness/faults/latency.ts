import { z } from 'zod';
import { median } from '../median.ts';
import { formatDuration } from '../tempo/go-duration.ts';
import { defineFault } from './fault.ts';
import { duration, positiveDuration } from './parameters.ts';
import { injectToxics } from './toxics.ts';

/** Of the delay due: less than this at the median, and it did not take effect. */
const DUE = 0.8;
/**
 * What is due is the latency less its jitter, and half of the latency at least: however large the jitter, half of the requests are
 * delayed by the whole latency or more. With less due, a way round Toxiproxy would be taken for a delay.
 */
const LEAST_DUE = 0.5;

/**
 * Every byte arrives later, as from a region that is far away or a network that queues. Toxiproxy delays each way of a
 * connection from its handshake on, so a connect takes no longer.
 *
 * The effect is measured between two vantage points: what the client waited for its answer, less what the S3 edge took
 * to give it, is what was spent between them.
 */
export const latency = defineFault({
  name: 'latency',
  about: 'Every byte arrives later, with jitter if asked: a distant region, a queueing network.',
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
  compress: ({ latency, jitter, direction }, compression) => ({
    latency: compression.duration(latency, 'latency'),
    jitter: compression.duration(jitter, 'jitter'),
    direction,
  }),
  inject: ({ lease, parameters: { latency, jitter, direction }, id }) =>
    injectToxics(lease, id, direction, 'latency', { latency: Math.round(latency), jitter: Math.round(jitter) }),
  effect({ fault, end, attempts, edges, compression }) {
    const { latency, jitter, direction } = fault.with as { latency: number; jitter: number; direction: string };
    const due = Math.max(latency - jitter, latency * LEAST_DUE) * (direction === 'both' ? 2 : 1);
    const between = attempts.flatMap((attempt) => {
      const edge = edges.get(attempt.id);
      const { send, wait } = attempt.phases;
      if (
        attempt.start < fault.t ||
        attempt.t > end.until ||
        edge?.answerStart === undefined ||
        send === undefined ||
        wait === undefined
      )
        return [];
      return [send + wait - (edge.answerStart - edge.start)];
    });
    if (between.length === 0)
      return { seen: false, acted: 0, message: 'no request began and was answered while it was in force' };
    const measured = median(between);
    const inConfigTime = (ms: number) => formatDuration(Math.round(ms * compression.time));
    return {
      seen: measured >= due * DUE,
      acted: between.filter((ms) => ms >= due * DUE).length,
      message: `${between.length} requests spent ${inConfigTime(measured)} between client and S3 at the median, of ${inConfigTime(due)} due`,
    };
  },
});
