import { z } from 'zod';
import { formatDuration } from '../tempo/go-duration.ts';
import { defineFault } from './fault.ts';
import { positiveDuration } from './parameters.ts';
import { injectRefusal, refusalFelt } from './refusal.ts';
import { requestParameters } from './request-parameters.ts';

/** S3's limit. Source: `MaxAllowedSkewMilliseconds` of its answer, and "Authenticating Requests (AWS Signature Version 4)". */
const ALLOWED_MS = 15 * 60_000;

/** The clocks of the writer and of S3 are further apart than S3 allows. */
export const clockSkew = defineFault({
  name: 'clock-skew',
  about:
    "The writer's clock and S3's are more than 15 minutes apart: S3 refuses every request (403 RequestTimeTooSkewed).",
  details: [
    'S3 refuses a request whose signed date is more than 15 minutes away from its own clock. The S3 edge answers as a server does ' +
      "whose clock is `skew` away from the writer's: the Date header and `ServerTime` are of that clock, `RequestTime` is the date that " +
      'the request was signed with, `MaxAllowedSkewMilliseconds` is 900000. S3 behind the edge never sees the request. A skew that ' +
      'S3 would allow is refused here: nothing would happen.',
    'The skew is between two clocks that people read, and S3 does not shrink its limit: compression leaves it as it is.',
    'Its evidence: attempts that the edge answered so, and whose client got the 403.',
    'minio-go does not try it again and does not set its clock by it: each flush fails with its first request until the clock is put ' +
      'right. The AWS SDK would correct its own clock by the answer (the harness turns that off, since it plays minio-go); one that ' +
      'does is refused all the same here, since the correction is wrong for the S3 behind the edge.',
  ].join('\n\n'),
  place: 's3',
  parameters: z.strictObject({
    skew: positiveDuration()
      .refine((ms) => ms > ALLOWED_MS, {
        error: (issue) =>
          `a skew of ${formatDuration(issue.input as number)} is none that S3 would mind: it allows 15m, so expected more, like 20m`,
      })
      .default(20 * 60_000)
      .describe("how far the clocks are apart: over S3's 15m"),
    writer: z.enum(['behind', 'ahead']).default('behind').describe("where the writer's clock is, seen from S3's"),
    ...requestParameters,
  }),
  example: { skew: '20m', writer: 'behind' },
  demonstrations: [
    {
      about:
        "The writer's clock is 20 minutes behind for a minute: every flush fails at once, and those after the correction succeed.",
      compression: { time: 30, bytes: 500 },
      load: { rate: '53MB/s', blocks: 12 },
      timeline: [{ at: '0s', for: '1m', with: { skew: '20m' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '5m', amplification: 2 },
    },
  ],
  compress: (parameters) => parameters,
  inject(injection) {
    const { skew, writer } = injection.parameters;
    return injectRefusal(injection, 'RequestTimeTooSkewed', {
      clockAheadMs: writer === 'behind' ? skew : -skew,
      elements: { MaxAllowedSkewMilliseconds: String(ALLOWED_MS) },
    });
  },
  effect: (context) => refusalFelt(context, 'RequestTimeTooSkewed'),
});
