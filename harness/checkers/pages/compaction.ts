import { compacted, finalMarked, finalOutput } from '../example-compaction.ts';
import { cut, flush, request } from '../example-history.ts';
import { exampleRun, finalReadAt } from './example-run.ts';
import type { CheckerPage } from './page.ts';

const inputs = ['a', 'b'];
const applied = (name: string, at: number, options?: Parameters<typeof request>[3]) =>
  request('ab', name, [at, at + 10], options);
const metaFirst = [applied('meta.json', 1_500), applied('index', 1_520)].map(([edge]) => edge);
const metaFirstAnswers = [applied('meta.json', 1_500), applied('index', 1_520)].map(([, attempt]) => attempt);

export const compactionPage: CheckerPage = {
  details: `
A compactor reads small blocks and writes a large one, then marks its inputs: \`meta.compacted.json\` is written and \`meta.json\` deleted. A reader must find the traces at every moment, in the inputs or in the output. So the output's \`meta.json\` has to come last, and no input may be marked whose data is not in a whole output.

Tempo's compactor aborts no upload: what a job that failed left behind is told by [orphans](orphans.md).`,
  reads: {
    scenario: 'how many compactors there are',
    'block.cut': 'the data of each block',
    'flush.end': 'which blocks could be read',
    compaction: 'what was read, written and marked by each job',
    edge: 'when MinIO applied each object of an output',
    'final.object': 'what is in the bucket',
    'final.read': 'that the bucket was read to its end',
  },
  example: exampleRun({
    about:
      'Two blocks are compacted into one, whose meta.json MinIO applied before the index: for a moment readers had the new block incomplete.',
    events: [metaFirst],
    beside: [
      inputs.map((block, index) => [cut(block, 250 + index), flush(block, 300 + index * 200)].flat()),
      applied('data.parquet', 1_400, { operation: 'CompleteMultipartUpload' }),
      applied('bloom-0', 1_420),
      metaFirstAnswers,
      inputs.flatMap((block) => request(block, 'meta.compacted.json', [1_550, 1_560], { operation: 'CopyObject' })),
      compacted(inputs, 'ab', 1_600),
      inputs.flatMap((block) => finalMarked(block, finalReadAt + 1)),
      finalOutput(inputs, 'ab', finalReadAt + 1),
    ].flat(),
  }),
  limits: [
    "Whether the bytes of an output are those of its inputs is the compactor's own word: the sizes have to add up, and what was read has to be what the inputs had.",
    'A moment in which an input is marked and its output not yet listed by a reader is not judged: readers keep marked blocks for a while themselves.',
    'A run in which a compactor found nothing to do is inconclusive: blocks of one window have to be there.',
  ],
};
