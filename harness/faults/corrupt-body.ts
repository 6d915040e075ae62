import { z } from 'zod';
import type { AttemptEvent, EdgeEvent } from '../history/events.ts';
import type { Effect, EffectContext } from './effect.ts';
import { defineFault } from './fault.ts';
import { injectRule } from './gateway-rule.ts';
import { requestMatch, requestParameters } from './request-parameters.ts';
import { notFelt, type RuledAttempt, ruledAttempts } from './ruled-attempts.ts';

/** Bits of a body are flipped on the way: what does a signature catch, and what not? */
export const corruptBody = defineFault({
  name: 'corrupt-body',
  about:
    'Bits of a body are flipped on the way to S3 or back: a signed body is refused, an unsigned one is stored as it came.',
  details: [
    'The S3 edge flips `bits` bits of the body of a request (on its way to S3) or of an answer (on its way back), at places that the ' +
      'seed draws. Headers, length and framing stay. It stands for what checksums of TCP and TLS do not cover: a proxy, a load ' +
      'balancer or a card with bad memory, between the place where TLS ends and S3. Requests and answers without a body are left alone.',
    'What is caught hangs on the config. With `insecure: true` minio-go signs the body, as the clients of the harness do: S3 refuses ' +
      'it (MinIO: 400 XAmzContentSHA256Mismatch), minio-go does not try that again, the flush fails and the next one sends the block ' +
      'anew: nothing is lost. Over TLS the body is sent as UNSIGNED-PAYLOAD, without Content-MD5 or any checksum: S3 stores what ' +
      'arrives and says 200, and minio-go does not compare the ETag. The block is lost, and nobody knows: only the final read does.',
    'Its evidence: attempts whose body the edge altered, and what their clients were told: refused, or taken. Over plain HTTP a body ' +
      'that was altered and taken is no evidence but a contradiction. Of altered answers, one at least has to have made a ' +
      'difference: not what S3 answers, or an upload id that S3 does not know.',
    'An altered answer can also do nothing at all: an ETag or a name that nobody looks at.',
  ].join('\n\n'),
  place: 's3',
  parameters: z.strictObject({
    direction: z
      .enum(['request', 'answer'])
      .default('request')
      .describe('request: what the client sends; answer: what S3 answers'),
    bits: z.int().min(1).max(1000).default(1).describe('how many bits of each body are flipped'),
    ...requestParameters,
  }),
  example: { direction: 'request', bits: 1, operations: ['PutObject'], probability: 0.1 },
  demonstrations: [
    {
      about:
        'One bit of every first data.parquet is flipped, over plain HTTP: the signature gives it away, and the block is sent again.',
      compression: { time: 30, bytes: 500 },
      load: { rate: '53MB/s', blocks: 15 },
      timeline: [{ at: '0s', for: '1m', with: { operations: ['PutObject'], key: 'data\\.parquet$', first: 1 } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '5m', amplification: 2 },
    },
    {
      about:
        'The same over TLS, where Tempo signs no body: S3 takes it, says 200, and the blocks are lost without a word.',
      compression: { time: 30, bytes: 500 },
      load: { rate: '53MB/s', blocks: 15 },
      set: { 'storage.trace.s3.insecure': false },
      timeline: [{ at: '0s', for: '1m', with: { operations: ['PutObject'], key: 'data\\.parquet$', first: 1 } }],
      expect: { verdict: 'fail', cause: 'durability', lost: 0 },
    },
    {
      about:
        'Bits of what S3 answers are flipped: uploads that cannot be begun or ended, and no block that is lost for it.',
      compression: { time: 30, bytes: 80 },
      load: { rate: '53MB/s', blocks: 14 },
      set: { 'storage.trace.s3.part_size': 5242880 },
      timeline: [
        {
          at: '0s',
          for: '1m',
          with: {
            direction: 'answer',
            bits: 20,
            operations: ['CreateMultipartUpload', 'CompleteMultipartUpload'],
            first: 1,
          },
        },
      ],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '5m' },
    },
  ],
  compress: (parameters) => parameters,
  inject: ({ lease, parameters, id, seed }) =>
    injectRule(lease, {
      kind: 'corrupt',
      rule: id,
      seed,
      match: requestMatch(parameters),
      direction: parameters.direction,
      bits: parameters.bits,
    }),
  effect(context) {
    const { direction } = context.fault.with as { direction: 'request' | 'answer' };
    const altered = ruledAttempts(context).filter(({ edge }) => (edge.flipped ?? 0) > 0);
    if (altered.length === 0) {
      return notFelt(context, `no body of ${direction === 'request' ? 'theirs' : 'their answers'} was altered`);
    }
    return direction === 'request' ? requestsAltered(context, altered) : answersAltered(context, altered);
  },
});

function requestsAltered({ attempts, before }: EffectContext, altered: readonly RuledAttempt[]): Effect {
  const refused = altered.filter(
    ({ attempt, edge }) => (attempt.status ?? 0) >= 400 && edge.upstream?.status === attempt.status,
  );
  const taken = altered.filter(({ attempt }) => attempt.outcome === 'ok').length;
  const secure = [...before, ...attempts].some(({ phases }) => phases.tls !== undefined);
  if (taken > 0 && !secure) {
    return {
      seen: false,
      message: `S3 took ${taken} bodies that the edge says it had altered, although their signature is of what was sent`,
    };
  }
  if (refused.length + taken === 0) {
    return {
      seen: false,
      message: `${altered.length} bodies were altered on the way, and no client got an answer to one`,
    };
  }
  const codes = [...new Set(refused.map(({ attempt }) => attempt.code ?? attempt.status))].join(', ');
  return {
    seen: true,
    message: `${altered.length} bodies were altered on the way: S3 refused ${refused.length}${codes && ` (${codes})`} and took ${taken}`,
  };
}

function answersAltered({ attempts, edges }: EffectContext, altered: readonly RuledAttempt[]): Effect {
  const unknownUploads = [...edges.values()].filter(
    ({ uploadId, upstream }) => uploadId !== undefined && (upstream?.status ?? 0) >= 400,
  );
  const felt = altered.filter((one) => refusedByClient(one) || ledAstray(one, unknownUploads));
  if (felt.length > 0) {
    return {
      seen: true,
      message: `${altered.length} answers were altered on the way, and ${felt.length} made a difference`,
    };
  }
  return {
    seen: false,
    message: `${altered.length} of the answers to ${attempts.length} attempts were altered on the way, and none made a difference: more \`bits\` would`,
  };
}

/** The client could not read the answer, or read another error than S3 gave. */
function refusedByClient({ attempt, edge }: RuledAttempt): boolean {
  return attempt.failure === 'protocol' || (attempt.code !== undefined && attempt.code !== edge.code);
}

/** The client took the answer, and its next requests were for an upload that S3 never gave out. */
function ledAstray({ attempt }: { attempt: AttemptEvent }, unknownUploads: readonly EdgeEvent[]): boolean {
  return (
    attempt.operation === 'CreateMultipartUpload' &&
    attempt.outcome === 'ok' &&
    unknownUploads.some(({ key, start }) => key === attempt.key && start >= attempt.start)
  );
}
