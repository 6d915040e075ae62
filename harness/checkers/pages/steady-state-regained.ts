import { cut, flushEnd, flushStart, uploadRequests } from '../example-history.ts';
import { exampleRun } from './example-run.ts';
import type { CheckerPage } from './page.ts';

const slow = uploadRequests('a', 1_200, 300, 320);
const puts = slow.map(([, attempt]) => attempt).filter(({ operation }) => /^(PutObject|UploadPart)$/.test(operation));

export const steadyStateRegainedPage: CheckerPage = {
  details: `
An outage is over when S3 is well again; for Tempo it is over when writing is as it was. What an outage can leave behind: connections that are opened anew for each request, a client that goes on to throttle itself, a server that is slower than it was. Nothing is lost by it, and the next outage finds a writer with less room.

PUTs and flushes from before the first fault are compared with those that began after the last heal, once every block that waited then is in S3 or was given up. PUTs are compared with PUTs of their size (by factors of 4), flushes by the bytes that they bring to S3. What is compared are medians of 5 or more; where there are fewer, nothing is judged, and it says so.

\`expect.regained\` is how many times as long they may take: \`regained: 2\`. A further 100 ms, as they pass, are the machine's: with 8 scenarios side by side on 2 cores, a request was seen to take 110 ms longer than one before. Without \`expect.regained\` it is told of when they take more than four times as long.`,
  reads: {
    attempt: 'of a PUT that was acknowledged: its size, and how long it took',
    'block.cut': 'blocks that wait, and their bytes',
    'flush.start': 'when a flush began',
    'flush.end': 'when it was over, and whether it succeeded',
    'block.dropped': 'blocks that nobody waits for any more',
    'fault.start': 'until when all was well',
    'fault.end': 'when it was so again',
  },
  example: exampleRun({
    about: 'PUTs took 10 ms. A minute of SlowDown is over, nothing fails any more, and each PUT takes 300 ms.',
    expect: { regained: 2 },
    fault: {},
    events: [puts],
    beside: [
      cut('a', 1_100),
      flushStart('a', 1_150),
      slow.flat().filter((event) => !(puts as unknown[]).includes(event)),
      flushEnd('a', 3_500),
    ],
    found: ['a'],
  }),
  limits: [
    'It needs time before the first fault and after the recovery: five blocks each, or five PUTs of one size. Most short scenarios have too few, and pass.',
    'The 100 ms are not compressed: with time divided by 20, PUTs that are slower by less than 2 s of the config are not found out. Run it at 1x to see them.',
    'Before the first fault means before any: of a timeline with several faults, what lies between two of them is of neither side.',
    'A slower machine, and a slower S3, look the same from here. [path-healed](path-healed.md) compares a probe that no writer takes part in.',
  ],
};
