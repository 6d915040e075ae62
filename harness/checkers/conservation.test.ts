import { expect, test } from 'vitest';
import { conservation } from './conservation.ts';
import {
  check,
  cutFailed,
  cutOf,
  dropped,
  finalReadOf,
  finalWal,
  inOrder,
  liveLost,
  processEvent,
  push,
  walLost,
  walPage,
} from './example-history.ts';

const read = finalReadOf(100, 0);
const verdictOf = (...events: Parameters<typeof inOrder>) => check(conservation, inOrder(...events, read))[0];

test('says where all of it is', () => {
  const finding = verdictOf(
    push(1, 100, 100),
    walPage('a', 2, 1, 60),
    walPage('a', 3, 2, 20),
    cutOf('a', 4, 80),
    push(5, 50, 70),
    walPage('b', 6, 1, 30),
    cutFailed('b', 7, 10),
    finalWal('b', 90, 30),
  );
  expect(finding).toEqual({
    checker: 'conservation',
    verdict: 'pass',
    message:
      '150B acknowledged by 1 writer: 80B in blocks, 30B in the WAL, 30B in memory at the end, 10B declared lost',
  });
});

test('sizes are told as the config has them', () => {
  const events = inOrder(push(1, 100, 100), walPage('a', 2, 1, 60), read);
  expect(check(conservation, events, { compression: { time: 1, bytes: 1_000 } })[0]?.message).toMatch(
    /^100kB acknowledged .* ingester-0 has 60kB nowhere/,
  );
});

test('a page that is in no block, not in the WAL, and not declared lost, is nowhere', () => {
  const events = [push(1, 100, 100), walPage('a', 2, 1, 100)];
  expect(verdictOf(events)).toEqual({
    checker: 'conservation',
    verdict: 'fail',
    message:
      '100B acknowledged by 1 writer, and not all of it is accounted for: ingester-0 has 100B nowhere, and no loss of it was declared (of block a)',
    blocks: ['a'],
  });
  for (const accounted of [
    [finalWal('a', 90, 100)],
    [cutOf('a', 3, 100)],
    [walLost('a', 3, 100)],
    [dropped('a', 3)],
    [finalWal('a', 90, 40), walLost('a', 3, 60)],
  ]) {
    expect(verdictOf(events, accounted)?.verdict).toBe('pass');
  }
  expect(verdictOf(events, finalWal('a', 90, 99))?.message).toContain('1B nowhere');
});

test('a kill does not excuse what was in a closed page, however much was live', () => {
  const finding = verdictOf(push(1, 500, 500), walPage('a', 2, 1, 10), processEvent('killed', 3));
  expect(finding).toMatchObject({ verdict: 'fail', blocks: ['a'] });
  expect(finding?.message).toContain('10B nowhere');
});

test('what is live goes with a kill, and not with a stop in order unless that is declared', () => {
  const live = push(1, 100, 100);
  expect(verdictOf(live, processEvent('killed', 2))?.message).toMatch(
    /: 100B live traces that went with their process$/,
  );
  expect(verdictOf(live, processEvent('stopped', 2))?.message).toContain('100B nowhere');
  expect(verdictOf(live, processEvent('stopped', 2), liveLost(3, 100))?.verdict).toBe('pass');
  expect(verdictOf(live, liveLost(1.5, 100), processEvent('stopped', 2))?.verdict).toBe('pass');
  expect(verdictOf(live, walPage('a', 1.5, 1, 100), processEvent('stopped', 2), cutOf('a', 3, 100))?.verdict).toBe(
    'pass',
  );
  // What is declared of one end, before it or after it, does not excuse another.
  const next = [push(3, 50, 50), processEvent('stopped', 4)];
  for (const t of [1.5, 2.5]) {
    expect(verdictOf(live, processEvent('killed', 2), liveLost(t, 100), next)?.message).toContain('50B nowhere');
  }
  expect(verdictOf(live, processEvent('killed', 2), next, liveLost(3.5, 50))?.verdict).toBe('pass');
});

