import { z } from 'zod';
import { defineFault } from './fault.ts';
import { injectRule } from './gateway-rule.ts';
import { duration } from './parameters.ts';
import { chosenRequests, placeOfRequests, requestMatch } from './request-parameters.ts';
import { feltByClients, type RuledAttempt, wasAnswered } from './ruled-attempts.ts';
import { type S3ErrorCode, s3ErrorCodeNames, s3ErrorCodes } from './s3-error-codes.ts';

/** CompleteMultipartUpload answers 200, white space while it works, and then an error. */
export const complete200Error = defineFault({
  name: 'complete-200-error',
  about: 'CompleteMultipartUpload answers 200, white space to keep the connection alive, and then an error document.',
  details: [
    'Putting the parts together can take S3 minutes, so it begins to answer at once: 200, and white space until it is through. ' +
      'Whether it worked is only said in the body. The S3 edge does the same in its place: white space for as long as `spaces` says, ' +
      'then the error document. With `applied`, S3 behind it has completed the upload all the same.',
    'Its evidence: attempts that the edge answered so, and whose client found the error in the 200, or met its deadline in the white space.',
    'minio-go reads the body and tries again if the code is one that it retries; InternalError is, InvalidPart is not. When the upload ' +
      'was applied, the next attempt gets NoSuchUpload, and the flush starts over. The white space has no timeout but the deadline of ' +
      'the flush: the head of the answer has come.',
    'It needs multipart uploads: blocks larger than `part_size` (16 MiB unless set), after compression.',
  ].join('\n\n'),
  place: 's3',
  parameters: z.strictObject({
    code: z.enum(s3ErrorCodeNames).default('InternalError').describe('the S3 error code in the document'),
    applied: z.boolean().default(false).describe('whether S3 completes the upload all the same'),
    spaces: duration().default(10_000).describe('how long white space is sent before the document'),
    ...placeOfRequests,
    ...chosenRequests,
  }),
  example: { code: 'InternalError', spaces: '30s', first: 1 },
  demonstrations: [
    {
      about:
        'The first two attempts to complete each upload end in a 200 with InternalError inside, after 10 s of white space.',
      compression: { time: 20, bytes: 80 },
      load: { rate: '53MB/s', blocks: 7 },
      set: { 'storage.trace.s3.part_size': 5242880 },
      timeline: [{ at: '0s', for: '40s', with: { spaces: '10s', first: 2 } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '5m', amplification: 3 },
    },
    {
      about:
        'The upload was completed, and the 200 says InternalError: the next attempt gets NoSuchUpload, and the block goes up twice.',
      compression: { time: 30, bytes: 80 },
      load: { rate: '53MB/s', blocks: 10 },
      set: { 'storage.trace.s3.part_size': 5242880 },
      timeline: [{ at: '0s', for: '1m', with: { applied: true, spaces: '5s', first: 1 } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '5m' },
    },
  ],
  compress: (parameters, compression) => ({ ...parameters, spaces: compression.duration(parameters.spaces, 'spaces') }),
  inject: ({ lease, parameters, id, seed }) =>
    injectRule(lease, {
      kind: 'complete-200-error',
      rule: id,
      seed,
      match: requestMatch({ ...parameters, operations: ['CompleteMultipartUpload'] }),
      code: parameters.code,
      message: s3ErrorCodes[parameters.code][1],
      applied: parameters.applied,
      spacesForMs: parameters.spaces,
    }),
  effect(context) {
    const { code, applied } = context.fault.with as { code: S3ErrorCode; applied: boolean };
    const about = { ...(context.fault.with as object), operations: ['CompleteMultipartUpload'] };
    return feltByClients(
      { ...context, fault: { ...context.fault, with: about } },
      {
        felt: (one) =>
          (one.edge.upstream !== undefined) === applied && (wasAnswered(one, 200, code) || gaveUpWaiting(one)),
        done: `were answered 200 with ${code} inside`,
        wanting: `got a 200 with ${code} inside`,
      },
    );
  },
});

/** The client took the 200 for the beginning of an answer, and its deadline came before the end. */
function gaveUpWaiting({ attempt, edge }: RuledAttempt): boolean {
  return edge.status === 200 && attempt.status === 200 && attempt.failure === 'deadline';
}
