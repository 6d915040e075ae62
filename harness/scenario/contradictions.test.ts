import { expect, it } from 'vitest';
import { checkers } from '../checkers/catalogue.ts';
import { contradictionsIn } from './contradictions.ts';
import { parseScenario } from './read-scenario.ts';

const fault = '\n  - { at: 0s, for: 1m, fault: latency, with: { latency: 1s } }';
const scenario = (expects: string, load = 'blocks: 2', timeline = fault) =>
  `name: a\nabout: b\nload: { rate: 1MB/s, ${load} }\ntimeline: ${timeline}\nexpect: { ${expects} }\n`;
const messageOf = (text: string) => {
  try {
    parseScenario(text, 's.yaml');
    return 'taken';
  } catch (error) {
    return (error as Error).message;
  }
};

it.each([
  [
    'a cause that judges what is not expected',
    scenario('verdict: fail, cause: amplification'),
    '6:26: expect.cause: "amplification": amplification can never fail here: it judges what `expect` has of `amplification`, so add that',
  ],
  [
    'one that judges either of two',
    scenario('verdict: fail, cause: orphans, deadlineExceeded: 0'),
    '6:26: expect.cause: "orphans": orphans can never fail here: it judges what `expect` has of `orphanedParts` or `orphanedBytes`, so add that',
  ],
  [
    'a cause that only makes a run inconclusive',
    scenario('verdict: fail, cause: harness-on-time'),
    '6:26: expect.cause: "harness-on-time": harness-on-time can never fail here: it only ever makes a run inconclusive, so name another checker',
  ],
  [
    'a recovery from nothing',
    scenario('verdict: fail, cause: recovered-within, recoveredWithin: 3m', 'blocks: 2', '[]'),
    '5:26: expect.cause: "recovered-within": recovered-within can never fail here: it is about faults, and the timeline has none',
  ],
  [
    'compactions without a compactor',
    scenario('verdict: fail, cause: compaction'),
    '6:26: expect.cause: "compaction": compaction can never fail here: no compactor runs, so say how many in `load.compactors`',
  ],
  [
    'more blocks to be lost than there are',
    scenario('verdict: fail, cause: durability, lost: 6', 'writers: 3, blocks: 2'),
    '6:45: expect.lost: 6: durability can never fail here: it has to lose more, and 6 blocks are cut in all',
  ],
  [
    'less success in the end than at first',
    scenario('firstAttemptSuccess: 0.9, finalSuccess: 0.8'),
    '6:37: expect.finalSuccess: 0.8: less than `firstAttemptSuccess` (0.9), and what succeeds at first has succeeded in the end: are the two swapped?',
  ],
  [
    'bytes without a part',
    scenario('orphanedParts: 0, orphanedBytes: 1GB'),
    '6:29: expect.orphanedBytes: "1GB": without a part (`orphanedParts: 0`) there are no bytes: leave one away',
  ],
  [
    'parts without a byte',
    scenario('orphanedParts: 2, orphanedBytes: 0'),
    '6:11: expect.orphanedParts: 2: each part has bytes, of which none may be left (`orphanedBytes: 0`)',
  ],
  [
    'a share that is always reached',
    scenario('finalSuccess: 0'),
    '6:11: expect.finalSuccess: 0: a share of 0 is always reached: expected more than 0, like 0.99',
  ],
  [
    'no backlog at all',
    scenario('backlog: 0'),
    '6:11: expect.backlog: "0" is nothing at all: expected a size or a share over 0, like 2GB or 80%',
  ],
])('refuses %s, at its place', (_, text, message) => {
  expect(messageOf(text)).toBe(`s.yaml:${message}`);
});

it.each([
  ['a limit that is missed on purpose', scenario('verdict: fail, cause: amplification, amplification: 1')],
  ['blocks lost beyond those allowed', scenario('verdict: fail, cause: durability, lost: 1')],
  ['either of two limits', scenario('verdict: fail, cause: orphans, orphanedBytes: 1GB')],
  ['no parts and no bytes', scenario('orphanedParts: 0, orphanedBytes: 0')],
  ['as much at first as in the end', scenario('firstAttemptSuccess: 0.9, finalSuccess: 0.9')],
  ['a compactor that is there', scenario('verdict: fail, cause: compaction', 'blocks: 2, compactors: 1')],
  ['shares of a disk', scenario('backlog: 80%')],
  ['a checker that judges always', scenario('verdict: fail, cause: conservation', 'blocks: 2', '[]')],
])('takes %s', (_, text) => {
  expect(messageOf(text)).toBe('taken');
});

it('refuses every cause that needs something of `expect`, until that is there', () => {
  const load = { writers: 1, blocks: 2, compactors: 1 };
  for (const { name, judges = [], neverFails } of checkers({})) {
    const expected = { verdict: 'fail', cause: name, lost: 0 } as const;
    const refused = contradictionsIn({ expect: expected, timeline: [fault], load }).map(({ key }) => key);
    expect(refused, name).toEqual(judges.length > 0 || neverFails ? ['cause'] : []);
    for (const key of judges) {
      expect(contradictionsIn({ expect: { ...expected, [key]: 1 }, timeline: [fault], load }), name).toEqual([]);
    }
  }
});
