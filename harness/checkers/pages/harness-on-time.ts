import { cut, flush, flushEnd, lateness } from '../example-history.ts';
import { exampleRun } from './example-run.ts';
import type { CheckerPage } from './page.ts';

export const harnessOnTimePage: CheckerPage = {
  details: `
The harness could have caused what it judges: a writer whose process was starved by the machine flushes late, and no setting of Tempo is to blame. Each process of the harness measures how late its event loop is; one that did not tell it while the writer worked for longer than ten seconds makes the run inconclusive.

With all budgets met, a late harness changes nothing. A missed budget is inconclusive, and not a fail, when the lateness that may have delayed the block, times the compression, is over 2 % of the budget, and no less than what the budget was missed by. One block that would have missed it without is a miss, whatever became of the others. What may have delayed a block is bounded so:

1. Lateness counts from the block's cut (of a recovery: from the last heal) until it is in S3, and before that since the path was idle last: while no other block was on its way that it may have had to wait for. In no stretch of time does it count for more than the stretch is long: a stall of the machine, which every process tells of, is not counted once for each.
2. In the wait for the next try of a failed flush lateness delays nothing: the wait is as long as the policy has it, and ends when it is due.
3. Lateness grows where it makes an attempt fail. All that came after the start of a flush counts, when one of its attempts waited in vain for a connection or an answer, and the longest lateness in it, and the longest such wait of the run that was not in vain, fill that timeout; when its deadline ended it, and a process was late by more than 2 % of that; or when an attempt failed otherwise, and not for certain.
4. A refusal is certain when a fault refused it that decides the same of a request at any time (\`s3-error\`, \`connection-refused\`, \`dns-failure\`, a certificate, a redirect), and that had been in force since the block's cut, or for longer than the block was late by then.
5. A block that was cut while \`s3-error\` refused every write would not have been in S3 before that fault's time was over, however punctual the harness: lateness excuses none of that.

Flushes that ran into \`flush_op_timeout\` count, but for those of a block that a process may have made to, by more than 2 % of it.

All that holds only when some process was late at once by more than 2 % of the budget, on the way of the block, or by enough to make an attempt fail (3).`,
  reads: {
    scenario: 'flush_op_timeout and blocklist_poll, which are budgets too; for how long each fault was to last',
    phase: 'when the writer worked, and until when blocks were waited for',
    lateness: 'how late each process was, and for how long',
    'block.cut': 'when a block was on its way, and whether S3 took anything then',
    'flush.start': 'that it was under way again',
    attempt: 'why one failed, and how long those waited that did not',
    'flush.end': 'until when the next try was waited for, and when the block was in S3',
    'block.dropped': 'that it is on its way no more',
    'block.cleared': 'when a visibility gap began',
    'fault.start': 'since when a fault refused',
    'fault.end': 'when the recovery began',
    'writer.start-failed': 'that it began before a writer could be started again',
    'writer.process': 'pauses that a fault made: no lateness of the harness',
    'final.read': 'that blocks were waited for no more',
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
    'That a process was late at no time by more than 2 % of the budget, but very often by less, excuses nothing: a machine that is merely slow is for the writer to live with, and shows in other runs as well.',
    'Where no attempt of a kind was answered in the whole run, a timeout says nothing of how near the answer was: it counts as one that lateness alone did not fill.',
    'Budgets that are no times (blocks lost, requests sent) are held against the smallest budget in time that there is.',
  ],
};
