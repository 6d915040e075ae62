import { z } from 'zod';
import { counted } from '../checkers/counted.ts';
import type { WireEvent } from '../history/events.ts';
import { formatByteSize } from '../tempo/byte-size.ts';
import { lostConnection } from './attempts-in-force.ts';
import { defineFault } from './fault.ts';
import { byteSize } from './parameters.ts';
import { aboutToxics, injectToxics } from './toxics.ts';

/** Each connection ends once so many bytes have passed. */
export const cutAfter = defineFault({
  name: 'cut-after',
  about: 'Each connection ends once so many bytes have passed on it, in the middle of a request if it comes so.',
  details: [
    `${aboutToxics} It is the toxic \`limit_data\`: on each connection it counts every byte of the direction, of heads and of TLS too, ` +
      'over all requests that share the connection, from when it was opened, or for one that was open from when the fault began. ' +
      'What exceeds the limit is not passed on, and the connection ends.',
    'Upstream it cuts requests, downstream answers: then S3 has applied the request whose answer is cut.',
    'A request that is larger than the limit never gets through while it is in force: choose more than the largest part or object, ' +
      'unless that is what is to be shown. Under compression the limit is divided as block sizes are, while heads (about 0.5 KB) and ' +
      'parts of 5 MiB or more keep their size.',
    'Its evidence: attempts that lost their connection while it was in force, and upstream, as the wire stage counted them, that no ' +
      'connection which was opened and ended in that time had passed more.',
  ].join('\n\n'),
  place: 'network',
  parameters: z.strictObject({
    bytes: byteSize().describe('what may pass on each connection before it ends'),
    direction: z
      .enum(['upstream', 'downstream'])
      .default('upstream')
      .describe('upstream: bytes of requests; downstream: bytes of answers'),
  }),
  example: { bytes: '40MiB' },
  demonstrations: [
    {
      about:
        'Every connection ends after 800 MB: every other block or so is cut in the middle, and sent again on a new one.',
      compression: { time: 20, bytes: 500 },
      load: { rate: '53MB/s', blocks: 5 },
      timeline: [{ at: '0s', for: '1m', with: { bytes: '800MB' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m', amplification: 2 },
    },
  ],
  compress: ({ bytes, direction }, compression) => ({ bytes: compression.size(bytes), direction }),
  inject: ({ lease, parameters: { bytes, direction }, id }) =>
    injectToxics(lease, id, direction, 'limit_data', { bytes: Math.round(bytes) }),
  effect({ fault, end, attempts, events, compression }) {
    const { bytes, direction } = fault.with as { bytes: number; direction: string };
    const inForce = attempts.filter(({ start, t }) => t >= fault.t && start <= end.until);
    const cut = inForce.filter(lostConnection).length;
    const limit = formatByteSize(Math.round(bytes * compression.bytes));
    const over = events
      .filter((event): event is WireEvent => event.type === 'wire')
      .filter(({ opened, t, bytesIn }) => opened >= fault.t && t <= end.until && bytesIn > bytes).length;
    if (direction === 'upstream' && over > 0) {
      return {
        seen: false,
        acted: cut,
        message: `${counted(over, 'connection')} passed more than the ${limit} after which each should have ended`,
      };
    }
    return cut > 0
      ? {
          seen: true,
          acted: cut,
          message: `${cut} of ${counted(inForce.length, 'request')} lost their connection, which ended after ${limit}`,
        }
      : {
          seen: false,
          acted: 0,
          message: `none of ${counted(inForce.length, 'request')} lost its connection: it needs more than ${limit} to pass on one`,
        };
  },
});
