import { cut, flush, flushEnd } from '../example-history.ts';
import { exampleRun } from './example-run.ts';
import type { CheckerPage } from './page.ts';

export const visibleWithinPage: CheckerPage = {
  details: `
How long a block is on one machine alone. From the cut of a block until S3 has acknowledged its \`meta.json\` only the writer's disk has it; \`expect.visibleWithin\` is how long that may last, for each block. A block that was given up never becomes visible; one that was cut so late that its budget was not over when the run ended leaves the run inconclusive.`,
  reads: {
    'block.cut': 'when each block was cut; of one that is cut again, the first time',
    'flush.end': 'when the writer was told that all of it is in S3',
    'block.dropped': 'blocks that never will be',
    phase: 'until when the writers were watched',
  },
  example: exampleRun({
    about:
      'A block gets into S3 six seconds after its cut, where two are allowed, with nothing failed on the way: it had waited for its turn.',
    expect: { visibleWithin: 2_000 },
    events: [cut('a', 400), flushEnd('a', 6_540)],
    beside: [flush('a', 6_400).slice(0, -1)],
    found: ['a'],
  }),
  limits: [
    'The end of the flush is what counts, as the writer saw it: an answer that came late makes a block later than it was.',
    'That meta.json was acknowledged does not say that it can be read with the rest of the block: [atomicity](atomicity.md) and [durability](durability.md) do.',
    'A harness that was late by more than 2 % of the budget makes a fail inconclusive, as far as its lateness could have caused it: see [harness-on-time](harness-on-time.md).',
  ],
};
