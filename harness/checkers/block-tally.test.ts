import { expect, test } from 'vitest';
import { tallyBlocks } from './block-tally.ts';
import {
  cut,
  dropped,
  finalLocal,
  finalRead,
  finalReadOf,
  flush,
  flushEnd,
  inOrder,
  objectNames,
} from './example-history.ts';

test('a block that was flushed and read back counts as both', () => {
  const events = inOrder(cut('a', 1), flush('a', 2), cut('b', 3), finalRead(1000, 'a'));
  expect(tallyBlocks(events)).toEqual({ cut: 2, flushed: 1, readBack: 1, lost: 1 });
});

test('a block that is whole on the local disk is not lost before its flush, and is lost after it', () => {
  const onDisk = objectNames.map((name) => finalLocal('a', name, 900));
  expect(tallyBlocks(inOrder(cut('a', 1), onDisk, finalReadOf(1000, 0)))).toMatchObject({ readBack: 0, lost: 0 });
  expect(tallyBlocks(inOrder(cut('a', 1), flush('a', 2), onDisk, finalReadOf(1000, 0)))).toMatchObject({ lost: 1 });
});

test('a block that was given up is lost even with its files on the disk, unless S3 has it all the same', () => {
  const onDisk = objectNames.map((name) => finalLocal('a', name, 900));
  expect(tallyBlocks(inOrder(cut('a', 1), dropped('a', 2), onDisk, finalReadOf(1000, 0)))).toMatchObject({ lost: 1 });
  expect(tallyBlocks(inOrder(cut('a', 1), dropped('a', 2), finalRead(1000, 'a')))).toMatchObject({
    readBack: 1,
    lost: 0,
  });
});

test('a local copy with one object missing saves nothing', () => {
  const onDisk = objectNames.slice(1).map((name) => finalLocal('a', name, 900));
  expect(tallyBlocks(inOrder(cut('a', 1), onDisk, finalReadOf(1000, 0)))).toMatchObject({ lost: 1 });
});

test('without a final read nothing is proven, neither read back nor lost', () => {
  const found = finalRead(900, 'a').slice(0, -1);
  const events = inOrder(cut('a', 1), flush('a', 2), found);
  expect(tallyBlocks(events)).toEqual({ cut: 1, flushed: 1, readBack: 0, lost: 0 });
});

test('a block cut again is one block, and has to be flushed again', () => {
  const onDisk = objectNames.map((name) => finalLocal('a', name, 900));
  const events = inOrder(cut('a', 1), flushEnd('a', 2), cut('a', 3), onDisk, finalReadOf(1000, 0));
  expect(tallyBlocks(events)).toEqual({ cut: 1, flushed: 0, readBack: 0, lost: 0 });
});
