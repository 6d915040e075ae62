import { z } from 'zod';
import { defineFault } from './fault.ts';
import { injectRule } from './gateway-rule.ts';
import { requestMatch, requestParameters } from './request-parameters.ts';
import { feltByClients, wasApplied } from './ruled-attempts.ts';

/** S3 does what was asked, and the connection dies before a byte of its answer: the client cannot know. */
export const lostAnswer = defineFault({
  name: 'lost-answer',
  about: 'S3 applies the request, and the connection dies before a byte of the answer: the client cannot know.',
  details: [
    "The S3 edge forwards the request, waits until S3 has answered, and ends the client's connection in place of that answer. " +
      'Requests that came on the connection after it are lost with it.',
    'Its evidence: attempts that S3 behind the edge answered with a success, and whose client saw the connection end without an ' +
      'answer (`reset`).',
    'To minio-go this is a transport error: tried again, up to ten attempts. A PutObject or an UploadPart is written twice then, ' +
      'with the same bytes. A CompleteMultipartUpload is not: its upload is gone once it was applied, the second attempt gets ' +
      'NoSuchUpload, which is not tried again, and the whole flush fails and starts over, after a wait of 30 s in Tempo.',
    'Of requests without a body that read (GET, HEAD) Go tries once more by itself on a new connection when the old one was kept ' +
      'from before, and no attempt of the policy is spent.',
  ].join('\n\n'),
  place: 's3',
  parameters: z.strictObject(requestParameters),
  example: { operations: ['PutObject'], probability: 0.3 },
  demonstrations: [
    {
      about:
        'The answers to a third of the PutObjects are lost for 40 seconds: they are sent again, and nothing is lost.',
      compression: { time: 20, bytes: 500 },
      load: { rate: '53MB/s', blocks: 8 },
      timeline: [{ at: '0s', for: '40s', with: { operations: ['PutObject'], probability: 0.3 } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '5m', amplification: 3 },
    },
    {
      about:
        'The answer to the first CompleteMultipartUpload of each upload is lost: the second attempt gets NoSuchUpload, and the flush starts over.',
      compression: { time: 30, bytes: 80 },
      load: { rate: '53MB/s', blocks: 10 },
      set: { 'storage.trace.s3.part_size': 5242880 },
      timeline: [{ at: '0s', for: '1m', with: { operations: ['CompleteMultipartUpload'], first: 1 } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '5m', amplification: 3 },
    },
  ],
  compress: (parameters) => parameters,
  inject: ({ lease, parameters, id, seed }) =>
    injectRule(lease, { kind: 'cut', rule: id, seed, match: requestMatch(parameters), when: 'after-apply' }),
  effect: (context) =>
    feltByClients(context, {
      felt: (one) => {
        const { attempt, edge } = one;
        return attempt.failure === 'reset' && attempt.status === undefined && edge.cut === 'rule' && wasApplied(one);
      },
      done: 'were applied, and their answers lost',
      wanting: 'missed an answer that S3 had given',
    }),
});
