import { cut, flush, flushEnd, flushStart, slowDown } from '../example-history.ts';
import { exampleRun } from './example-run.ts';
import type { CheckerPage } from './page.ts';

const refused = slowDown('a', 'data.parquet', [510, 520], {
  operation: 'CreateMultipartUpload',
  client: { request: 'CreateMultipartUpload of the first flush' },
});

export const successRatePage: CheckerPage = {
  details: `
Two figures that tell two things. The share of write requests that S3 acknowledged at the first attempt tells how bad the path was; the share that it acknowledged in the end tells what the retries made of that. A first of 60 % and a final of 100 % is a client that copes; a final below 100 % is flushes that failed and began again.

All attempts of a request share its id. A write request is a PutObject, a CopyObject, or one of the three of a multipart upload. Without \`expect.firstAttemptSuccess\` or \`expect.finalSuccess\` the figures are told and not judged.`,
  reads: { attempt: 'the request that it belongs to, whether it was the first of it, and how it ended' },
  example: exampleRun({
    about:
      'S3 throttles a request, and a client without retries gives it up. The flush fails, and the next one brings the block to S3.',
    expect: { finalSuccess: 0.99 },
    events: [refused[1]],
    beside: [
      cut('a', 400),
      flushStart('a', 500),
      refused[0],
      flushEnd('a', 530, { outcome: 'fail' }),
      flush('a', 900, 2),
    ].flat(),
    found: ['a'],
  }),
  limits: [
    'What counts is what the client was told. An attempt whose answer was lost may have been applied, and was not acknowledged.',
    'The flush that begins again sends new requests: a block may get to S3 with a final share below 100 %.',
    'A request that was under way when a process was killed has no end in the history and is not counted; one that was ended because its writer was stopped is left out, and the message says how many.',
    'Compressed, a block has fewer parts than in truth, so the shares weigh the other requests more.',
  ],
};
