import { expect, it } from 'vitest';
import { keyFolder } from './key-folder.ts';

it.each([
  ['', 'single-tenant/'],
  ['tempo', 'tempo/single-tenant/'],
  ['/tempo//prod/', 'tempo/prod/single-tenant/'],
])('is without empty parts below %j', (prefix, folder) => {
  expect(keyFolder(prefix, 'single-tenant')).toBe(folder);
});
