import { cut, finalObject, flushEnd, flushStart, objectNames, upload } from '../example-history.ts';
import { exampleRun, finalReadAt } from './example-run.ts';
import type { CheckerPage } from './page.ts';

export const noPhantomsPage: CheckerPage = {
  details: `
[durability](durability.md) asks whether all is there; this asks whether anything else is. Queries find a block that is in the bucket under two ids twice, and count its spans twice; objects that no block refers to are paid for until somebody notices; and an object that came past the gateway says that the run was not alone with its bucket.

Every object of the final read has to have been written by a request: one that was acknowledged, or got no answer, or was seen at the gateway to have been taken by S3. Below the folder of a tenant's blocks each folder has to be that of a block that a writer had or a compactor made. An object of a block that was cut has to be one that it was cut with, or the mark of a compactor, and has to have the size that it had in one of its cuts. And no two blocks may have been cut with the same data.

What the harness and its background traffic write lies elsewhere in the bucket: they have requests too.`,
  reads: {
    attempt: 'which keys clients wrote, or may have written',
    edge: 'which keys S3 took, whoever sent them',
    'block.cut': 'the objects of each block, with size and SHA-256',
    'wal.page': 'blocks that a writer had',
    'flush.start': 'blocks that a writer had',
    compaction: 'blocks that compactors made',
    'final.object': 'what is in the bucket',
    'final.read': 'that the bucket was read to its end',
  },
  example: exampleRun({
    about:
      'Block a is flushed as it should be, and then once more under the id b. Every request is answered 200, and every object of a is there.',
    events: [objectNames.map((name) => finalObject('b', name, finalReadAt + 1))],
    beside: [cut('a', 400), flushStart('a', 500), upload('a', 510), upload('b', 700), flushEnd('a', 900)],
    found: ['a'],
  }),
  limits: [
    'It trusts any request for a key: that the object there is the one that was sent last, byte for byte, is for [durability](durability.md) and [compaction](compaction.md) to say.',
    'Of a block that a compactor wrote only the objects are known that S3 acknowledged; others of it pass, if a request wrote them.',
    'It looks at the bucket when the run is over: what appeared and went in between is not seen.',
    'An object that was deleted, and is there all the same, passes: its writer had written it.',
    'When a part of the harness broke, what it saw last is missing, and a phantom is inconclusive instead of a fail.',
  ],
};
