import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { VirtualClock } from '../clock.ts';
import type { HistoryEvent } from '../history/events.ts';
import { readLocalDisk } from './local-read.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'local-read-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function read(): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  const disk = { writer: 'ingester-0', folder, tenant: 'single-tenant' };
  await readLocalDisk(disk, new VirtualClock(), (event) => events.push(event));
  return events;
}

function put(path: string, content: string | Buffer): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
}

it('finds each file of each block of the tenant, by size and hash', async () => {
  const large = Buffer.alloc(300_000, 'ab');
  put('blocks/single-tenant/one/data.parquet', large);
  put('blocks/single-tenant/one/meta.json', '');
  put('blocks/single-tenant/two/index', 'x');
  put('blocks/another-tenant/three/index', 'x');
  put('wal/four', 'x');
  const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');
  const found = { t: 0, type: 'final.local', writer: 'ingester-0' };
  const events = await read();
  expect(events).toHaveLength(3);
  expect(events).toEqual(
    expect.arrayContaining([
      { ...found, block: 'one', name: 'data.parquet', size: 300_000, sha256: sha256(large) },
      { ...found, block: 'one', name: 'meta.json', size: 0, sha256: sha256('') },
      { ...found, block: 'two', name: 'index', size: 1, sha256: sha256('x') },
    ]),
  );
});

it('finds what of the WAL would be completed by a replay', async () => {
  const times = { startTime: '2026-01-01T00:00:00Z', endTime: '2026-01-01T00:00:00Z' };
  const meta = JSON.stringify({ ...times, pages: { '0000000001': 5, '0000000002': 9 } });
  put('wal/one+single-tenant+vParquet4/meta.json', meta);
  put('wal/one+single-tenant+vParquet4/0000000001', 'whole');
  put('wal/one+single-tenant+vParquet4/0000000002', 'torn');
  put('wal/two+single-tenant+vParquet4/0000000001', 'no meta.json');
  expect(await read()).toEqual([{ t: 0, type: 'final.wal', writer: 'ingester-0', block: 'one', bytes: 5 }]);
});

it('finds nothing on a disk without blocks', async () => {
  expect(await read()).toEqual([]);
});

it('does not take a disk that cannot be read for an empty one', async () => {
  put('blocks/single-tenant', 'a file where blocks should be');
  await expect(read()).rejects.toThrow('ENOTDIR');
});
