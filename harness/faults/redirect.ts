import { z } from 'zod';
import { defineFault } from './fault.ts';
import { injectRefusal, refusalFelt } from './refusal.ts';
import { requestParameters } from './request-parameters.ts';

const codes = { permanent: 'PermanentRedirect', temporary: 'TemporaryRedirect' } as const;
type Kind = keyof typeof codes;

/** S3 says that the bucket lives elsewhere. */
export const redirect = defineFault({
  name: 'redirect',
  about: 'S3 sends the client to another region: 301 PermanentRedirect, or 307 TemporaryRedirect.',
  details: [
    'The S3 edge answers 301 PermanentRedirect, as S3 does for a bucket of another region, or 307 TemporaryRedirect, as it does for ' +
      'some hours after a bucket was made: with `Location`, `x-amz-bucket-region`, and the elements `Endpoint` and `Bucket`. S3 behind ' +
      "the edge never sees the request. `Location` and `Endpoint` are the path's own endpoint: whoever follows is redirected again, and " +
      'no request ever leaves the path.',
    'Its evidence: attempts that the edge answered so, and whose client got that status and code, and did not follow in silence.',
    'minio-go follows no redirect, and tries neither again; with a region in its config it does not look for another. So each flush ' +
      'fails with its first request, for as long as the redirect stands.',
  ].join('\n\n'),
  place: 's3',
  parameters: z.strictObject({
    kind: z.enum(['permanent', 'temporary']).default('permanent').describe('permanent: 301; temporary: 307'),
    region: z
      .string()
      .regex(/^[a-z0-9-]+$/, 'expected a region, like eu-west-1')
      .default('eu-west-1')
      .describe('the region that the bucket is said to be in'),
    ...requestParameters,
  }),
  example: { kind: 'temporary', region: 'eu-west-1' },
  demonstrations: [
    {
      about:
        'S3 sends every request to another region for a minute, for good: flushes fail at once, and are made up for afterwards.',
      compression: { time: 30, bytes: 500 },
      load: { rate: '53MB/s', blocks: 12 },
      timeline: [{ at: '0s', for: '1m' }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '5m', amplification: 2 },
    },
    {
      about:
        'A bucket that is new: every third PutObject is redirected for a while, and the flush that it is of starts over.',
      compression: { time: 30, bytes: 500 },
      load: { rate: '53MB/s', blocks: 12 },
      timeline: [{ at: '0s', for: '1m', with: { kind: 'temporary', operations: ['PutObject'], every: 3 } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '5m' },
    },
  ],
  compress: (parameters) => parameters,
  inject(injection) {
    const { lease, parameters } = injection;
    const { host, port, secure } = lease.endpoint;
    return injectRefusal(injection, codes[parameters.kind], {
      headers: { 'x-amz-bucket-region': parameters.region },
      locationOrigin: `${secure ? 'https' : 'http'}://${host}:${port}`,
      elements: { Endpoint: `${host}:${port}`, Bucket: lease.bucket },
    });
  },
  effect: (context) => refusalFelt(context, codes[(context.fault.with as { kind: Kind }).kind]),
});
