import { cut, flush, flushEnd, flushStart, slowDown } from '../example-history.ts';
import { exampleRun } from './example-run.ts';
import type { CheckerPage } from './page.ts';

export const deadlineExceededPage: CheckerPage = {
  details: `
The symptom of grafana/tempo#4361: a flush ends as \`context deadline exceeded\`, which says nothing of why. The writer keeps \`flush_op_timeout\` by itself, so that no flush outlives it; what is judged is how many ran into it, against \`expect.deadlineExceeded\`. Each is told with what it had been waiting for: where the time of its attempts went, and the last error, which the deadline hid.`,
  reads: {
    'block.cut': 'the folder of each block, to know its attempts by',
    'flush.start': 'the begin of each flush',
    attempt: 'where the time of a flush went, and its last error',
    'flush.end': 'whether flush_op_timeout ended it',
  },
  example: exampleRun({
    about:
      'S3 throttles, the retries wait longer and longer, and the deadline ends the flush in one of the waits. The next flush gets through.',
    expect: { deadlineExceeded: 0 },
    events: [
      slowDown('a', 'data.parquet', [500, 510], { operation: 'CreateMultipartUpload' })[1],
      flushEnd('a', 800, { deadlineExceeded: true, error: 'context deadline exceeded' }),
    ],
    beside: [
      cut('a', 400),
      flushStart('a', 450),
      slowDown('a', 'data.parquet', [500, 510], { operation: 'CreateMultipartUpload' })[0],
      flush('a', 1_200, 2),
    ].flat(),
    found: ['a'],
  }),
  limits: [
    'It counts flushes, and a block may run into its deadline many times. How late a block was is for [visible-within](visible-within.md) to say.',
    'Tempo 3.0 has no flush_op_timeout unless it is set: nothing can run into it then.',
    'A flush that is still under way when the run ends is not counted.',
    'A harness that was late by more than 2 % of flush_op_timeout makes a fail inconclusive.',
  ],
};
