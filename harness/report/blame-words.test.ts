import { expect, it } from 'vitest';
import type { Blame } from '../verdict/attribution/blame.ts';
import { blameSentence, sidesInWords } from './blame-words.ts';

const blame: Blame = {
  lostMs: 90_000,
  flushes: 1,
  causes: [
    { side: 's3', cause: 'slow', share: 0.4, ms: 36_000 },
    { side: 'network', cause: 'dns', share: 0.35, ms: 31_500 },
    { side: 'network', cause: 'connect', share: 0.245, ms: 22_050 },
    { side: 'machine', cause: 'cpu', share: 0.005, ms: 450 },
  ],
};

it('puts the side first whose causes weigh most together, and leaves out what is next to nothing', () => {
  expect(sidesInWords(blame)).toBe(
    'the network 60 % (looking up the name 35 %, connecting 25 %), S3 40 % (slow answers)',
  );
});

it('says plainly that no time was lost', () => {
  expect(blameSentence({ lostMs: 0, flushes: 0, causes: [] })).toBe(
    'No time was lost: no flush failed, or was slow or late.',
  );
  expect(blameSentence(blame)).toMatch(
    /^1m30s were lost in 1 flush that failed, or was slow or late: due to the network/,
  );
});
