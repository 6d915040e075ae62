import { expect, test } from 'vitest';
import { RequestMatcher } from '../gateway/request-match.ts';
import type { JudgedBy } from '../history/events.ts';
import { SeededDecisions } from './seeded-decisions.ts';

const operation = 'PutObject';

/** What the gateway itself decides of 40 keys, three times each, and what is made of each decision before it is looked at. */
function decided(
  match: { probability?: number; first?: number },
  { seed = 7, change = (one: JudgedBy) => one } = {},
): string | undefined {
  const rule = '1-s3-error';
  const matcher = new RequestMatcher({ rule, seed: 7, match });
  const decisions = new SeededDecisions(seed);
  decisions.started({ id: rule, with: match });
  for (let turn = 0; turn < 120; turn++) {
    const key = `t/${turn % 40}/meta.json`;
    const request = { operation, bucket: 'b', key } as const;
    const { draw, n = 0 } = matcher.decides(request);
    decisions.see({ operation, key, judged: [change({ rule, n, acts: draw !== undefined })] });
  }
  return decisions.strayed(rule);
}

test("the gateway's own decisions are the seed's, whatever else chooses", () => {
  for (const match of [{ probability: 0.5 }, { probability: 0.1, first: 1 }, { first: 2 }, {}]) {
    expect(decided(match)).toBeUndefined();
  }
});

test('decisions that are not: of another seed, never to act, always to act', () => {
  expect(decided({ probability: 0.5 }, { seed: 8 })).toMatch(
    /^\d+ of its 120 decisions are not those that the seed draws with probability 0.5: PutObject t\//,
  );
  expect(decided({ probability: 0.5 }, { change: (one) => ({ ...one, acts: false }) })).toContain('was let pass');
  expect(decided({ probability: 0.5 }, { change: (one) => ({ ...one, acts: true }) })).toContain('was acted on');
  // With another reason to let requests pass, none of them is held against it; what it acts on is.
  const first = { probability: 0.5, first: 2 };
  expect(decided(first, { change: (one) => ({ ...one, acts: false }) })).toBeUndefined();
  expect(decided(first, { change: (one) => ({ ...one, acts: true }) })).toContain('was acted on');
});

test('a fault that draws nothing, and one that was never started, have no decisions of the seed', () => {
  const decisions = new SeededDecisions(7);
  decisions.started({ id: '1-s3-error', with: {} });
  const judged = ['1-s3-error', '2-s3-error'].map((rule) => ({ rule, n: 1, acts: true }));
  decisions.see({ operation, key: 'k', judged });
  expect([decisions.strayed('1-s3-error'), decisions.strayed('2-s3-error')]).toEqual([undefined, undefined]);
});
