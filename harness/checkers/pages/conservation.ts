import { push, walPage } from '../example-history.ts';
import { exampleRun, steadyPushed } from './example-run.ts';
import type { CheckerPage } from './page.ts';

export const conservationPage: CheckerPage = {
  details: `
[durability](durability.md) begins when a block is cut. This one begins when a writer acknowledges a push, and keeps an account of every byte from there on: in memory, in a page of the WAL, in a block, or declared lost. What is over when all is added up is either nowhere (*undeclared*) or was never acknowledged (*surplus*). Both are a bug of the writer, or of whoever tells of it.

A process that is killed takes with it what was live: so much may be gone, and no more. A process that is stopped in order takes nothing. A block that is cut again by a replay of its WAL has its data once.`,
  reads: {
    push: 'bytes acknowledged, and bytes in memory after that',
    'wal.page': 'bytes that left memory for a block',
    'data.lost': 'what was declared lost, and of which block',
    'block.cut': 'the size of the data of a block',
    'block.dropped': 'that a block that was never cut is declared lost with all that it had',
    'writer.process': 'kills, which take what is live, and stops, which do not',
    'final.wal': 'what is in the WAL when the run is over',
  },
  example: exampleRun({
    about:
      'A writer acknowledges 5kB, and at its next push has 3kB less in memory, though no page was closed and no process ended.',
    events: [push(400, 5_000, 5_000), push(500, 1_000, 3_000), walPage('a', 600, 1, 3_000)],
    beside: [...steadyPushed(), { t: 8_999, type: 'final.wal', writer: 'ingester-0', block: 'a', bytes: 3_000 }],
  }),
  limits: [
    'It counts bytes, and does not compare them: a writer that mixed up the traces of two blocks of the same size would keep its account. What is in a block is compared from its cut on, by [durability](durability.md).',
    'What was acknowledged is the word of the writer, which the harness loads itself: no sender keeps an account of its own beside it.',
    'What a limit refused is not in the account: its sender knows of it.',
    'The moment of a kill is known to a few milliseconds. A page that was closed just before it, and not told of any more, is looked for in its block; so up to what was live may be gone with a kill without being missed.',
  ],
};
