import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { realClock } from '../clock.ts';
import type { CompactionEvent, Recorder } from '../history/events.ts';
import { CompactorHost } from './compactor-host.ts';
import type { CompactorAssignment, FromCompactor } from './protocol.ts';

let folder: string;
let messages: FromCompactor[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-compactors-'));
  messages = [];
});
afterEach(() => rm(folder, { recursive: true }));

/** The host looks at no more of an assignment than this. */
const assignment = (compactor: string) =>
  ({ compactor, historyFile: join(folder, `${compactor}.ndjson`) }) as CompactorAssignment;

const job: CompactionEvent = {
  t: 1,
  type: 'compaction',
  compactor: 'c',
  start: 0,
  inputs: ['a', 'b'],
  read: [],
  output: 'ab',
  keyPrefix: 't/ab/',
  objects: [],
  marked: [],
  outcome: 'fail',
  orphanedParts: 0,
};

test('gives the job under way its patience, and then closes all, with what was recorded meanwhile', async () => {
  const calls: string[] = [];
  const host = new CompactorHost(
    (message) => messages.push(message),
    async ({ compactor }, record: Recorder) => ({
      compactor: {
        started: Promise.resolve(),
        done: new Promise(() => {}),
        async stop(patience) {
          await realClock.sleep(20);
          record({ ...job, compactor });
          calls.push(`stop ${compactor} ${patience}`);
        },
      },
      close: () => calls.push(`close ${compactor}`),
    }),
    realClock,
  );
  for (const name of ['c', 'd']) await host.handle({ type: 'compact', assignment: assignment(name) });
  await host.handle({ type: 'stop', patience: 7 });
  expect(calls.sort()).toEqual(['close c', 'close d', 'stop c 7', 'stop d 7']);
  expect(messages.filter(({ type }) => type === 'compacted')).toEqual([
    { type: 'compacted', compactor: 'c', dataKey: 't/ab/data.parquet' },
    { type: 'compacted', compactor: 'd', dataKey: 't/ab/data.parquet' },
  ]);
  expect(messages.at(-1)).toEqual({ type: 'stopped' });
  for (const name of ['c', 'd']) {
    const lines = (await readFile(join(folder, `${name}.ndjson`), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).type)).toEqual(['compaction', 'lateness']);
  }
});

test('a compactor that could not be built has failed, and its history says so; the stop is still answered', async () => {
  const refuse = async () => {
    throw new Error('compactor: compaction_cycle is 0: it must be more than 0');
  };
  const host = new CompactorHost((message) => messages.push(message), refuse, realClock);
  await host.handle({ type: 'compact', assignment: assignment('c') });
  await host.handle({ type: 'stop', patience: 0 });
  const message = 'compactor: compaction_cycle is 0: it must be more than 0';
  expect(messages).toEqual([{ type: 'failed', compactor: 'c', message }, { type: 'stopped' }]);
  expect(JSON.parse(await readFile(join(folder, 'c.ndjson'), 'utf8'))).toMatchObject({ type: 'writer.error', message });
});
