import { cut, finalObject, flush, objectNames } from '../example-history.ts';
import { exampleRun, finalReadAt } from './example-run.ts';
import type { CheckerPage } from './page.ts';

const found = objectNames.filter((name) => name !== 'index').map((name) => finalObject('a', name, finalReadAt + 1));

export const durabilityPage: CheckerPage = {
  details: `
The first thing that anybody wants to know. When a block is cut its writer says which objects it has, with size and SHA-256. When all is over, every object is read back from MinIO directly, past all faults and to its last byte, and compared.

A block is *lost* when it is not whole in the bucket and nothing will bring it there: the writer takes it to be flushed, or gave it up, or has no whole copy of it on its disk any more, neither as a local block nor in its WAL. A block that waits on the disk for its next flush is late, not lost. A block whose data is in another one, which it was compacted into, is where its data is. Data that went before its block was cut (a page of the WAL that could not be written, a WAL that was deleted at a start) counts as a lost block too, whatever is in the bucket.

\`expect.lost\` is how many lost blocks a scenario allows: 0 unless it says otherwise.`,
  reads: {
    'block.cut': 'the objects of each block, with size and SHA-256',
    'flush.end': 'what the writer takes to be in S3',
    'block.dropped': 'what it gave up',
    'data.lost': 'pages of the WAL that are gone',
    compaction: 'which block the data of others went into',
    'final.object': 'what is in the bucket',
    'final.local': 'local blocks that are on the disk still',
    'final.wal': 'blocks that are in the WAL still',
    'final.read': 'that the bucket was read to its end',
  },
  example: exampleRun({
    about:
      'Block a is flushed, every request is answered 200, and its index is not in the bucket when all is over: a server that acknowledges what it does not keep.',
    events: [found],
    beside: [cut('a', 400), flush('a', 500)],
  }),
  limits: [
    'It knows of a block only what the writer said when it cut it. A writer that cuts a block of the wrong data is not found out here, but by [conservation](conservation.md), and only as far as bytes can be counted.',
    'Live traces are not in it: Tempo promises nothing about what no page of the WAL has yet. [live-traces](live-traces.md) counts them.',
    "That a compacted block's data is that of its inputs is the compactor's own word: their sizes have to add up, and the bytes that were read have to be those of the inputs.",
    'What is read back is what MinIO has when the run is over. That it has been fsynced there, and would survive a crash of its machine, is not tested.',
  ],
};
