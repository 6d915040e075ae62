import { z } from 'zod';
import { counted } from '../checkers/counted.ts';
import { ruledBy } from '../gateway/ruled-by.ts';
import type { EdgeEvent, WireEvent } from '../history/events.ts';
import type { EffectContext } from './effect.ts';
import { defineFault } from './fault.ts';
import { injectRule } from './gateway-rule.ts';
import { inConfigRate } from './in-config.ts';
import { rate } from './parameters.ts';

const directions = ['upstream', 'downstream'] as const;
type Direction = (typeof directions)[number];

/** Bytes. A smaller body may pass within what a lane that was idle lets through at once. */
const SMALLEST_BODY = 256 * 1024;
/** What passes at once after the wire was idle: so many milliseconds' worth, and a turn of a connection (gateway/fair-lane.ts). */
const AT_ONCE_MS = 5;
const AT_ONCE_BYTES = 64 * 1024;
/** The gateway keeps the rate to 2 %; times are noted as events of a busy process. */
const SLACK = 1.1;

/** All connections of the path together are held to a rate. */
export const sharedBandwidth = defineFault({
  name: 'shared-bandwidth',
  about: 'All connections together are held to one rate, shared fairly: many ingesters behind one uplink.',
  details: [
    "The gateway's wire stage does it, before S3 is spoken: each direction that is capped has one lane for all connections of the path, " +
      'served round-robin, about a millisecond of the rate at a time. It holds for the connections that are open as well, and lets them ' +
      'go when it is healed. A wire that was idle gives no credit: at most some milliseconds of the rate pass at once.',
    'Measured as bytes leave the wire stage, on 2 cores: within 0.2 % of the rate over 8 s at 1, 10 and 100 MB/s with 1, 4, 16 and 64 ' +
      'connections, and the slowest connection had 0.83 of its share. On a machine whose cores are all taken the senders may not keep ' +
      'up, and less passes. With TLS it is the decrypted bytes that are counted: what TLS adds, about 0.15 % and some KiB for each ' +
      'handshake, comes on top.',
    'About 4 MiB of each connection are taken in by the kernels on the way to the gateway before the sender feels the cap. In a ' +
      'compressed scenario, where blocks are small, an upload seems sent at once then, and waits for its answer instead.',
    'Its evidence: the connections that the wire stage made wait, and at the S3 edge the bodies of 256 KiB or more that came (or went) ' +
      'whole while it was in force: all together no faster than the rate, while before the first fault one alone was. Of two such faults at ' +
      'once the lower rate holds.',
  ].join('\n\n'),
  place: 'network',
  parameters: z.strictObject({
    rate: rate().describe('bytes per second for all connections together, in each direction that is capped'),
    direction: z
      .enum([...directions, 'both'])
      .default('upstream')
      .describe('upstream: requests, and so the blocks; downstream: answers; both'),
  }),
  example: { rate: '50MB/s' },
  demonstrations: [
    {
      about:
        'Three ingesters share 100 MB/s for a minute, less than two thirds of what they write: blocks take longer, and none is late.',
      compression: { time: 20, bytes: 400 },
      load: { writers: 3, rate: '53MB/s', blocks: 6 },
      timeline: [{ at: '0s', for: '1m', with: { rate: '100MB/s' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m', amplification: 1 },
    },
  ],
  compress: (parameters, compression) => ({ ...parameters, rate: compression.rate(parameters.rate) }),
  inject: ({ lease, parameters: { rate, direction }, id }) =>
    injectRule(lease, { kind: 'shared-bandwidth', rule: id, bytesPerSecond: rate, direction }, 'connections'),
  effect(context) {
    const { rate, direction } = context.fault.with as { rate: number; direction: Direction | 'both' };
    const capped = direction === 'both' ? directions : [direction];
    const { compression } = context;
    const held = heldConnections(context);
    const seen: string[] = [];
    for (const one of capped) {
      const whole = bodiesInForce(context, one);
      if (whole.length === 0) continue;
      const bytes = whole.reduce((sum, body) => sum + body.bytes, 0);
      const { ms, stretches } = busy(whole);
      const together = inConfigRate((bytes / ms) * 1000, compression);
      const connections = new Set(whole.map(({ connection }) => connection));
      const bodies = `${counted(whole.length, one === 'upstream' ? 'upload' : 'answer')} over ${counted(connections.size, 'connection')}`;
      const allowed = ((rate * (ms + AT_ONCE_MS * stretches)) / 1000) * SLACK + AT_ONCE_BYTES * stretches;
      if (bytes > allowed) {
        return {
          seen: false,
          message: `${bodies} passed at ${together} together, capped at ${inConfigRate(rate, compression)}`,
        };
      }
      if (![...connections].some((connection) => held.has(connection))) {
        return {
          seen: false,
          message: `${bodies} passed at ${together} together, and the gateway made none of them wait: it was not the cap of ${inConfigRate(rate, compression)} that they were held to`,
        };
      }
      const alone = fastestBefore(context, one);
      if (alone !== undefined && alone <= rate * SLACK) {
        return {
          seen: false,
          message: `none was faster than ${inConfigRate(alone, compression)} before the first fault, so a cap of ${inConfigRate(rate, compression)} cannot be seen: only a lower one could`,
        };
      }
      seen.push(
        `${bodies} passed at ${together} together, capped at ${inConfigRate(rate, compression)}${alone === undefined ? '' : `; before, one alone at ${inConfigRate(alone, compression)}`}`,
      );
    }
    if (seen.length > 0) return { seen: true, message: seen.join('; ') };
    return {
      seen: false,
      message: `no ${direction === 'downstream' ? 'answer' : 'upload'} of 256 KiB or more passed whole while it was in force, so no rate could be seen`,
    };
  },
});

interface Body {
  bytes: number;
  begin: number;
  end: number;
  connection: number;
}

/** The body of the request, or of the answer, as the S3 edge had it; nothing when it is too small to tell, or was not whole. */
function bodyOf(edge: EdgeEvent | undefined, direction: Direction): Body[] {
  if (!edge) return [];
  const { connection, start, bodyEnd, answerStart, bytesIn, bytesOut, cut, t } = edge;
  const body =
    direction === 'upstream'
      ? { bytes: bytesIn, begin: start, end: bodyEnd, connection }
      : { bytes: bytesOut, begin: answerStart ?? t, end: cut ? undefined : t, connection };
  return body.end === undefined || body.bytes < SMALLEST_BODY ? [] : [{ ...body, end: body.end }];
}

function bodiesInForce({ fault, end, edges, attempts }: EffectContext, direction: Direction): Body[] {
  return attempts
    .flatMap(({ id }) => bodyOf(edges.get(id), direction))
    .filter((body) => body.begin >= fault.t && body.end <= end.until);
}

/** The connections that the rule made wait, as the wire stage noted at the end of each. */
function heldConnections({ fault, events }: EffectContext): ReadonlySet<number> {
  const held = events.filter((event) => event.type === 'wire' && ruledBy(event, fault.id)) as WireEvent[];
  return new Set(held.map(({ connection }) => connection));
}

/** Bytes per second. */
function fastestBefore({ before, edges }: EffectContext, direction: Direction): number | undefined {
  const rates = before
    .flatMap(({ id }) => bodyOf(edges.get(id), direction))
    .map(({ bytes, begin, end }) => (bytes / (end - begin)) * 1000);
  return rates.length > 0 ? Math.max(...rates) : undefined;
}

/** How long at least one of them was on its way, and in how many stretches. */
function busy(bodies: readonly Body[]): { ms: number; stretches: number } {
  let ms = 0;
  let stretches = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const { begin, end } of [...bodies].sort((a, b) => a.begin - b.begin)) {
    if (begin > until) stretches++;
    ms += Math.max(0, end - Math.max(begin, until));
    until = Math.max(until, end);
  }
  return { ms, stretches };
}
