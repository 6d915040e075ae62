import { z } from 'zod';
import { defineFault } from './fault.ts';
import { injectRule } from './gateway-rule.ts';
import { requestMatch, requestParameters } from './request-parameters.ts';
import { feltByClients } from './ruled-attempts.ts';

/** S3 takes the request, keeps the connection, and never answers. */
export const neverAnswer = defineFault({
  name: 'never-answer',
  about: 'S3 takes the request whole, keeps the connection open, and never answers; it may have applied it or not.',
  details: [
    'The S3 edge reads the request to its end and holds it. With `applied`, S3 behind it does what was asked first, and its answer is ' +
      'held; else S3 never sees it. When the fault is healed, what is still held is cut, as by a server that restarts.',
    'Its evidence: attempts that the edge held, and that ended at the client without an answer: by the response-header timeout (60 s ' +
      'in Tempo), by the deadline of the flush, or when the heal cut them.',
    'It is the outage behind the message of grafana/tempo#4361: a header timeout is tried again, each attempt lasts another 60 s, and ' +
      'the fifth one runs into `flush_op_timeout` (5 m), which hides every other reason: `context deadline exceeded`.',
  ].join('\n\n'),
  place: 's3',
  parameters: z.strictObject({
    applied: z.boolean().default(false).describe('whether S3 does what was asked before it falls silent'),
    ...requestParameters,
  }),
  example: { operations: ['PutObject'], first: 1 },
  demonstrations: [
    {
      about:
        'S3 never answers the first attempt at any object for two minutes: the header timeout ends it, and the second gets through.',
      compression: { time: 50, bytes: 500 },
      load: { rate: '20MB/s', blocks: 8 },
      timeline: [{ at: '0s', for: '2m', with: { operations: ['PutObject'], key: 'data\\.parquet$', first: 1 } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '5m', amplification: 2 },
    },
    {
      about:
        'S3 applies every meta.json and never says so for five and a half minutes: the flushes run into their deadline, and the log says no more than that.',
      compression: { time: 100, bytes: 500 },
      load: { rate: '10MB/s', blocks: 5 },
      timeline: [{ at: '0s', for: '330s', with: { applied: true, key: 'meta\\.json$' } }],
      // How many flushes run into it hangs on which blocks were on their way: some do, and none is given up.
      expect: { lost: 0, deadlineExceeded: 10, recoveredWithin: '5m' },
    },
  ],
  compress: (parameters) => parameters,
  inject: ({ lease, parameters, id, seed }) =>
    injectRule(lease, {
      kind: 'hold',
      rule: id,
      seed,
      match: requestMatch(parameters),
      when: parameters.applied ? 'after-apply' : 'before-apply',
    }),
  effect(context) {
    const { applied } = context.fault.with as { applied: boolean };
    return feltByClients(context, {
      felt: ({ attempt, edge }) =>
        attempt.failure !== undefined &&
        attempt.status === undefined &&
        edge.status === undefined &&
        (edge.upstream !== undefined) === applied,
      done: `were held${applied ? ' once applied' : ''}, and ended without an answer`,
      wanting: 'went without an answer',
    });
  },
});
