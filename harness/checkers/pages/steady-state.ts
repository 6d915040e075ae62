import { cut, flushEnd, flushStart, request, upload } from '../example-history.ts';
import { exampleRun } from './example-run.ts';
import type { CheckerPage } from './page.ts';

const refused = request('first', 'meta.json', [141, 145], { upstream: 503 });

export const steadyStatePage: CheckerPage = {
  details: `
A writer that does not work without faults proves nothing about faults. Before the first fault, at least one block must have been flushed without a single failed attempt. If none was, the environment is sick, the config is wrong, or the first fault came too early.

A scenario that has queriers and compactors beside the writers is about an S3 that is shared. If none of them ever sent a request, the writers had it alone, and what they survived says nothing of that.`,
  reads: {
    scenario: 'which queriers and compactors there are to be beside the writers',
    background: 'that those sent requests',
    'fault.start': 'when the first fault began',
    'block.cut': 'the blocks cut before that',
    'flush.start': 'the begin of each flush',
    attempt: 'whether an attempt failed',
    'flush.end': 'whether the block is in S3',
  },
  example: exampleRun({
    about: 'The only block before the fault needs a second attempt for its meta.json, as S3 had answered 503.',
    steady: false,
    fault: {},
    events: [refused[1], flushEnd('first', 170)],
    beside: [
      cut('first', 3),
      flushStart('first', 10),
      upload('first', 20).slice(0, -2),
      refused[0],
      request('first', 'meta.json', [150, 160], { attempt: 2 }),
    ].flat(),
    found: ['first'],
  }),
  limits: [
    'One clean block is enough: a path that fails one request in fifty may well pass.',
    'That latency and throughput were those of a healthy path is not judged by it. [path-healed](path-healed.md) probes the path before the first fault, and [steady-state-regained](steady-state-regained.md) compares after it.',
  ],
};
