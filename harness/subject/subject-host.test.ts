import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { realClock } from '../clock.ts';
import type { HistoryEvent, Recorder } from '../history/events.ts';
import { S3NotReached, type Started } from '../writer/block-writer.ts';
import type { Found } from '../writer/replay.ts';
import type { FromSubject, WriterAssignment } from './protocol.ts';
import { type AssignedWriter, SubjectHost } from './subject-host.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-subject-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** The host looks at no more of an assignment than this. */
const assignment = (writer: string, historyFile = join(folder, `${writer}.ndjson`)) =>
  ({ writer, historyFile }) as WriterAssignment;

async function historyOf(writer: string): Promise<HistoryEvent[]> {
  const text = await readFile(join(folder, `${writer}.ndjson`), 'utf8');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
}

const found = { walBlocks: 1 } as Found;

/** Writers that do as the test says. */
class Stage {
  readonly messages: FromSubject[] = [];
  readonly calls: string[] = [];
  readonly records = new Map<string, Recorder>();
  done: Promise<void> = new Promise(() => {});
  started: Promise<Started> = Promise.resolve({ found, blocks: ['before'] });
  refuse: Error | undefined;
  readonly host = new SubjectHost(
    (message) => this.messages.push(message),
    async ({ writer }, record): Promise<AssignedWriter> => {
      if (this.refuse) throw this.refuse;
      this.records.set(writer, record);
      return {
        writer: {
          started: this.started,
          done: this.done,
          stop: async () => {
            record({
              t: 3,
              type: 'flush.end',
              writer,
              block: 'b',
              attempt: 1,
              outcome: 'fail',
              deadlineExceeded: false,
            });
            this.calls.push(`stop ${writer}`);
          },
          shutDown: async (patience) => {
            record({ t: 4, type: 'wal.page', writer, block: 'b', page: 1, bytes: 10 });
            this.calls.push(`shut down ${writer} within ${patience}`);
          },
        },
        close: () => this.calls.push(`close ${writer}`),
      };
    },
    realClock,
  );
}

test('tells that a writer started and is done, and stops it before its history is closed', async () => {
  const stage = new Stage();
  stage.done = Promise.resolve();
  await stage.host.handle({ type: 'write', assignment: assignment('w') });
  await realClock.sleep(1);
  stage.records.get('w')?.({ t: 1, type: 'block.dropped', writer: 'w', block: 'b', reason: 'test' });
  await stage.host.handle({ type: 'stop', writer: 'w' });

  expect(stage.messages.map(({ type }) => type)).toEqual(['started', 'done', 'dropped', 'flush-failed', 'stopped']);
  expect(stage.calls).toEqual(['stop w', 'close w']);
  // Whole when `stopped` is told: also what the writer recorded while it was being stopped.
  expect((await historyOf('w')).map(({ type }) => type)).toEqual(['block.dropped', 'flush.end', 'lateness']);
});

test('shuts a writer down before its history is closed, and no other', async () => {
  const stage = new Stage();
  for (const writer of ['a', 'b']) await stage.host.handle({ type: 'write', assignment: assignment(writer) });
  await stage.host.handle({ type: 'shut-down', writer: 'a', patience: 300 });
  expect(stage.messages.filter(({ type }) => type === 'stopped')).toEqual([{ type: 'stopped', writer: 'a' }]);
  expect(stage.calls).toEqual(['shut down a within 300', 'close a']);
  expect((await historyOf('a')).map(({ type }) => type)).toEqual(['wal.page', 'lateness']);
  // How late the process was, each of its writers says for itself.
  expect((await historyOf('a')).at(-1)).toMatchObject({ process: 'subject', writer: 'a' });
  await stage.host.handle({ type: 'stop', writer: 'b' });
});

