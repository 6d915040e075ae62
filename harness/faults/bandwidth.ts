import { z } from 'zod';
import { formatRate } from '../tempo/byte-size.ts';
import { defineFault } from './fault.ts';
import { rate } from './parameters.ts';
import { injectToxics } from './toxics.ts';

/** Toxiproxy lets bytes through in bursts of up to 32 KB: a body has to be several bursts long to show the rate. */
const SMALLEST_BODY = 256 * 1024;
/** Over the cap by more than this, and it did not take effect. What Toxiproxy had buffered passes at once. */
const SLACK = 1.35;

/**
 * Each connection is held to a rate, one way or both. The cap is for a connection, not for the path: four connections get
 * four times as much.
 *
 * The effect is measured where the bytes leave the cap: how fast the S3 edge got the bodies of requests.
 */
export const bandwidth = defineFault({
  name: 'bandwidth',
  about: 'Each connection is held to a rate: a capped uplink as one connection sees it.',
  place: 'network',
  parameters: z.strictObject({
    rate: rate().describe('bytes per second for each connection'),
    direction: z
      .enum(['upstream', 'both'])
      .default('upstream')
      .describe('upstream: requests, and so the blocks; both: answers too'),
  }),
  example: { rate: '1MiB/s' },
  compress: (parameters, compression) => ({ ...parameters, rate: compression.rate(parameters.rate) }),
  // Toxiproxy's unit is 1000 bytes per second; a rate of 0 would stall.
  inject: ({ lease, parameters, id }) =>
    injectToxics(lease, id, parameters.direction, 'bandwidth', {
      rate: Math.max(1, Math.round(parameters.rate / 1000)),
    }),
  effect({ fault, end, attempts, edges, compression }) {
    const { rate } = fault.with as { rate: number };
    const rates = attempts.flatMap((attempt) => {
      const edge = edges.get(attempt.id);
      if (!edge || attempt.start < fault.t || edge.bodyEnd === undefined || edge.bodyEnd > end.until) return [];
      return edge.bytesIn < SMALLEST_BODY ? [] : [(edge.bytesIn / (edge.bodyEnd - edge.start)) * 1000];
    });
    if (rates.length === 0) {
      return {
        seen: false,
        acted: 0,
        message: 'no body of 256 KiB or more was sent whole while it was in force, so no rate could be seen',
      };
    }
    const fastest = Math.max(...rates);
    // As the config has it: sizes and durations were both divided.
    const inConfig = (bytesPerSecond: number) =>
      formatRate(Math.round((bytesPerSecond * compression.bytes) / compression.time));
    return {
      seen: fastest <= rate * SLACK,
      acted: rates.filter((one) => one <= rate * SLACK).length,
      message: `the fastest of ${rates.length} bodies arrived at ${inConfig(fastest)}, capped at ${inConfig(rate)}`,
    };
  },
});
