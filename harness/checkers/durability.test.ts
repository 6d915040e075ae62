import { expect, test } from 'vitest';
import { durability } from './durability.ts';
import {
  check,
  cut,
  cutFailed,
  dropped,
  finalLocal,
  finalObject,
  finalRead,
  finalReadOf,
  flush,
  inOrder,
  liveLost,
  objectNames,
} from './example-history.ts';

const twoBlocks = inOrder(cut('a', 1), flush('a', 2), cut('b', 3), flush('b', 4));

test('passes when every object of every block is read back', () => {
  expect(check(durability, inOrder(twoBlocks, finalRead(1000, 'a', 'b')))).toEqual([
    { checker: 'durability', verdict: 'pass', message: '2 blocks cut, 2 read back whole' },
  ]);
});

test.each(objectNames)('names the block whose %s is missing', (name) => {
  const events = inOrder(twoBlocks, finalRead(1000, 'a', 'b')).filter(
    (event) => event.type !== 'final.object' || !event.key.endsWith(`/b/${name}`),
  );
  const [finding] = check(durability, events);
  expect(finding).toMatchObject({ verdict: 'fail', blocks: ['b'] });
  expect(finding?.message).toBe(
    `1 of 2 blocks lost (at most 0 expected): block b (its flush had been acknowledged): in the bucket ${name} is missing`,
  );
});

test('tells a wrong size from different bytes', () => {
  const rest = objectNames.slice(2).map((name) => finalObject('a', name, 900));
  const [finding] = check(
    durability,
    inOrder(
      cut('a', 1),
      flush('a', 2),
      rest,
      finalObject('a', 'data.parquet', 900, { size: 5 }),
      finalObject('a', 'bloom-0', 900, { sha256: 'ffffffffffffffff' }),
      finalReadOf(1000, 4),
    ),
  );
  expect(finding?.verdict).toBe('fail');
  expect(finding?.message).toContain('data.parquet has 5 bytes instead of 112');
  expect(finding?.message).toContain('bloom-0 has different bytes (SHA-256 ffffffffffff instead of sha256-of-a-)');
});

test('a block that waits for its flush, whole on the local disk, is not lost but mentioned', () => {
  const onDisk = objectNames.map((name) => finalLocal('b', name, 900));
  const [finding] = check(durability, inOrder(cut('a', 1), flush('a', 2), cut('b', 3), onDisk, finalRead(1000, 'a')));
  expect(finding).toEqual({
    checker: 'durability',
    verdict: 'pass',
    message: '2 blocks cut, 1 read back whole, 1 not flushed yet and still whole on the local disk (b)',
  });
});

test('a block that the writer gave up is lost, with its reason', () => {
  const events = inOrder(cut('a', 1), dropped('a', 2, 'flushRetries is 0'), finalReadOf(1000, 0));
  const [finding] = check(durability, events);
  expect(finding?.verdict).toBe('fail');
  expect(finding?.message).toContain('the writer gave it up: flushRetries is 0');
  expect(finding?.message).toContain('data.parquet is missing, bloom-0 is missing, index is missing and 1 more');
});

test('as many losses as are expected pass, one more fails', () => {
  const events = inOrder(cut('a', 1), cut('b', 2), finalReadOf(1000, 0));
  expect(check(durability, events, { expect: { lost: 2 } })[0]).toMatchObject({ verdict: 'pass', blocks: ['a', 'b'] });
  expect(check(durability, events, { expect: { lost: 1 } })[0]?.verdict).toBe('fail');
});

test('of many lost blocks the message describes three, and all are named', () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const [finding] = check(durability, inOrder(...names.map((name) => cut(name, 1)), finalReadOf(1000, 0)));
  expect(finding?.blocks).toEqual(names);
  expect(finding?.message).toContain('; and 2 more blocks');
});

test('says nothing about the bucket without a final read, and nothing at all without a block', () => {
  expect(check(durability, twoBlocks)[0]?.verdict).toBe('inconclusive');
  expect(check(durability, finalRead(1000))[0]?.verdict).toBe('inconclusive');
});

test('data that was lost before its block was cut is a loss, however whole the block is', () => {
  const lost = [cutFailed('a', 0, 600_000, 'ENOSPC'), cutFailed('a', 0, 400_000, 'ENOSPC')];
  const events = inOrder(lost, twoBlocks, finalRead(1000, 'a', 'b'));
  expect(check(durability, events, { compression: { time: 1, bytes: 200 } })).toEqual([
    {
      checker: 'durability',
      verdict: 'fail',
      message:
        '1 of 2 blocks lost (at most 0 expected): block a (200MB of its data were lost before it was cut: failed to cut traces: ENOSPC)',
      blocks: ['a'],
    },
  ]);
});

test('a block that was given up before it was cut is one of the blocks, and lost', () => {
  const events = inOrder(cut('a', 1), flush('a', 2), dropped('b', 3, 'POSSIBLE DATA LOSS'), finalRead(1000, 'a'));
  const [finding] = check(durability, events);
  expect(finding).toMatchObject({ verdict: 'fail', blocks: ['b'] });
  expect(finding?.message).toBe(
    '1 of 2 blocks lost (at most 0 expected): block b (the writer gave it up before it was cut: POSSIBLE DATA LOSS)',
  );
  expect(check(durability, events, { expect: { lost: 1 } })[0]?.verdict).toBe('pass');
});

test('live traces that went with a process are no loss of a block', () => {
  const events = inOrder(liveLost(0, 500), twoBlocks, finalRead(1000, 'a', 'b'));
  expect(check(durability, events)).toEqual([
    { checker: 'durability', verdict: 'pass', message: '2 blocks cut, 2 read back whole' },
  ]);
});
