import { expect, test } from 'vitest';
import type { BlockCutEvent } from '../history/events.ts';
import { BlockIndex, objectName } from './block-index.ts';
import { cut, folderOf } from './example-history.ts';

test('finds a block by its id and by the key of an object, and no other', () => {
  const index = new BlockIndex<string>();
  const a = cut('a', 1) as BlockCutEvent;
  index.add(a, 'state of a');
  index.add(cut('b', 2) as BlockCutEvent, 'state of b');
  expect(index.ofBlock('a')).toBe('state of a');
  expect(index.ofKey(`${folderOf('a')}bloom-0`)).toBe('state of a');
  expect(index.ofKey('chaos/single-tenant/index')).toBeUndefined();
  expect(index.all()).toEqual(['state of a', 'state of b']);
  index.delete(a);
  expect([index.ofBlock('a'), index.ofKey(`${folderOf('a')}bloom-0`)]).toEqual([undefined, undefined]);
});

test('an object is named by what comes after its folder', () => {
  expect(objectName(`${folderOf('a')}bloom-0`)).toBe('bloom-0');
});
