import { z } from 'zod';
import { defineFault } from './fault.ts';
import { injectRefusal, refusalFelt } from './refusal.ts';
import { chosenRequests, operationsOf, placeOfRequests } from './request-parameters.ts';

/** The multipart upload is gone in the middle: a lifecycle rule, an abort, another S3 behind the name. */
export const noSuchUpload = defineFault({
  name: 'no-such-upload',
  about: 'S3 does not know the multipart upload any more (404 NoSuchUpload): the whole upload has to start again.',
  details: [
    'The S3 edge answers 404 NoSuchUpload to requests of an upload, as S3 does once a lifecycle rule, an abort by somebody else, or ' +
      'an earlier CompleteMultipartUpload has ended it. S3 behind the edge never sees them, so what it has of the upload stays until ' +
      'the client aborts it.',
    'Its evidence: attempts that the edge answered so, and whose client got the 404.',
    'minio-go does not try it again: the upload is aborted, the flush fails, and the next one begins a new upload, with all parts.',
    'It needs multipart uploads: blocks larger than `part_size` (16 MiB unless set), after compression.',
  ].join('\n\n'),
  place: 's3',
  parameters: z.strictObject({
    operations: operationsOf([
      'UploadPart',
      'CompleteMultipartUpload',
      'AbortMultipartUpload',
      'ListParts',
      'UploadPartCopy',
    ])
      .default(['UploadPart', 'CompleteMultipartUpload'])
      .describe('requests of an upload that are answered so'),
    ...placeOfRequests,
    ...chosenRequests,
  }),
  example: { operations: ['CompleteMultipartUpload'], first: 1 },
  demonstrations: [
    {
      about:
        'The upload of each block is gone once, when it is to be completed: the whole of it goes up again with the next flush.',
      compression: { time: 30, bytes: 80 },
      load: { rate: '53MB/s', blocks: 10 },
      set: { 'storage.trace.s3.part_size': 5242880 },
      timeline: [{ at: '0s', for: '1m', with: { operations: ['CompleteMultipartUpload'], first: 1 } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '5m' },
    },
  ],
  compress: (parameters) => parameters,
  inject: (injection) => injectRefusal(injection, 'NoSuchUpload'),
  effect: (context) => refusalFelt(context, 'NoSuchUpload'),
});
