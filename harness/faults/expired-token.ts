import { z } from 'zod';
import { defineFault } from './fault.ts';
import { injectRefusal, refusalFelt } from './refusal.ts';
import { requestParameters } from './request-parameters.ts';

const codes = ['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired', 'InvalidToken'] as const;

/** The temporary credentials have expired, and nobody has fetched new ones yet. */
export const expiredToken = defineFault({
  name: 'expired-token',
  about: 'S3 refuses every request because the temporary credentials have expired (400 ExpiredToken).',
  details: [
    'The S3 edge answers 400 ExpiredToken, as S3 does when a session token has outlived its time: the credentials of a role that was ' +
      'not refreshed in time. The body is read to its end, and S3 never sees the request. Healing stands for the refresh.',
    'Its evidence: attempts that the edge answered so, and whose client got that code.',
    'minio-go tries ExpiredToken and ExpiredTokenException again, although the status is 400, and asks its credentials provider ' +
      'anew for each attempt: a refresh within the ten attempts is not noticed. TokenRefreshRequired and InvalidToken it does not.',
    'The clients of the harness sign with credentials that do not expire, so there is no refresh to observe: this is what S3 says, not ' +
      'what a provider does.',
  ].join('\n\n'),
  place: 's3',
  parameters: z.strictObject({
    code: z
      .enum(codes)
      .default('ExpiredToken')
      .describe('the S3 error code: S3 says ExpiredToken, AWS STS ExpiredTokenException'),
    ...requestParameters,
  }),
  example: { code: 'ExpiredToken' },
  demonstrations: [
    {
      about:
        'The credentials are expired for a minute: ten attempts do not last that long, and the flushes after the refresh succeed.',
      compression: { time: 30, bytes: 500 },
      load: { rate: '53MB/s', blocks: 12 },
      timeline: [{ at: '0s', for: '1m' }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '5m' },
    },
  ],
  compress: (parameters) => parameters,
  inject: (injection) => injectRefusal(injection, injection.parameters.code),
  effect: (context) => refusalFelt(context, (context.fault.with as { code: (typeof codes)[number] }).code, 'an'),
});
