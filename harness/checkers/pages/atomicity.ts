import { cut, flushEnd, flushStart, request } from '../example-history.ts';
import { polled } from '../example-poll.ts';
import { exampleRun } from './example-run.ts';
import type { CheckerPage } from './page.ts';

const upload: [name: string, options: Parameters<typeof request>[3]][] = [
  ['data.parquet', { operation: 'CreateMultipartUpload' }],
  ['data.parquet', { operation: 'UploadPart', partNumber: 1 }],
  ['data.parquet', { operation: 'UploadPart', partNumber: 2 }],
  ['data.parquet', { operation: 'CompleteMultipartUpload' }],
  ['bloom-0', {}],
];
const metaFirst = ['meta.json', 'index'].map((name, index) => {
  const [edge] = request('a', name, [700 + index * 20, 710 + index * 20]);
  return edge;
});
const seenBetween = polled([712, 716], { a: ['data.parquet', 'bloom-0', 'meta.json'] });
const answers = ['meta.json', 'index'].map((name, index) => {
  const [, attempt] = request('a', name, [700 + index * 20, 710 + index * 20]);
  return attempt;
});

export const atomicityPage: CheckerPage = {
  details: `
A reader of the bucket takes a block to exist once its \`meta.json\` does. If that is there before an object of the block, or without it, queries fail; if an object changes later, they get what nobody wrote.

What counts is the order in which MinIO applied the objects, not the one in which they were sent. The gateway sees when a request had reached MinIO with its whole body, and when MinIO answered: the object was applied between the two. An upload that got no answer, or a 5xx, may have been applied at any time after. So each application has bounds, and a violation is called one only when it is certain: \`meta.json\` surely applied, and another object surely not before it. What the bounds leave open is inconclusive, never a pass.

A reader that polls the bucket during the run, as Tempo's blocklist does and past all faults, is a second witness. A block that it saw with its \`meta.json\` and without another object could be read incomplete, whatever the gateway makes of it; where the two contradict each other one of them is wrong, and the block is inconclusive.`,
  reads: {
    'block.cut': 'the objects of each block',
    edge: "when MinIO had each request's whole body, and when it answered; ETags, to know one content from another",
    attempt: 'what the client was told S3 has',
    'flush.end': 'which blocks the writer takes to be in S3',
    poll: 'which blocks a reader that polled the bucket found, and with which objects',
    compaction: 'the objects of blocks that compactors wrote, which that reader finds too',
  },
  example: exampleRun({
    about:
      'A writer sends meta.json before the index, both are answered 200, and the block is whole in the end. In between, a reader found it incomplete.',
    events: [metaFirst, seenBetween],
    beside: [
      cut('a', 400),
      flushStart('a', 500),
      ...upload.map(([name, options], index) => request('a', name, [510 + index * 20, 520 + index * 20], options)),
      answers,
      flushEnd('a', 800),
    ],
    found: ['a'],
  }),
  limits: [
    'The reader that polls sees a moment now and then: a block that was incomplete between two polls is seen by the gateway alone.',
    'A meta.json that no reader can make a block of is told of, and fails nothing by itself: that its bytes are not what was cut is for [durability](durability.md).',
    'Bounds that overlap decide nothing: objects that are uploaded side by side, with an answer of one lost, are inconclusive even where all went well. Tempo uploads meta.json alone and last, so this is rare.',
    'Traffic that did not pass the gateway has no bounds. [history-whole](history-whole.md) makes such a run inconclusive.',
    'It trusts that a MinIO that answered 2xx has applied the object by then, and that one that answered 4xx has not.',
    'Two uploads of the same content have the same ETag and count as the same object, which is as it should be: a retry overwrites an object by itself.',
  ],
};
