import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findHistories } from './find-histories.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'find-histories-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A user who may not read everything: root may. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(65534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

it('tells of a history that may not be read, before any is judged', async () => {
  for (const name of ['one-minio', 'two-minio']) {
    mkdirSync(join(root, name));
    writeFileSync(join(root, name, 'history.ndjson'), '');
  }
  const closed = join(root, 'two-minio', 'history.ndjson');
  chmodSync(root, 0o755);
  await expect(asNobody(() => findHistories(root))).resolves.toMatchObject({ whole: true });
  chmodSync(closed, 0);
  await expect(asNobody(() => findHistories(root))).rejects.toThrow(`${closed}: it may not be read`);
});

it('tells of a folder that may not be read', async () => {
  chmodSync(root, 0);
  await expect(asNobody(() => findHistories(root))).rejects.toThrow(`${root}: it may not be read`);
});
