import { cutOf, finalLocal, push, walPage } from '../example-history.ts';
import { exampleRun, finalReadAt, steadyPushed } from './example-run.ts';
import type { CheckerPage } from './page.ts';

export const backlogPage: CheckerPage = {
  details: `
While S3 is away, what comes in piles up on the local disk: pages of the WAL, and blocks that wait for a flush. When the disk is full, Tempo loses what it acknowledges from then on, and refuses no push. So the peak of that pile, against the room there is, says how much longer an outage might have lasted.

The peak is of the writer that had most. The room is \`deployment.disk\`, or what a disk-full fault left, if that is less. \`expect.backlog\` is a size (\`2GB\`) or a share of the room (\`80%\`); without it the peak is told and not judged.`,
  reads: {
    scenario: 'the size of the disk, of the settings',
    'fault.start': 'how much room a disk-full fault leaves',
    'wal.page': 'bytes that went to the WAL',
    complete: 'blocks that could not be completed',
    'block.cut': 'local blocks',
    'flush.start': 'blocks that are being flushed',
    'flush.end': 'blocks that are in S3',
    'block.cleared': 'blocks that are off the disk',
    'block.dropped': 'blocks that are off the disk',
    'data.lost': 'pages that are off the disk',
    'writer.process': 'flushes that ended with their process',
  },
  example: exampleRun({
    about: 'A block of 3kB waits on the disk until the run is over, where 2kB are allowed.',
    expect: { backlog: { bytes: 2_000 } },
    events: [walPage('a', 450, 1, 3_000), cutOf('a', 500, 3_000)],
    beside: [
      steadyPushed(),
      push(400, 3_000, 3_000),
      finalLocal('a', 'data.parquet', finalReadAt + 1, { size: 3_000 }),
      finalLocal('a', 'meta.json', finalReadAt + 1),
    ],
  }),
  limits: [
    'It counts trace data, as pages and blocks have it. The blooms and the index of a local block, and what a failed completion left, take room too.',
    'Blocks that are in S3, and kept for readers until complete_block_timeout, are not in it, and do fill a disk: `tempo-s3-chaos check` says by how much.',
    'The disk of the harness has as much room as the machine, unless a disk-full fault takes it: a peak beyond `deployment.disk` is told as such, and nothing fails by it.',
    'Only what is told by pages is known: a writer that is not of the harness tells of none.',
  ],
};
