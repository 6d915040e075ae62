import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { HistoryEvent } from '../history/events.ts';
import { liveTracesLost } from './live-traces.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-live-'));
});
afterEach(() => rm(folder, { recursive: true }));

const writer = 'w';
/** `live`: in memory after it. */
const push = (bytes: number, live = bytes, refused = 0): HistoryEvent => ({
  t: 1,
  type: 'push',
  writer,
  bytes,
  traces: 1,
  ...(refused > 0 && { refused: { bytes: refused, by: 'rate_limit_bytes' } }),
  live: { bytes: live, traces: 1 },
});
const page = (bytes: number): HistoryEvent => ({ t: 2, type: 'wal.page', writer, block: 'b', page: 1, bytes });
const lost = (bytes: number, reason: string): HistoryEvent => ({
  t: 2,
  type: 'data.lost',
  what: 'wal',
  writer,
  block: 'b',
  bytes,
  reason,
});

async function liveOf(events: HistoryEvent[], rest = ''): Promise<number> {
  const file = join(folder, 'w.ndjson');
  await writeFile(file, events.map((event) => `${JSON.stringify(event)}\n`).join('') + rest);
  return liveTracesLost(file);
}

it.each([
  ['what was acknowledged and is in no page', [push(100), page(70), push(50, 80)], 80],
  ['nothing once all is in pages', [push(100), push(50, 150), page(120), page(30)], 0],
  [
    'no more than that: a page that could not be written is lost already',
    [push(100), lost(60, 'failed to cut traces: EIO'), push(5, 45)],
    45,
  ],
  ['nothing that was refused', [push(100, 100, 400)], 100],
  [
    'nothing of the process before, whose pages its start gave up',
    [lost(1000, 'failed to replay block. removing.'), push(100), page(30)],
    70,
  ],
])('is %s', async (_what, events, bytes) => {
  expect(await liveOf(events)).toBe(bytes);
});

it('is counted without half a line at the end, and is nothing of a process that had written none', async () => {
  expect(await liveOf([push(100), page(70)], JSON.stringify(page(30)).slice(0, 30))).toBe(30);
  expect(await liveOf([push(100)], JSON.stringify(page(30)))).toBe(100);
  expect(await liveTracesLost(join(folder, 'none.ndjson'))).toBe(0);
});
