import type { HistoryEvent } from '../../history/events.ts';
import { cut, flushEnd, flushStart, request, slowDown } from '../example-history.ts';
import { exampleRun } from './example-run.ts';
import type { CheckerPage } from './page.ts';

/** minio-go's limits of the waits after the attempts of one request, and each of them waited to its end. */
const limits = [200, 400, 800, 1000, 1000, 1000, 1000, 1000, 1000];
const throttled = (name: string) =>
  limits.map((retryIn, index) => {
    const start = 700 + index * 10 + limits.slice(0, index).reduce((sum, wait) => sum + wait, 0);
    return slowDown('a', name, [start, start + 10], { attempt: index + 1, client: { retryIn } });
  });
const firstOf = (events: HistoryEvent[][]) => events.slice(0, 5).map(([, attempt]) => attempt as HistoryEvent);
const [bloom, index] = [throttled('bloom-0'), throttled('index')];
const shown = firstOf(bloom);

const upload: [name: string, options: Parameters<typeof request>[3]][] = [
  ['data.parquet', { operation: 'CreateMultipartUpload' }],
  ['data.parquet', { operation: 'UploadPart', partNumber: 1 }],
  ['data.parquet', { operation: 'UploadPart', partNumber: 2 }],
  ['data.parquet', { operation: 'CompleteMultipartUpload' }],
];

/** With the limits that the waits are held against. */
function withLimits(event: HistoryEvent): HistoryEvent {
  if (event.type !== 'scenario') return event;
  const { policy, ...settings } = event.settings as { policy: object };
  const backoff = { attempts: 10, backoffUnit: 200, backoffCap: 1000 };
  return {
    ...event,
    settings: { ...settings, client: 'tempo', s3: { region: 'us-west-2' }, policy: { ...policy, ...backoff } },
  };
}

const run = exampleRun({
  about:
    'S3 throttles two requests of a block nine times each, and the client waits 200 ms, 400 ms, 800 ms and then 1 s each time: always the whole limit. One writer does no harm so. Thirty of them, throttled at the same moment, all come back at the same moment.',
  events: [shown],
  beside: [
    cut('a', 400),
    flushStart('a', 500),
    upload.flatMap(([name, options], place) => request('a', name, [510 + place * 20, 520 + place * 20], options)),
    bloom.flat().filter((event) => !shown.includes(event)),
    index.flat(),
    ...['bloom-0', 'index'].map((name) => request('a', name, [8_400, 8_410], { attempt: 10 })),
    request('a', 'meta.json', [8_420, 8_430]),
    flushEnd('a', 8_440),
  ],
  found: ['a'],
});

export const retryStormPage: CheckerPage = {
  details: `
Retries are what survives an outage, and what makes it worse: S3 is asked for more while it can do less, and by all at once when it is about to be well. Three things are looked at.

*The waits.* minio-go waits any share of a limit that doubles from 200 ms to 1 s, each share as likely as any other. The shares of all waits of a run are compared with that: their distance from the uniform distribution (Kolmogorov's D) is over \`sqrt(ln(2 / 1e-9) / (2 n))\` by chance once in a billion runs, for any number n of waits (the inequality of Dvoretzky, Kiefer and Wolfowitz, with Massart's constant). A client that does not wait, or waits without jitter, has a D of 1, and is found out from 11 waits on. A wait that was shorter than the client said counts as what it was; one that was longer, as the client said. This is judged of every run with Tempo's policy.

*The rate.* The write attempts for blocks in the busiest minute are compared with the busiest minute of the same run without faults, in which each block's requests are sent once, when it is cut. \`expect.retryStorm\` is how many times as many there may be.

*Step.* Of three writers or more, with five retries or more each, the mean correlation of what two of them retry from one second to the next, between the first fault and a minute after the last heal: \`(V - 1) / (W - 1)\`, with W writers, and V the variance of their sum over the sum of their variances (Schluter's variance ratio). Independent writers have 0, those that do the same in every second 1. Above 0.5 they retry in step, and fail with \`expect.retryStorm\`.

Without \`expect.retryStorm\`, rate and step are told of when they are striking: ten times as many, or in step. Minutes and seconds are of the config's time.`,
  reads: {
    scenario: "the policy's limits of a wait, and whether it is Tempo's",
    attempt:
      'when each began and ended, which request of which block it was of, and what the client said it would wait',
    'block.cut': 'when there was something to send, and for which writer',
    'flush.start': 'flushes that begin again',
    'flush.end': 'which blocks had all of their requests',
    'fault.start': 'when the outage began',
    'fault.end': 'when it was over',
    phase: "the timeline's begin, to say when",
  },
  example: { ...run, history: run.history.map(withLimits) },
  limits: [
    'Waits are judged as one sample: a client that waits well most of the time and badly after one kind of error is found out only if that kind is common.',
    'What a Tempo ingester waits between two flushes (30 s, 60 s, 2 min) has no jitter, and is not held against full jitter. It shows in step, if the writers had failed in step.',
    'With the policy of the SDK the waits are its own, and are not judged.',
    'The rate counts blocks that waited for S3 and are sent when it is well. A high one may be a backlog that is caught up with, which is what one wants: the message has the moment.',
    'Attempts of compactors are in the waits, and neither in the rate nor in the step.',
  ],
};
