import { setMaxListeners } from 'node:events';
import { beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../clock.ts';
import { Blocklist } from './blocklist.ts';
import { FOLDER, putBlock } from './example-bucket.ts';
import { MemoryBucket } from './memory-bucket.ts';
import type { StoredBlock } from './stored-block.ts';

const { signal } = new AbortController();
// A poll has 50 requests under way, and each listens.
setMaxListeners(0, signal);
let clock: VirtualClock;
let bucket: MemoryBucket;
let list: Blocklist;
beforeEach(() => {
  clock = new VirtualClock();
  bucket = new MemoryBucket(clock);
  list = new Blocklist(FOLDER);
});
const poll = () => clock.run(list.poll(bucket, signal));
const ids = () => list.blocks.map(({ id }) => id).sort();
const reads = () => bucket.requests.filter(({ operation }) => operation === 'GetObject').map(({ key }) => key);

test('knows the blocks that have a meta.json, and reads each once', async () => {
  await putBlock(bucket, 'a', { traces: 5, size: 10, level: 1, end: new Date('2026-01-01T00:00:07Z') });
  await putBlock(bucket, 'compacted');
  bucket.objects.set(`${FOLDER}compacted/meta.compacted.json`, Buffer.from('{}'));
  bucket.objects.delete(`${FOLDER}compacted/meta.json`);
  bucket.objects.set('other-tenant/x/meta.json', Buffer.from('{}'));
  bucket.objects.set(`${FOLDER}a/meta.json/deeper`, Buffer.from('{}'));
  await poll();
  expect(list.blocks).toEqual([
    {
      id: 'a',
      startTime: new Date('2025-12-31T23:59:07Z'),
      endTime: new Date('2026-01-01T00:00:07Z'),
      totalObjects: 5,
      size: 10,
      compactionLevel: 1,
    },
  ]);
  await putBlock(bucket, 'b');
  await poll();
  expect(ids()).toEqual(['a', 'b']);
  expect(reads()).toEqual([`${FOLDER}a/meta.json`, `${FOLDER}b/meta.json`]);
});

test('a block that is gone between the listing and the read is none; one that is gone from the bucket is forgotten', async () => {
  await putBlock(bucket, 'a');
  await putBlock(bucket, 'b');
  bucket.script = ({ key, operation }) => {
    if (operation === 'GetObject' && key.includes('/a/')) bucket.objects.delete(key);
    return 'ok';
  };
  await poll();
  expect(ids()).toEqual(['b']);
  bucket.objects.clear();
  await poll();
  expect(ids()).toEqual([]);
});

test.each(['ListObjectsV2', 'GetObject'])('a poll whose %s fails leaves the list as it was', async (operation) => {
  await putBlock(bucket, 'a');
  await poll();
  await putBlock(bucket, 'b');
  bucket.script = (request) => (request.operation === operation ? 'fail' : 'ok');
  await expect(poll()).rejects.toThrow('503 SlowDown');
  expect(ids()).toEqual(['a']);
});

test.each([
  ['{', 'it is not JSON'],
  ['null', 'it is not the meta.json of a block: null'],
  ['{"size":1,"totalObjects":1,"startTime":"x","endTime":"x"}', 'it is not the meta.json of a block'],
])('a meta.json that is %s fails the poll and is named', async (json, message) => {
  bucket.objects.set(`${FOLDER}a/meta.json`, Buffer.from(json));
  await expect(poll()).rejects.toThrow(`${FOLDER}a/meta.json: ${message}`);
});

test('what was compacted while a poll was under way is not undone by it', async () => {
  for (const block of ['a', 'b']) await putBlock(bucket, block);
  await poll();
  const inputs = [...list.blocks];
  await putBlock(bucket, 'c');
  bucket.script = () => ({ ok: true, afterMs: 100 });
  const polling = list.poll(bucket, signal);
  await clock.advance(150);
  list.compacted(inputs, { ...(inputs[0] as StoredBlock), id: 'ab' });
  await clock.run(polling);
  expect(ids()).toEqual(['ab', 'c']);
  // The next one believes the bucket again.
  await poll();
  expect(ids()).toEqual(['a', 'b', 'c']);
});

test('no further meta.json is read once one could not be', async () => {
  for (let number = 0; number < 200; number++) await putBlock(bucket, `block-${number}`, { size: 1 });
  bucket.script = ({ operation, key }) => {
    if (operation !== 'GetObject') return 'ok';
    return key.includes('block-0/') ? 'fail' : { ok: true, afterMs: 100 };
  };
  await expect(poll()).rejects.toThrow('503');
  expect(reads()).toHaveLength(50);
});