test('a page that was closed and not told of before the kill is data, and so much less went with the process', () => {
  const finding = verdictOf(push(1, 100, 100), processEvent('killed', 2), cutOf('a', 3, 40));
  expect(finding?.message).toMatch(/: 40B in blocks, 60B live traces that went with their process$/);
});

test('a block that is replayed is there once', () => {
  const events = [push(1, 100, 100), walPage('a', 2, 1, 100), cutOf('a', 3, 100)];
  expect(verdictOf(events, processEvent('killed', 4), cutOf('a', 5, 100), finalWal('a', 90, 100))?.message).toMatch(
    /: 100B in blocks$/,
  );
  // What is left of the WAL of a block that was cut is deleted: it makes up for nothing.
  const left = verdictOf(events.slice(0, 2), cutOf('a', 3, 60), finalWal('a', 90, 40));
  expect(left?.message).toContain('40B nowhere, and no loss of it was declared (of block a)');
  // A torn page was never closed; the replay of the WAL that it lies in declares more than there was.
  expect(verdictOf(events.slice(0, 2), push(3, 30, 30), processEvent('killed', 4), walLost('a', 5, 130))?.message).toBe(
    '130B acknowledged by 1 writer: 100B declared lost, 30B live traces that went with their process',
  );
});

test('data that nobody pushed is no data', () => {
  expect(verdictOf(push(1, 100, 100), walPage('a', 2, 1, 100), cutOf('a', 3, 120))?.message).toContain(
    'has 20B more in blocks or its WAL than it had acknowledged',
  );
  // Even if as much is lost later.
  expect(
    verdictOf(push(1, 10, 10), walPage('a', 2, 1, 20), cutOf('a', 3, 20), push(4, 30, 30), processEvent('killed', 5))
      ?.message,
  ).toContain('has 10B more');
  // Or was lost before.
  const killed = [push(0.1, 30, 30), processEvent('killed', 0.2)];
  expect(verdictOf(killed, push(1, 10, 10), walPage('a', 2, 1, 20), cutOf('a', 3, 20))?.message).toContain('10B more');
});

test('memory that shrank without a page has lost something, even if a kill came later, and it grows by pushes alone', () => {
  const shrank = [push(1, 100, 100), push(2, 10, 60)];
  expect(verdictOf(shrank)?.message).toContain('50B nowhere');
  expect(verdictOf(shrank, walPage('a', 3, 1, 60), cutOf('a', 4, 60))?.message).toContain('50B nowhere');
  expect(verdictOf(shrank, processEvent('killed', 3))?.message).toContain('50B nowhere');
  expect(verdictOf(push(1, 100, 100), push(2, 10, 120))?.message).toContain('has 10B more');
  expect(verdictOf(push(1, 100, 100), push(2, 10, 120), processEvent('killed', 3))?.message).toContain('has 10B more');
});

test('a history without pushes is in order, and one without a final read says nothing', () => {
  expect(check(conservation, inOrder(cutOf('a', 1, 10), read))).toEqual([
    { checker: 'conservation', verdict: 'pass', message: 'nothing was pushed' },
  ]);
  expect(check(conservation, [push(1, 10, 10)])[0]?.verdict).toBe('inconclusive');
});

test('writers are accounted for one by one: what one has too much does not make up for another', () => {
  const other = { ...push(1, 10, 10), writer: 'ingester-1' } as const;
  const finding = verdictOf(push(1, 100, 100), walPage('a', 2, 1, 90), cutOf('a', 3, 100), other, {
    ...walPage('b', 4, 1, 10),
    writer: 'ingester-1',
  } as never);
  expect(finding).toMatchObject({ verdict: 'fail', blocks: ['b'] });
  expect(finding?.message).toContain('ingester-0 has 10B more');
  expect(finding?.message).toContain('ingester-1 has 10B nowhere');
});
