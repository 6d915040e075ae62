import { z } from 'zod';
import { counted } from '../checkers/counted.ts';
import { median } from '../median.ts';
import { firstByte } from './attempt-moments.ts';
import { defineFault } from './fault.ts';
import { injectRule } from './gateway-rule.ts';
import { inConfigTime } from './in-config.ts';
import { duration, positiveDuration } from './parameters.ts';
import { requestMatch, requestParameters } from './request-parameters.ts';
import { notFelt, ruledAttempts } from './ruled-attempts.ts';

/** A timer may fire this much early, in milliseconds: the clocks of libuv count whole ones. */
const TIMER_SLACK_MS = 1;

/** S3 does what was asked, and takes its time before the first byte of the answer. */
export const slowFirstByte = defineFault({
  name: 'slow-first-byte',
  about: 'S3 applies the request, and the first byte of its answer comes late, with jitter if asked.',
  details: [
    "The S3 edge forwards the request, waits for the head of S3's answer, and holds it for `delay`, and up to `jitter` more, drawn " +
      'for each request by the seed. Nothing else is slowed: the body of the request, and the rest of the answer, go as they come. ' +
      'When the fault is healed, what is still held is cut, as by a server that restarts.',
    'Its evidence: of the attempts that the edge held, how long after S3 had answered (the edge says when) their clients had the ' +
      'first byte. None may have had it before the delay was over. The time that the client itself gives for its wait is not taken: ' +
      'a busy process is late in noting that its request is sent, and then seems to have waited less.',
    'A delay beyond the response-header timeout (60 s in Tempo) never arrives: the client gives up before, and the request has taken ' +
      'effect all the same.',
  ].join('\n\n'),
  place: 's3',
  parameters: z.strictObject({
    delay: positiveDuration().describe('how long the first byte of the answer is held back'),
    jitter: duration().default(0).describe('up to this much more, drawn evenly for each request'),
    ...requestParameters,
  }),
  example: { delay: '10s', jitter: '5s', operations: ['PutObject'] },
  demonstrations: [
    {
      about:
        'The answer to every PutObject begins ten to fifteen seconds late for 40 seconds: flushes take longer, and none fails.',
      compression: { time: 20, bytes: 500 },
      load: { rate: '53MB/s', blocks: 8 },
      timeline: [{ at: '0s', for: '40s', with: { delay: '10s', jitter: '5s', operations: ['PutObject'] } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '5m' },
    },
    {
      about:
        'The first answer for each object begins 70 s late, beyond the header timeout: what S3 had applied is sent once more.',
      compression: { time: 50, bytes: 500 },
      load: { rate: '20MB/s', blocks: 8 },
      timeline: [{ at: '0s', for: '150s', with: { delay: '70s', operations: ['PutObject'], key: 'index$', first: 1 } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '5m', amplification: 2 },
    },
  ],
  compress: ({ delay, jitter, ...rest }, compression) => ({
    ...rest,
    delay: compression.duration(delay, 'delay'),
    jitter: compression.duration(jitter, 'jitter'),
  }),
  inject: ({ lease, parameters, id, seed }) =>
    injectRule(lease, {
      kind: 'hold',
      rule: id,
      seed,
      match: requestMatch(parameters),
      when: 'after-apply',
      forMs: parameters.delay,
      ...(parameters.jitter > 0 && { jitterMs: parameters.jitter }),
    }),
  effect(context) {
    const { delay } = context.fault.with as { delay: number };
    const ruled = ruledAttempts(context);
    // Those that gave up were held too, as far as they waited.
    const gaveUp = ruled.filter(
      ({ attempt: { failure, status, phases } }) =>
        failure === 'header-timeout' && status === undefined && (phases.wait ?? 0) < delay,
    ).length;
    const held = ruled
      .filter(({ attempt: { status, phases } }) => status !== undefined && phases.wait !== undefined)
      .map(({ attempt, edge }) => firstByte(attempt) - (edge.upstream?.answer ?? edge.bodyEnd ?? edge.start));
    const early = held.filter((ms) => ms < delay - TIMER_SLACK_MS).length;
    if (early > 0) {
      return {
        seen: false,
        message: `${early} of ${held.length} held attempts ${early === 1 ? 'was' : 'were'} answered before the delay was over`,
      };
    }
    if (held.length > 0) {
      return {
        seen: true,
        message: `${counted(held.length, 'attempt')} had the first byte ${inConfigTime(median(held), context.compression)} after S3 had answered, at the median; ${inConfigTime(delay, context.compression)} were due`,
      };
    }
    if (gaveUp > 0) {
      return {
        seen: true,
        message: `${counted(gaveUp, 'attempt')} gave up waiting before the ${inConfigTime(delay, context.compression)} were over`,
      };
    }
    return notFelt(context, 'none was held to its end');
  },
});
