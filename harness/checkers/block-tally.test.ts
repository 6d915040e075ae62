import { expect, test } from 'vitest';
import type { BlockCutEvent } from '../history/events.ts';
import { tallyBlocks } from './block-tally.ts';
import {
  cut,
  dropped,
  finalLocal,
  finalRead,
  finalReadOf,
  finalWal,
  flush,
  flushEnd,
  inOrder,
  objectNames,
  objectOf,
  walLost,
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

test('a block that was given up before it was cut is lost, and counts as never cut', () => {
  const events = inOrder(cut('a', 1), flush('a', 2), dropped('b', 3), finalRead(1000, 'a'));
  expect(tallyBlocks(events)).toEqual({ cut: 1, flushed: 1, readBack: 1, lost: 1 });
  // A block may be given up, and made anew of what is left of its WAL.
  const again = inOrder(dropped('a', 1), cut('a', 2), flush('a', 3), finalRead(1000, 'a'));
  expect(tallyBlocks(again)).toMatchObject({ cut: 1, lost: 0 });
});

test('a block of which a part was lost before it was cut is lost, though what is left of it is in S3', () => {
  const lost = walLost('a', 1, 10);
  expect(tallyBlocks(inOrder([lost], cut('a', 2), flush('a', 3), finalRead(1000, 'a')))).toEqual({
    cut: 1,
    flushed: 1,
    readBack: 1,
    lost: 1,
  });
  expect(tallyBlocks(inOrder([lost], cut('b', 2), flush('b', 3), finalRead(1000, 'b')))).toMatchObject({
    cut: 1,
    lost: 1,
  });
});

test('a block that was cut again with other data has lost what it had before', () => {
  const less = cut('a', 5) as BlockCutEvent;
  const objects = less.objects.map((object) =>
    object.name === 'data.parquet' ? { ...object, size: 5, sha256: 'less' } : object,
  );
  const found = [...finalRead(1000, 'a')].map((event) =>
    event.type === 'final.object' && event.key.endsWith('data.parquet') ? { ...event, size: 5, sha256: 'less' } : event,
  );
  const tally = tallyBlocks(inOrder(cut('a', 1), [{ ...less, objects }], flush('a', 6), found));
  expect(tally).toEqual({ cut: 1, flushed: 1, readBack: 1, lost: 1 });
  // meta.json carries the time of the replay.
  const meta = less.objects.map((object) => (object.name === 'meta.json' ? { ...object, sha256: 'later' } : object));
  expect(tallyBlocks(inOrder(cut('a', 1), [{ ...less, objects: meta }], finalReadOf(1000, 0)))).toMatchObject({
    lost: 1,
  });
  const wal = finalWal('a', 900, 112);
  expect(tallyBlocks(inOrder(cut('a', 1), [{ ...less, objects: meta }, wal], finalReadOf(1000, 0)))).toMatchObject({
    lost: 0,
  });
});

test('a block whose data is in the WAL whole waits to be completed, and is not lost', () => {
  const wal = (bytes: number) => finalWal('a', 900, bytes);
  const data = objectOf('a', 'data.parquet').size;
  expect(tallyBlocks(inOrder(cut('a', 1), [wal(data)], finalReadOf(1000, 0)))).toMatchObject({ lost: 0 });
  expect(tallyBlocks(inOrder(cut('a', 1), [wal(data - 1)], finalReadOf(1000, 0)))).toMatchObject({ lost: 1 });
  expect(tallyBlocks(inOrder(cut('a', 1), dropped('a', 2), [wal(data)], finalReadOf(1000, 0)))).toMatchObject({
    lost: 1,
  });
  expect(tallyBlocks(inOrder([wal(5)], finalReadOf(1000, 0)))).toMatchObject({ cut: 0, lost: 0 });
});
