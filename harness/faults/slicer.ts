import { z } from 'zod';
import { counted } from '../checkers/counted.ts';
import type { AttemptEvent, EdgeEvent } from '../history/events.ts';
import { formatByteSize } from '../tempo/byte-size.ts';
import { readyToSend } from './attempt-moments.ts';
import { defineFault } from './fault.ts';
import { inConfigTime } from './in-config.ts';
import { byteSize, positiveDuration } from './parameters.ts';
import { aboutToxics, injectToxics } from './toxics.ts';

/** Toxiproxy reads up to so much at once (Go's io.Copy), and cuts that into pieces: none is larger. */
const LARGEST_READ = 32 * 1024;
/** Fewer pieces than this take too little time to be told from a busy machine. */
const LEAST_PIECES = 10;
/** Of the time due: less than this, and it did not take effect. */
const DUE = 0.8;

/**
 * Bytes arrive in small pieces, with a pause after each.
 *
 * Pieces leave no trace at either end, the pauses do: how long a body took from the client to the S3 edge.
 */
export const slicer = defineFault({
  name: 'slicer',
  about: 'Requests arrive in small pieces, with a pause after each: a bad link, or a network with a tiny MTU.',
  details: [
    `${aboutToxics} It is the toxic \`slicer\`, upstream: what Toxiproxy reads, 32 KiB at most, is halved until no piece is larger than ` +
      '`size`, and each piece is followed by `delay`. So pieces are between half of `size` and all of it, and a body of B bytes ' +
      'takes B / `size` times `delay` or longer, up to twice that.',
    'Without a pause the pieces would come together again in the kernels on the way, and nothing would show that it took effect: so ' +
      'there has to be one.',
    'Under compression `size` is divided as block sizes are, and `delay` as durations are; the time that a body takes keeps its proportion.',
    'Its evidence: bodies of ten pieces or more, none of which arrived at the S3 edge faster than that, while before the first fault ' +
      'they did.',
  ].join('\n\n'),
  place: 'network',
  parameters: z.strictObject({
    size: byteSize().describe('the most that comes at once'),
    delay: positiveDuration().describe('the pause after each piece'),
  }),
  example: { size: '1KiB', delay: '2ms' },
  demonstrations: [
    {
      about: 'Blocks arrive in pieces of 8 MiB with 200 ms after each: an upload takes 13 s or longer, and is in time.',
      compression: { time: 20, bytes: 500 },
      load: { rate: '53MB/s', blocks: 4 },
      timeline: [{ at: '0s', for: '1m', with: { size: '8MiB', delay: '200ms' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m', amplification: 1 },
    },
  ],
  compress: ({ size, delay }, compression) => ({
    size: compression.size(size),
    delay: compression.duration(delay, 'delay'),
  }),
  inject: ({ lease, parameters: { size, delay }, id }) =>
    // Toxiproxy's delay is in microseconds.
    injectToxics(lease, id, 'upstream', 'slicer', {
      average_size: Math.max(1, Math.round(size)),
      size_variation: 0,
      delay: Math.round(delay * 1000),
    }),
  effect({ fault, end, attempts, edges, before, compression }) {
    const { size, delay } = fault.with as { size: number; delay: number };
    const piece = Math.min(size, LARGEST_READ);
    /** How long the body took, as a share of what is due. */
    const shareOfDue = (attempt: AttemptEvent, { start, bytesIn, bodyEnd }: EdgeEvent) =>
      bodyEnd === undefined || bytesIn < piece * LEAST_PIECES
        ? []
        : // An edge that is late in seeing the head finds much of the body there already.
          [(bodyEnd - Math.min(readyToSend(attempt), start)) / ((bytesIn / piece) * delay)];
    const sharesOf = (some: readonly AttemptEvent[]) =>
      some.flatMap((attempt) => {
        const edge = edges.get(attempt.id);
        return edge ? shareOfDue(attempt, edge) : [];
      });
    const shares = sharesOf(
      attempts.filter(
        ({ id, start }) => start >= fault.t && (edges.get(id)?.bodyEnd ?? Number.POSITIVE_INFINITY) <= end.until,
      ),
    );
    const words = `${formatByteSize(Math.round(size * compression.bytes))} each ${inConfigTime(delay, compression)}`;
    if (shares.length === 0) {
      return {
        seen: false,
        acted: 0,
        message: `no body of ${LEAST_PIECES} pieces or more (${words}) arrived while it was in force`,
      };
    }
    const slowestBefore = Math.max(0, ...sharesOf(before));
    if (slowestBefore >= DUE) {
      return {
        seen: false,
        acted: 0,
        message: `bodies came no faster than ${words} before the first fault: only a longer delay could show`,
      };
    }
    const least = Math.min(...shares);
    return {
      seen: least >= DUE,
      acted: shares.filter((share) => share >= DUE).length,
      message: `the quickest of ${counted(shares.length, 'body')} took ${least.toFixed(1)} times what ${words} takes`,
    };
  },
});
