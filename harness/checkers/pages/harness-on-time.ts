import { cut, flush, flushEnd, lateness } from '../example-history.ts';
import { exampleRun } from './example-run.ts';
import type { CheckerPage } from './page.ts';

export const harnessOnTimePage: CheckerPage = {
  details: `
The harness could have caused what it judges: a writer whose process was starved by the machine flushes late, and no setting of Tempo is to blame. Each process of the harness measures how late its event loop is. Its longest lateness while the writer worked, times the compression, must not be over 2 % of the budget that was missed; if it is, the missed budget is inconclusive and not a fail.

Lateness excuses no more than it could have caused: a budget that was missed by more than all processes together were late stays missed. With all budgets met, a late harness changes nothing.`,
  reads: {
    scenario: 'flush_op_timeout and blocklist_poll, which are budgets too',
    phase: 'when the writer worked',
    lateness: 'how late each process was, and for how long',
    'fault.end': 'when the recovery began',
    'writer.start-failed': 'that it began before a writer could be started again',
    'writer.process': 'pauses that a fault made: no lateness of the harness',
  },
  example: exampleRun({
    about:
      "A block misses its budget of two seconds by a tenth of one, while the writer's process had been blocked for 300 ms.",
    expect: { visibleWithin: 2_000 },
    events: [lateness(2_000, 300, 'subject'), flushEnd('a', 2_500)],
    beside: [cut('a', 400), flush('a', 2_360).slice(0, -1)].flat(),
    found: ['a'],
    along: ['visible-within'],
  }),
  limits: [
    'It measures event loops. A MinIO, a Toxiproxy or a disk that is starved by the same machine is late without being measured; mostly the processes of the harness are starved along with it.',
    'An event loop that is blocked for less than the interval of the measurement is seen to its longest stretch, not to each of them.',
    'Budgets that are no times (blocks lost, requests sent) are held against the smallest budget in time that there is.',
  ],
};