test('several writers run side by side, each with a history of its own, and a name is free again after its stop', async () => {
  const stage = new Stage();
  for (const writer of ['a', 'b']) await stage.host.handle({ type: 'write', assignment: assignment(writer) });
  await stage.host.handle({ type: 'write', assignment: assignment('a') });
  expect(stage.messages).toContainEqual({
    type: 'failed',
    writer: 'a',
    message: 'subject: writer a runs already: stop it before it is assigned again',
  });
  await stage.host.handle({ type: 'stop', writer: 'a' });
  await stage.host.handle({ type: 'write', assignment: assignment('a', join(folder, 'again.ndjson')) });
  for (const writer of ['a', 'b']) await stage.host.handle({ type: 'stop', writer });
  expect(stage.calls).toEqual(['stop a', 'close a', 'stop a', 'close a', 'stop b', 'close b']);
  // Its own event, and how late the process was.
  expect((await historyOf('a')).length).toBe(2);
  expect((await historyOf('b')).length).toBe(2);
});

test('a writer that could not be built has failed, and its history says so; stopping it is still answered', async () => {
  const stage = new Stage();
  stage.refuse = new Error('block writer: load.bytesPerSecond is 0: it must be more than 0');
  await stage.host.handle({ type: 'write', assignment: assignment('w') });
  await stage.host.handle({ type: 'stop', writer: 'w' });
  await stage.host.handle({ type: 'stop', writer: 'never-assigned' });
  expect(stage.messages).toEqual([
    { type: 'failed', writer: 'w', message: stage.refuse.message },
    { type: 'stopped', writer: 'w' },
    { type: 'stopped', writer: 'never-assigned' },
  ]);
  expect(await historyOf('w')).toMatchObject([{ type: 'writer.error', writer: 'w', message: stage.refuse.message }]);
});

test.each([
  [undefined, ['failed', 'stopped'], ['writer.error']],
  [1, ['failed', 'stopped'], ['writer.error']],
  [2, ['start-failed', 'stopped'], []],
])('a start that S3 refuses, the %s of a writer, is told as %j', async (incarnation, told, recorded) => {
  const stage = new Stage();
  stage.started = Promise.reject(new S3NotReached('block writer: cannot start: ListObjectsV2: refused'));
  stage.done = stage.started.then(() => {});
  stage.done.catch(() => {});
  await stage.host.handle({
    type: 'write',
    assignment: { ...assignment('w'), ...(incarnation !== undefined && { incarnation }) },
  });
  await realClock.sleep(1);
  await stage.host.handle({ type: 'stop', writer: 'w' });
  expect(stage.messages.map(({ type }) => type).filter((type) => type !== 'flush-failed')).toEqual(told);
  expect(stage.messages[0]).toMatchObject({ message: 'block writer: cannot start: ListObjectsV2: refused' });
  const types = (await historyOf('w')).map(({ type }) => type);
  expect(types.filter((type) => type.startsWith('writer.'))).toEqual(recorded);
});

test('a start that fails otherwise is told by the writer alone, be it the second', async () => {
  const stage = new Stage();
  stage.started = Promise.reject(new Error('block writer: cannot start: EIO'));
  await stage.host.handle({ type: 'write', assignment: { ...assignment('w'), incarnation: 2 } });
  await realClock.sleep(1);
  expect(stage.messages).toEqual([]);
  await stage.host.handle({ type: 'stop', writer: 'w' });
});

test('a history that cannot be written is told of', async () => {
  const stage = new Stage();
  await stage.host.handle({ type: 'write', assignment: assignment('w', join(folder, 'no-such-folder', 'w.ndjson')) });
  await stage.host.handle({ type: 'stop', writer: 'w' });
  const [failed, stopped] = stage.messages.slice(-2);
  expect(failed).toMatchObject({ type: 'failed', message: expect.stringContaining('history: cannot write') });
  expect(stopped).toEqual({ type: 'stopped', writer: 'w' });
});

test('when the process is about to end, what was recorded is written out', async () => {
  const stage = new Stage();
  await stage.host.handle({ type: 'write', assignment: assignment('w') });
  stage.records.get('w')?.({ t: 1, type: 'block.dropped', writer: 'w', block: 'b', reason: 'test' });
  await stage.host.closeHistories();
  expect((await historyOf('w')).map(({ type }) => type)).toEqual(['block.dropped']);
  await stage.host.handle({ type: 'stop', writer: 'w' });
});
