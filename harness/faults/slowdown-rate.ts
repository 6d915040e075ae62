import { z } from 'zod';
import { counted } from '../checkers/counted.ts';
import type { EdgeEvent } from '../history/events.ts';
import type { EffectContext } from './effect.ts';
import { defineFault } from './fault.ts';
import { injectRule } from './gateway-rule.ts';
import { positiveDuration } from './parameters.ts';
import { ruledAttempts, wasAnswered } from './ruled-attempts.ts';

/**
 * Between a request's arrival and its judgement, milliseconds: so much a request may seem to have come too early. The gateway notes the
 * one and then does the other, and the machine may let it wait in between, as it does between any two.
 */
const ARRIVAL_SLACK_MS = 5;

interface Limit {
  writes: number;
  reads: number;
  /** Milliseconds. */
  burst: number;
  prefixSegments: number;
  grow?: { perSecond: number; most: number };
}

const requestsPerSecond = () =>
  z
    .number({ error: 'expected a number of requests per second, like 100' })
    .gt(0, 'a rate of 0 lets nothing through for ever: expected more, like 100; s3-error refuses every request');

/** S3 throttles by the rate of requests for each prefix. */
export const slowdownRate = defineFault({
  name: 'slowdown-rate',
  about: 'S3 throttles as it does for real: so many requests per second for each key prefix, and 503 SlowDown beyond.',
  details: [
    'The S3 edge keeps two token buckets for each key prefix, one for writes (PUT, COPY, POST, DELETE) and one for reads (GET, HEAD). A ' +
      'request that finds a token goes on to S3; one that does not is answered 503 SlowDown, and S3 behind the edge never sees it. ' +
      '3,500 writes and 5,500 reads per second for each prefix are what S3 documents ("Best practices design patterns: optimizing ' +
      'Amazon S3 performance"). How much may come at once, and where S3 cuts its prefixes, it does not: `burst` and `prefixSegments` ' +
      'are ours.',
    'S3 divides a prefix that stays busy, and its limit grows; how fast is not documented either ("gradually", with 503s meanwhile). ' +
      '`grow` does so: for each second in which the limit was reached it rises by a share of its first value, up to `most` times.',
    'Its evidence: clients that got a 503 SlowDown of its, and the requests that it let pass, as the edge saw them arrive: never more, ' +
      'for any prefix and over any time, than burst and rate allow.',
    'Compression divides time and leaves counts as they are: the limit is multiplied by `time`. But a block needs about as many ' +
      'requests when it is small, and the load is in bytes: how close a load comes to a limit is only true in real time.',
  ].join('\n\n'),
  place: 's3',
  parameters: z.strictObject({
    writes: requestsPerSecond()
      .default(3500)
      .describe('PUT, COPY, POST and DELETE requests per second for each prefix'),
    reads: requestsPerSecond().default(5500).describe('GET and HEAD requests per second for each prefix'),
    burst: positiveDuration()
      .default(1000)
      .describe("how much may come at once: so long a time's worth, and one request at least"),
    prefixSegments: z
      .int()
      .min(0)
      .max(20)
      .default(1)
      .describe('how many segments of a key, cut at each slash, make its prefix; 0: the bucket has one limit'),
    grow: z
      .strictObject({
        perSecond: z.number().gt(0).describe('by which share of its first value, for each second at the limit'),
        most: z.number().gt(1).describe('to how many times its first value at most'),
      })
      .optional()
      .describe('the limit of a prefix grows under sustained load; absent: it stays'),
    retryAfter: z.int().min(0).optional().describe('seconds for the Retry-After header; absent: no header'),
  }),
  example: { writes: 100, reads: 200, prefixSegments: 1 },
  demonstrations: [
    {
      about:
        'One write in five seconds is all that S3 takes for 75 seconds: the rest is throttled, and goes up all the same.',
      compression: { time: 30, bytes: 500 },
      load: { rate: '53MB/s', blocks: 12 },
      timeline: [{ at: '0s', for: '75s', with: { writes: 0.2, burst: '5s' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '5m' },
    },
    {
      about: 'The limit grows under the load, as that of S3 does, to ten times its first value.',
      compression: { time: 30, bytes: 500 },
      load: { rate: '53MB/s', blocks: 12 },
      timeline: [
        {
          at: '0s',
          for: '75s',
          with: { writes: 0.1, burst: '10s', grow: { perSecond: 0.1, most: 10 }, retryAfter: 5 },
        },
      ],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '5m' },
    },
  ],
  touches: 'the rate of requests that S3 allows',
  compress: ({ writes, reads, burst, grow, ...rest }, compression) => ({
    ...rest,
    // Not by `compression.duration`: no timer waits for it, it is only ever multiplied by the rate.
    burst: burst / compression.time,
    writes: writes * compression.time,
    reads: reads * compression.time,
    ...(grow && { grow: { ...grow, perSecond: grow.perSecond * compression.time } }),
  }),
  inject({ lease, parameters: { writes, reads, burst, prefixSegments, grow, retryAfter }, id }) {
    return injectRule(lease, {
      kind: 'throttle',
      rule: id,
      writesPerSecond: writes,
      readsPerSecond: reads,
      burstSeconds: burst / 1000,
      prefixSegments,
      ...(grow && { growth: grow }),
      ...(retryAfter !== undefined && { retryAfter }),
    });
  },
  effect(context) {
    const { attempts, compression } = context;
    const limit = context.fault.with as Limit;
    const throttled = ruledAttempts(context).filter(
      (one) => wasAnswered(one, 503, 'SlowDown') && one.edge.upstream === undefined,
    ).length;
    const passed = passedRequests(context, limit.prefixSegments);
    const slack = Math.max(ARRIVAL_SLACK_MS, latestGateway(context));
    const inConfig = (perSecond: number) => Number((perSecond / compression.time).toPrecision(3));
    for (const [bucket, { reads, edges }] of passed) {
      const perSecond = reads ? limit.reads : limit.writes;
      const excess = beyond(edges, perSecond, limit, { begin: context.actedFrom, slack });
      if (excess > 0) {
        return {
          seen: false,
          message: `${counted(excess, reads ? 'more read' : 'more write')} passed for ${bucket} than ${inConfig(perSecond)} per second allow`,
        };
      }
    }
    const busiest = Math.max(0, ...[...passed.values()].map(({ edges }) => edges.length));
    if (throttled === 0) {
      return {
        seen: false,
        message: `${attempts.length} attempts were made, ${busiest} for the busiest prefix, and none was too many: it needs more load, or a lower limit`,
      };
    }
    const seconds = (Math.min(context.end.until, context.end.t) - context.fault.t) / 1000;
    return {
      seen: true,
      message: `${throttled} of ${attempts.length} attempts were answered SlowDown, and ${inConfig(busiest / seconds)} requests per second passed for the busiest prefix`,
    };
  },
});

interface Passed {
  reads: boolean;
  /** In the order of arrival. */
  edges: EdgeEvent[];
}

/**
 * What the rule let pass, by prefix, reads and writes apart: requests on which no rule acted. One that another rule refused, or another S3
 * answered, took no token of this one's; nor is that known of one that another rule changed.
 */
function passedRequests({ fault, end, edges }: EffectContext, prefixSegments: number): Map<string, Passed> {
  const passed = new Map<string, Passed>();
  for (const edge of [...edges.values()].sort((a, b) => a.start - b.start)) {
    if (edge.rule !== undefined) continue;
    if (edge.start < fault.t || edge.start > end.until) continue;
    const reads = edge.method === 'GET' || edge.method === 'HEAD';
    const prefix = [edge.bucket, ...edge.key.split('/').slice(0, prefixSegments)].join('/');
    const name = `${prefix} (${reads ? 'reads' : 'writes'})`;
    const of = passed.get(name) ?? { reads, edges: [] };
    of.edges.push(edge);
    passed.set(name, of);
  }
  return passed;
}

/**
 * By how many requests the arrivals exceed what a token bucket lets through that was full at first: a level rises by one with each,
 * falls at the limit's rate, and never stands above the bucket's size. With growth, the limit is taken for the most that it can be.
 */
function beyond(
  arrivals: readonly EdgeEvent[],
  perSecond: number,
  { burst, grow }: Limit,
  { begin, slack }: { begin: number; slack: number },
): number {
  const size = Math.max(1, (perSecond * burst) / 1000);
  let level = 0;
  let excess = 0;
  let last = begin;
  for (const { start } of arrivals) {
    const share = grow ? Math.min(grow.most, 1 + (grow.perSecond * (start - begin)) / 1000) : 1;
    const rate = (perSecond * share) / 1000;
    level = Math.max(0, level - rate * (start - last)) + 1;
    excess = Math.max(excess, level - size * share - rate * slack);
    last = start;
  }
  return excess > 0 ? Math.ceil(excess) : 0;
}

/** The longest time in which a gateway's event loop stood still meanwhile, milliseconds. */
function latestGateway({ events }: EffectContext): number {
  return events.reduce(
    (most, event) => (event.type === 'lateness' && event.process === 'gateway' ? Math.max(most, event.maxMs) : most),
    0,
  );
}
