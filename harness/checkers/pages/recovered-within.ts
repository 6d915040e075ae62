import { cut, flush, flushEnd } from '../example-history.ts';
import { exampleRun } from './example-run.ts';
import type { CheckerPage } from './page.ts';

export const recoveredWithinPage: CheckerPage = {
  details: `
What an outage costs after it is over. From the heal of the last fault on, every block that was cut before, and every block that a process which ended had left in its WAL for the one that was started again, has \`expect.recoveredWithin\` to get into S3. A writer that backs off for long, or that has more to send than its uplink carries, takes long. A writer that was ended while S3 was away cannot start before S3 is back, and is then started after its crash-loop back-off: that wait is a part of the recovery, which counts from the end of the outage.

A block that was given up never recovers. If the run ended before the budget was over and blocks were outstanding, it is inconclusive: a longer drain would tell.`,
  reads: {
    'fault.start': 'that there was a fault',
    'fault.end': 'when the last one was healed',
    'block.cut': 'which blocks were cut before that',
    'flush.end': 'when each was in S3',
    'block.dropped': 'those that never will be',
    'wal.page': 'which blocks were in the WAL',
    'data.lost': 'those of which that is gone',
    'writer.process': 'when a process was started again, and found its WAL',
    'writer.start-failed':
      'that it could not start while another fault kept S3 away: its recovery began with the end of that',
    phase: 'until when the writers were watched',
  },
  example: exampleRun({
    about:
      'The fault is healed after one second of the run, and block a is in S3 five seconds later, where two are allowed.',
    expect: { recoveredWithin: 2_000 },
    fault: {},
    events: [flushEnd('a', 6_140)],
    beside: [cut('a', 400), flush('a', 6_000).slice(0, -1)].flat(),
    found: ['a'],
  }),
  limits: [
    'It is about blocks that were cut before the heal. What is cut later, and waits behind them, is for [visible-within](visible-within.md).',
    'A run without a fault has nothing to recover from, and passes.',
    'A harness that was late since the heal, by more than 2 % of the budget, makes a fail inconclusive, as far as its lateness could have caused it: see [harness-on-time](harness-on-time.md).',
  ],
};
