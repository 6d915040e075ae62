import { z } from 'zod';
import { defineFault } from './fault.ts';
import { injectRule } from './gateway-rule.ts';
import { requestMatch, requestParameters } from './request-parameters.ts';
import { feltByClients, ruledAttempts, wasAnswered, wasApplied } from './ruled-attempts.ts';
import { type S3ErrorCode, s3ErrorCodeNames, s3ErrorCodes } from './s3-error-codes.ts';

const moments = ['before-body', 'after-body', 'after-apply'] as const;
type Moment = (typeof moments)[number];

interface Answered {
  code: S3ErrorCode;
  status?: number;
  when: Moment;
}

/** S3 answers with an error: in place of doing what was asked, or having done it. */
export const s3Error = defineFault({
  name: 's3-error',
  about:
    'S3 answers with an error (503 SlowDown and any other): before the body, after it, or having applied the request.',
  details: [
    'The S3 edge of the gateway answers in place of S3, with the error document and the headers that S3 sends. `code` is any of ' +
      "the error list of S3's API reference, and what AWS, Ceph and MinIO answer beside it; `status` is the code's own unless told.",
    '`when` says how far S3 had come. `after-body` (the usual one): the body is read to its end, and S3 never sees the request. ' +
      '`before-body`: the answer is sent as soon as the head of the request was read, and what still comes of the body is read and ' +
      'dropped. `after-apply`: S3 does what was asked, and the client is told that it failed, as in thanos-io/thanos#3626, where a ' +
      'meta.json appeared after a 503. A CompleteMultipartUpload that is tried again after that gets NoSuchUpload.',
    'Which requests are hit: by operation, key and bucket, and of those by chance, the first few attempts, every so manieth, or a ' +
      'window. A draw depends on the seed, the operation, the key, the part and the attempt, never on the order of arrival.',
    "Its evidence: attempts that the edge answered so, and whose client got that status and code. With `after-apply`, S3's own " +
      'answer behind the edge has to be a success.',
    'minio-go, and so Tempo, tries again after the statuses 408, 429, 499, 500, 502, 503, 504 and 520 and after twelve codes, and ' +
      'ignores Retry-After.',
  ].join('\n\n'),
  place: 's3',
  parameters: z.strictObject({
    code: z.enum(s3ErrorCodeNames).default('SlowDown').describe('the S3 error code'),
    status: z.int().min(300).max(599).optional().describe("the HTTP status; absent: the code's own"),
    ...requestParameters,
    retryAfter: z.int().min(0).optional().describe('seconds for the Retry-After header; absent: no header'),
    when: z
      .enum(moments)
      .default('after-body')
      .describe('how far S3 had come: answered before the body was read, after it, or having applied the request'),
  }),
  example: { code: 'SlowDown', operations: ['PutObject', 'UploadPart'], probability: 0.5 },
  demonstrations: [
    {
      about: 'S3 throttles half of the writes for 40 seconds: ten attempts of each request get through.',
      compression: { time: 20, bytes: 500 },
      load: { rate: '53MB/s', blocks: 8 },
      timeline: [
        { at: '0s', for: '40s', with: { code: 'SlowDown', operations: ['PutObject', 'UploadPart'], probability: 0.5 } },
      ],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '5m', amplification: 5 },
    },
    {
      about:
        'S3 applies every first PutObject and says that it failed: what is tried again is written twice, and nothing is lost.',
      compression: { time: 20, bytes: 500 },
      load: { rate: '53MB/s', blocks: 8 },
      timeline: [
        {
          at: '0s',
          for: '40s',
          with: { code: 'InternalError', operations: ['PutObject'], first: 1, when: 'after-apply' },
        },
      ],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '5m', amplification: 2 },
    },
    {
      about:
        'S3 refuses half of the PutObjects before it has read their bodies: the clients hear it, and send them again.',
      compression: { time: 20, bytes: 100 },
      load: { rate: '53MB/s', blocks: 8 },
      timeline: [
        {
          at: '0s',
          for: '40s',
          with: { code: 'ServiceUnavailable', operations: ['writes'], every: 2, when: 'before-body', retryAfter: 30 },
        },
      ],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '5m', amplification: 2 },
    },
  ],
  compress: (parameters) => parameters,
  inject({ lease, parameters, id, seed }) {
    const { code, status, retryAfter, when } = parameters;
    const [usualStatus, message] = s3ErrorCodes[code];
    return injectRule(lease, {
      kind: 'answer-error',
      rule: id,
      seed,
      match: requestMatch(parameters),
      status: status ?? usualStatus,
      code,
      message,
      ...(retryAfter !== undefined && { retryAfter }),
      when,
    });
  },
  effect(context) {
    const { code, status = s3ErrorCodes[code][0], when } = context.fault.with as Answered;
    const effect = feltByClients(context, {
      felt: (one) => wasAnswered(one, status, code) && (one.edge.upstream !== undefined) === (when === 'after-apply'),
      done: `were answered ${code}`,
      wanting: `got a ${code}`,
    });
    if (!effect.seen || when !== 'after-apply') return effect;
    const applied = ruledAttempts(context).filter(wasApplied).length;
    return applied > 0
      ? { ...effect, message: `${effect.message}, ${applied} of them having been applied` }
      : { seen: false, message: `${effect.message}, and S3 had applied none of them` };
  },
});
