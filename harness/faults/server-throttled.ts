import { z } from 'zod';
import { counted } from '../checkers/counted.ts';
import { median } from '../median.ts';
import { defineFault } from './fault.ts';
import { takeBack } from './half-injected.ts';
import { inConfigTime } from './in-config.ts';
import { leaseServer, serverItself, tell } from './lease-server.ts';
import { positiveDuration } from './parameters.ts';
import { type SentOn, sentOn } from './server-requests.ts';

/** The first as the pinned MinIO says it; the others as earlier ones do, which let requests wait for their turn. */
const throttled = new Set(['TooManyRequests', 'SlowDown', 'SlowDownWrite', 'SlowDownRead']);

function wasThrottled({ attempt, upstream }: SentOn): boolean {
  return (upstream.status === 429 || upstream.status === 503) && throttled.has(attempt.code ?? '');
}

/** The S3 server serves no more than so many requests at a time, by settings of its own. */
export const serverThrottled = defineFault({
  name: 'server-throttled',
  about: "The S3 server serves only so many requests at a time: MinIO's own throttling, with its own answers.",
  details: [
    'MinIO is ended in order and started again with MINIO_API_REQUESTS_MAX (and MINIO_API_REQUESTS_DEADLINE) in its environment, and once ' +
      'more without them when the fault is healed. Each restart takes about half a second, in which requests find nobody; compression ' +
      'does not shorten it. (MinIO can also be told while it runs, but only by its admin API, which encrypts what it is sent in a way of ' +
      'its own.)',
    'The pinned MinIO answers a request over the limit 429 `TooManyRequests`, at once: with a limit of 2 and 30 writes of 5 MB at the ' +
      'same time, 2 were done and 28 refused within 0.2 s. It ignores the deadline. Earlier releases let a request wait for its turn ' +
      'until the deadline, and answer 503 `SlowDown` then; they can be had by TEMPO_S3_CHAOS_MINIO_IMAGE, or as `minio` on PATH. ' +
      'minio-go tries again after either.',
    'Its evidence: requests that S3 itself, not a rule of the gateway, answered so, as the client saw them.',
    'The limit is for requests that are served at the same time, not in a second: what matters is how many the writer has under way, ' +
      'which is up to four parts of each upload, and one flush for each of `concurrent_flushes`. Requests per second and prefix, as AWS ' +
      'throttles, are `slowdown-rate`.',
  ].join('\n\n'),
  place: 'server',
  parameters: z.strictObject({
    requests: z.int().min(1).describe('requests served at the same time (MINIO_API_REQUESTS_MAX)'),
    deadline: positiveDuration()
      .optional()
      .describe('how long a request over the limit waits (MINIO_API_REQUESTS_DEADLINE); the pinned MinIO ignores it'),
  }),
  example: { requests: 1 },
  demonstrations: [
    {
      about:
        'S3 serves one request at a time for forty seconds, and an upload has two parts under way: one is refused, and tried again.',
      compression: { time: 20, bytes: 60 },
      load: { rate: '53MB/s', blocks: 8 },
      set: { 'storage.trace.s3.part_size': 5_242_880 },
      timeline: [{ at: '1s', for: '40s', with: { requests: 1 } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
  ],
  needs: ['own-server'],
  touches: serverItself,
  compress: ({ requests, deadline }, compression) => ({
    requests,
    ...(deadline !== undefined && { deadline: compression.duration(deadline, 'deadline') }),
  }),
  async inject(injection) {
    const { requests, deadline } = injection.parameters;
    const server = leaseServer(injection);
    const restart = async (settings?: Record<string, string>) => {
      // A heal whose start failed can be tried again.
      if (!server.inForce().includes('ended')) {
        await server.end('stop');
        tell(injection, 'ended');
      }
      await server.start(settings);
      tell(injection, 'started');
    };
    await restart({
      MINIO_API_REQUESTS_MAX: String(requests),
      ...(deadline !== undefined && { MINIO_API_REQUESTS_DEADLINE: `${deadline}ms` }),
    }).catch((error) => takeBack(error, () => restart()));
    // What it did is done by MinIO, and seen in its answers.
    const evidence = { fired: null, unit: 'requests' as const };
    return {
      evidence: async () => evidence,
      async heal() {
        await restart();
        return evidence;
      },
    };
  },
  effect(context) {
    const sent = sentOn(context);
    const refused = sent.filter(wasThrottled);
    if (refused.length === 0) {
      return {
        seen: false,
        acted: 0,
        message: `S3 throttled none of ${counted(sent.length, 'request')}: it needs more requests at the same time`,
      };
    }
    const waited = median(refused.map(({ upstream: { start, answer, end } }) => (answer ?? end) - start));
    const codes = [...new Set(refused.map(({ attempt }) => `${attempt.status} ${attempt.code}`))].join(', ');
    return {
      seen: true,
      acted: refused.length,
      message: `S3 throttled ${counted(refused.length, 'request')} (${codes}), after ${inConfigTime(waited, context.compression)} at the median`,
    };
  },
});
