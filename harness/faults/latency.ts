import { z } from 'zod';
import { counted } from '../checkers/counted.ts';
import type { AttemptEvent, EdgeEvent } from '../history/events.ts';
import { defineFault } from './fault.ts';
import { inConfigTime } from './in-config.ts';
import { nearlyAll } from './nearly-all.ts';
import { duration, positiveDuration } from './parameters.ts';
import { aboutToxics, injectToxics } from './toxics.ts';

/** Of the delay due: a request that spent less was not delayed. */
const DUE = 0.8;
/** It may be at most so likely that the requests were as slow as they were by the way alone, as it was before. */
const BY_CHANCE = 0.05;
/**
 * What is due is the latency less its jitter, and half of the latency at least: with a jitter as large as the latency, three quarters of
 * the requests are delayed by half of it or more. With less due, a way round Toxiproxy would be taken for a delay.
 */
const LEAST_DUE = 0.5;

/** At least three quarters are as large. */
function lowerQuartile(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 4)] as number;
}

/**
 * How likely it is that so many of the requests are as slow as `ms` by the way alone, if each is so independently of the others, as often
 * as it was before: by the share of then, with one more of either kind added for how few those may be.
 */
function chanceOfAsSlow(spent: readonly number[], before: readonly number[], ms: number): number {
  const asSlow = (some: readonly number[]) => some.filter((one) => one >= ms).length;
  const share = (asSlow(before) + 1) / (before.length + 2);
  const slow = asSlow(spent);
  let chance = 0;
  // The binomial's terms, from "all are" down to "as many as were".
  let term = share ** spent.length;
  for (let count = spent.length; count >= slow; count--) {
    chance += term;
    term *= ((count / (spent.length - count + 1)) * (1 - share)) / share;
  }
  return chance;
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
 * The effect is measured between two vantage points: what the client waited for its answer, less what the S3 edge took to give it, is what
 * was spent between them. A process that is late only ever adds to that, so that a delay is never missed for it; but it may be taken for
 * one. So nearly all requests have to show it, and those of before the first fault say how long the way takes by itself.
 * Nearly: Toxiproxy lets go what it holds when another toxic is put on the same connection, or taken off.
 */
export const latency = defineFault({
  name: 'latency',
  about: 'Every byte arrives later, with jitter if asked: a distant region, a queueing network.',
  details: [
    `${aboutToxics} It is the toxic \`latency\`: each chunk is held for the latency, more or less by up to the jitter, which Toxiproxy draws ` +
      'from a source of its own that no seed reaches. Toxiproxy is late by 1.2 to 1.4 ms at the median, never early.',
    'It begins after the TCP handshake, so a connect takes no longer (`connect-hang` is for that); a TLS handshake does. Bytes are ' +
      'late, not fewer: a large body takes longer by the latency once, not by each packet of it, as a window of TCP would have it.',
    'Its evidence: for each request that began and was answered while it was in force, the time between the client and the S3 edge, at the ' +
      'lower quartile: four fifths of what is due or more, and less for one in ten and one more at most. Due is the latency less the ' +
      'jitter, half of the latency at least, twice for `both`. And it has to be more than the way takes by itself: by as much more than ' +
      'the least of before the first fault, or less than 5 % likely by chance, as often as requests spent as much before.',
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
    const usually = before.flatMap((attempt) => between(attempt, edges));
    const spent = attempts
      .filter(({ start, t }) => start >= fault.t && t <= end.until)
      .flatMap((attempt) => between(attempt, edges));
    if (spent.length === 0)
      return { seen: false, acted: 0, message: 'no request began and was answered while it was in force' };
    const words = (ms: number) => inConfigTime(Math.max(0, ms), compression);
    const usual = usually.length > 0 ? Math.min(...usually) : 0;
    const typical = lowerQuartile(spent);
    const quick = spent.filter((ms) => ms < due * DUE).length;
    const acted = spent.length - quick;
    const atFirst = usually.length > 0 ? `; before the first fault, one spent ${words(usual)}` : '';
    const message = `${counted(spent.length, 'request')} spent ${words(typical)} between client and S3, three quarters of them at least, of ${words(due)} due${atFirst}`;
    if (typical < due * DUE) return { seen: false, acted, message };
    // With more jitter than that, some are due next to nothing.
    if (jitter <= latency * LEAST_DUE && !nearlyAll(spent, (ms) => ms >= due * DUE)) {
      return { seen: false, acted, message: `${message}, and ${quick} less than was due` };
    }
    if (typical - usual < due * DUE && chanceOfAsSlow(spent, usually, typical) >= BY_CHANCE) {
      const asSlow = usually.filter((ms) => ms >= typical).length;
      return {
        seen: false,
        acted: 0,
        message: `${message}, and ${asSlow} of ${usually.length} as much as these: it may be the way itself, and only a longer latency or more requests would tell`,
      };
    }
    return { seen: true, acted, message };
  },
});
