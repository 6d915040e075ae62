import { expect, test } from 'vitest';
import { eventSchemas } from '../history/schema.ts';
import { historyPage } from './history-page.ts';

const page = historyPage();

test('has a section for each type of event, once, and for the seal', () => {
  const sections = [...page.matchAll(/^### (.+)$/gm)].map(([, type]) => type);
  expect(sections.sort()).toEqual([...Object.keys(eventSchemas), 'seal'].sort());
});

test('tells each key with its type, those within others too, and which may be absent', () => {
  expect(page).toContain("| `upstream.etag` | string, may be absent | MinIO's, for an object written. |");
  expect(page).toContain('| `objects[].sha256` | string | Hex. |');
  expect(page).toContain('| `outcome` | `ok`, `fail`, `info` | `info`: unknown, it may have been applied. |');
  expect(page).toContain('| `fired` | number or null |');
  expect(page).not.toContain('undefined');
});
