import { expect, test } from 'vitest';
import { blockOf, folderOf, objectName } from './object-key.ts';

const keys = [
  ['single-tenant/0b1f/bloom-0', 'single-tenant/0b1f/', '0b1f', 'bloom-0'],
  ['prefix/single-tenant/0b1f/meta.json', 'prefix/single-tenant/0b1f/', '0b1f', 'meta.json'],
  ['0b1f/index', '0b1f/', '0b1f', 'index'],
  ['index', '', '', 'index'],
  ['single-tenant/0b1f/', 'single-tenant/0b1f/', '0b1f', ''],
  ['', '', '', ''],
] as const;

test.each(keys)('the parts of the key "%s"', (key, folder, block, name) => {
  expect([folderOf(key), blockOf(key), objectName(key)]).toEqual([folder, block, name]);
});

test('keys that are asked for in turn do not get each other’s parts', () => {
  for (const [key, folder, block, name] of [...keys, ...keys.toReversed()]) {
    expect(objectName(key)).toBe(name);
    expect(blockOf(key)).toBe(block);
    expect(folderOf(key)).toBe(folder);
  }
});
