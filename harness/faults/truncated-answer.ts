import { z } from 'zod';
import { defineFault } from './fault.ts';
import { injectRule } from './gateway-rule.ts';
import { requestMatch, requestParameters } from './request-parameters.ts';
import { feltByClients } from './ruled-attempts.ts';

/** S3's answer begins, and the connection ends in the middle of it. */
export const truncatedAnswer = defineFault({
  name: 'truncated-answer',
  about:
    "S3 applies the request, its answer begins, and the connection ends in the middle of the answer's body or head.",
  details: [
    "The S3 edge forwards the request, passes the first `bytes` bytes of S3's answer, and ends the client's connection. Counted are " +
      'the bytes of the body, or, of an answer without one (PutObject, UploadPart), those of the head. At least one byte is kept back.',
    'Its evidence: attempts whose answer the edge cut, and whose client saw the connection end before the answer was whole.',
    'What minio-go does hangs on where the cut is. In the head: a transport error, tried again. In the body of a ' +
      'CreateMultipartUpload or CompleteMultipartUpload: the retries are over once the head was read, so the upload fails, and with ' +
      'it the flush, which starts over after its wait. The upload that was created, and whose id never arrived, stays behind.',
  ].join('\n\n'),
  place: 's3',
  parameters: z.strictObject({
    bytes: z
      .int()
      .min(1)
      .default(20)
      .describe('bytes of the answer that pass: of its body, or of its head if it has none'),
    ...requestParameters,
  }),
  example: { bytes: 20, operations: ['PutObject'], first: 1 },
  demonstrations: [
    {
      about:
        'The first answer for each object ends after 20 bytes of its head, for 40 seconds: the requests are sent again.',
      compression: { time: 20, bytes: 500 },
      load: { rate: '53MB/s', blocks: 8 },
      timeline: [{ at: '0s', for: '40s', with: { bytes: 20, operations: ['PutObject'], first: 1 } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '5m', amplification: 2 },
    },
    {
      about:
        'The first answers to CreateMultipartUpload and CompleteMultipartUpload end in the middle of their bodies: nothing tries those again but the next flush.',
      compression: { time: 30, bytes: 80 },
      load: { rate: '53MB/s', blocks: 10 },
      set: { 'storage.trace.s3.part_size': 5242880 },
      timeline: [
        {
          at: '0s',
          for: '1m',
          with: { bytes: 100, operations: ['CreateMultipartUpload', 'CompleteMultipartUpload'], first: 1 },
        },
      ],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '5m' },
    },
  ],
  compress: (parameters) => parameters,
  inject: ({ lease, parameters, id, seed }) =>
    injectRule(lease, { kind: 'truncate', rule: id, seed, match: requestMatch(parameters), bytes: parameters.bytes }),
  effect: (context) =>
    feltByClients(context, {
      felt: ({ attempt, edge }) =>
        (attempt.failure === 'reset' || attempt.failure === 'protocol') &&
        edge.cut === 'rule' &&
        edge.upstream?.answer !== undefined,
      done: 'got an answer that ended in the middle',
      wanting: 'got an answer that ended in the middle',
    }),
});
