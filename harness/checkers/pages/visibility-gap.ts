import { cleared, cut, flush, flushEnd } from '../example-history.ts';
import { exampleRun } from './example-run.ts';
import type { CheckerPage } from './page.ts';

export const visibilityGapPage: CheckerPage = {
  details: `
A block is read from the ingester's disk at first, and from S3 once a querier has found it in a poll of the blocklist. The ingester clears its copy \`complete_block_timeout\` after the block's end (Tempo 2.8 on), however late the flush was. If that is sooner than the next poll, there is a gap in which no query finds the block. Nothing is lost in it.

The worst case is judged: a reader whose poll came just before \`meta.json\` knows of it a whole \`blocklist_poll\` later. Without \`expect.visibilityGap\` a gap is told and not judged.`,
  reads: {
    scenario: 'blocklist_poll, of the settings',
    'flush.end': 'when each block was in S3 first',
    'block.cleared': 'when its local copy went',
  },
  example: exampleRun({
    about: 'A block that was flushed late is cleared one second later, while readers poll each five.',
    expect: { visibilityGap: 0 },
    settings: { blocklistPoll: 5_000 },
    events: [flushEnd('a', 2_140), cleared('a', 3_140)],
    beside: [cut('a', 400), flush('a', 2_000).slice(0, -1)].flat(),
    found: ['a'],
  }),
  limits: [
    'It is the worst case of any reader, not what one reader saw: a deployment whose polls happen to lie well never meets it.',
    'A poll that fails, or takes long, makes the gap of a real reader longer than what is judged.',
    'Caches, and queriers that are told of blocks otherwise, are not modelled.',
  ],
};
