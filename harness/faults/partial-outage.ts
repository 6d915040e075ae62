import { z } from 'zod';
import type { RouteRule } from '../gateway/protocol.ts';
import type { Effect } from './effect.ts';
import { defineFault } from './fault.ts';
import { injectRule } from './gateway-rule.ts';
import { inWords, isAbout, operations, pattern, type RequestParameters, requestMatch } from './request-parameters.ts';
import { feltByClients, type RuledAttempt, wasAnswered, wasApplied } from './ruled-attempts.ts';
import { type S3ErrorCode, s3ErrorCodeNames, s3ErrorCodes } from './s3-error-codes.ts';

const ways = ['error', 'reset', 'silence'] as const;

interface Outage {
  prefix?: string | undefined;
  key?: string | undefined;
  bucket?: string | undefined;
  operations?: RequestParameters['operations'];
  how: (typeof ways)[number];
  code: S3ErrorCode;
}

/** Everything of one prefix, or all writes, is down, while the rest of S3 works. */
export const partialOutage = defineFault({
  name: 'partial-outage',
  about: 'One part of S3 is down (a prefix, some keys, only writes or only reads) while the rest of it works.',
  details: [
    'S3 is many machines: a partition of the keys can be down, or the writes, while everything else works. Every request that the ' +
      'parameters are about fails, without chance and without count; no other one is touched. `error`: an S3 error, before S3 behind ' +
      'the edge sees the request. `reset`: the connection ends once the body was read. `silence`: no answer, until the client gives ' +
      'up or the fault is healed.',
    'Its evidence has two sides. What it is about: attempts that the edge failed, whose clients felt it, and none that got through. ' +
      'The rest: where there were other requests in that time, some of them succeeded. A writer that sends nothing else cannot show ' +
      'the second side, and the evidence says so.',
  ].join('\n\n'),
  place: 's3',
  parameters: z
    .strictObject({
      prefix: z
        .string()
        .min(1)
        .optional()
        .describe('what the object keys begin with, without the bucket; absent: all keys'),
      key: pattern().optional().describe('a regular expression that the object key must match, in place of a prefix'),
      bucket: pattern().optional().describe('a regular expression that the bucket must match; absent: all buckets'),
      operations: operations().optional().describe('what is down: S3 operations, or [writes], or [reads]; absent: all'),
      how: z
        .enum(ways)
        .default('error')
        .describe('error: an S3 error; reset: the connection ends; silence: there is no answer'),
      code: z.enum(s3ErrorCodeNames).default('ServiceUnavailable').describe('with how error: the S3 error code'),
    })
    .refine(({ prefix, key }) => prefix === undefined || key === undefined, {
      path: ['key'],
      message: 'prefix and key are two ways to say the same: give one of them',
    })
    .refine(
      ({ prefix, key, bucket, operations }) =>
        [prefix, key, bucket, operations].some((restriction) => restriction !== undefined),
      {
        message:
          'expected a prefix, a key, a bucket or operations: without one all of S3 is down, which s3-error, lost-answer and never-answer do',
      },
    ),
  example: { prefix: 'single-tenant/', operations: ['writes'] },
  demonstrations: [
    {
      about: 'The keys of half of the blocks are down for a minute: those blocks wait, and the others go on.',
      compression: { time: 30, bytes: 500 },
      load: { rate: '53MB/s', blocks: 12 },
      timeline: [{ at: '0s', for: '1m', with: { key: '^single-tenant/[0-7]' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '5m' },
    },
    {
      about:
        'Connections die over every meta.json for a minute, and nothing else is wrong: blocks are whole in S3, and invisible.',
      compression: { time: 30, bytes: 500 },
      load: { rate: '53MB/s', blocks: 12 },
      timeline: [{ at: '0s', for: '1m', with: { key: 'meta\\.json$', how: 'reset' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '5m' },
    },
  ],
  compress: (parameters) => parameters,
  inject: ({ lease, parameters, id, seed }) => injectRule(lease, ruleOf(parameters, id, seed)),
  effect(context) {
    const outage = context.fault.with as Outage;
    const about = requestsOf(outage);
    const matched = feltByClients(
      { ...context, fault: { ...context.fault, with: about } },
      { felt: (one) => felt(outage, one), done: 'failed as they had to', wanting: 'felt it' },
    );
    if (!matched.seen) return matched;
    return bothSides(matched.message);

    function bothSides(message: string): Effect {
      const { fault, end, attempts, edges } = context;
      let through = 0;
      let others = 0;
      let worked = 0;
      for (const attempt of attempts) {
        const edge = edges.get(attempt.id);
        const within = edge !== undefined && edge.start >= fault.t && edge.start <= end.until;
        if (!within) continue;
        if (isAbout(about, attempt)) through += attempt.outcome === 'ok' ? 1 : 0;
        else if (edge.rule === undefined) {
          others++;
          // What S3 did and the way back lost is another fault's.
          worked += attempt.outcome === 'ok' || wasApplied({ attempt, edge }) ? 1 : 0;
        }
      }
      if (through > 0) return { seen: false, message: `${message}, but ${through} of the same kind got through` };
      if (others === 0) {
        return {
          seen: true,
          message: `${message}; nothing but ${inWords(about)} was asked for, so the rest was not shown`,
        };
      }
      if (worked === 0)
        return { seen: false, message: `${message}, but none of the ${others} others succeeded either` };
      return { seen: true, message: `${message}, and ${worked} of ${others} others succeeded` };
    }
  },
});

function requestsOf({ prefix, key, bucket, operations }: Outage): RequestParameters {
  return { key: prefix === undefined ? key : `^${escaped(prefix)}`, bucket, operations };
}

/** As a regular expression that matches the text itself. */
function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function ruleOf(outage: Outage, rule: string, seed: number): RouteRule {
  const match = requestMatch(requestsOf(outage));
  if (outage.how === 'reset') return { kind: 'cut', rule, seed, match, when: 'before-apply' };
  if (outage.how === 'silence') return { kind: 'hold', rule, seed, match, when: 'before-apply' };
  const [status, message] = s3ErrorCodes[outage.code];
  return { kind: 'answer-error', rule, seed, match, status, code: outage.code, message };
}

function felt({ how, code }: Outage, one: RuledAttempt): boolean {
  const { attempt, edge } = one;
  if (edge.upstream !== undefined) return false;
  if (how === 'error') return wasAnswered(one, s3ErrorCodes[code][0], code);
  return attempt.failure !== undefined && attempt.status === undefined;
}
