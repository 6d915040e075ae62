import { cut, flushEnd, flushStart, slowDown, upload } from '../example-history.ts';
import { exampleRun } from './example-run.ts';
import type { CheckerPage } from './page.ts';

const throttled = [500, 550, 600, 650].map((at, index) =>
  slowDown('a', 'data.parquet', [at, at + 10], { operation: 'CreateMultipartUpload', attempt: index + 1 }),
);

export const amplificationPage: CheckerPage = {
  details: `
Retries multiply load just when S3 has none to spare. This is the ratio of write requests that were sent to those that were needed: each PutObject, CreateMultipartUpload, UploadPart and CompleteMultipartUpload of a block is needed once, however often it was sent. A flush that starts over sends all of it again, and that counts as sent. An abort of an upload is sent, and never needed.

Without \`expect.amplification\` it is told and not judged.`,
  reads: {
    'block.cut': 'which keys are of blocks',
    attempt: 'every write that was sent, and whether it was the first of its request',
    'flush.end': 'that the requests of a block are complete',
  },
  example: exampleRun({
    about:
      'Four attempts of one request are throttled before the fifth gets through: 18 writes are sent where 14 are needed, in a scenario that allows 1.2 times.',
    expect: { amplification: 1.2 },
    events: [throttled.map(([, attempt]) => attempt)],
    beside: [
      cut('a', 400),
      flushStart('a', 450),
      throttled.map(([edge]) => edge),
      upload('a', 800),
      flushEnd('a', 950),
    ].flat(),
    found: ['a'],
  }),
  limits: [
    'It is the ratio of the whole run. A storm of some seconds hides in a long quiet run: [retry-storm](retry-storm.md) looks at the rate.',
    'Requests of blocks only: look-ups of the bucket, and the reads of a querier, are not in it.',
    'Compressed, a block has fewer parts than in truth, and a retry of one weighs more: the ratio of a compressed run is not that of the same run at 1x.',
    'An upload that was abandoned between two flushes counts by the requests that were sent, not by bytes.',
  ],
};
