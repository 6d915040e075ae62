/** Real processes, real sockets: subjects that write through our DNS server to a small S3 of this file. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { realClock } from '../clock.ts';
import { DnsServer } from '../dns/dns-server.ts';
import type { HistoryEvent } from '../history/events.ts';
import { exampleAssignment, host, SmallS3 } from './example-subject.ts';
import type { FromSubject, WriterAssignment } from './protocol.ts';
import { type RunningWriter, SubjectPool } from './subject-pool.ts';

let folder: string;
let dns: DnsServer;
let s3: SmallS3;
let port: number;
let pool: SubjectPool;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-pool-'));
  dns = await DnsServer.start(realClock);
  dns.zone.add({ name: host, addresses: ['127.0.0.1'], ttlSeconds: 0, record: () => {} });
  s3 = new SmallS3();
  port = await s3.listen();
  pool = new SubjectPool();
});
afterEach(async () => {
  await pool[Symbol.asyncDispose]();
  s3.close();
  await dns[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const assignment = (writer: string, client: WriterAssignment['client']) =>
  exampleAssignment(folder, { writer, client, port, dns });

async function historyOf(writer: string): Promise<HistoryEvent[]> {
  const text = await readFile(join(folder, `${writer}.ndjson`), 'utf8');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
}

/** The messages of a writer up to the first of this type. */
function until(writer: RunningWriter, type: FromSubject['type']): Promise<FromSubject[]> {
  const messages: FromSubject[] = [];
  return new Promise((resolve, reject) => {
    const off = writer.on((message) => {
      messages.push(message);
      if (message.type === type) {
        off();
        resolve(messages);
      } else if (message.type === 'failed') reject(new Error(message.message));
    });
    writer.ended.then((how) => reject(new Error(how)));
  });
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test.each(['aws-sdk', 'minio'] as const)(
  'a subject writes blocks to S3 with %s, and the history tells of each step',
  async (client) => {
    const subject = await pool.take();
    const assigned = await assignment('w', client);
    // Longer than the interval of the lateness reports.
    const writer = subject.write({ ...assigned, load: { ...assigned.load, startAfter: 600 } });
    const messages = await until(writer, 'done');
    await writer.stop();
    await pool.giveBack(subject);

    const history = await historyOf('w');
    const cuts = history.filter((event) => event.type === 'block.cut');
    expect(cuts).toHaveLength(2);
    for (const { block, keyPrefix, objects } of cuts) {
      expect(
        messages.filter((message) => 'block' in message && message.block === block).map(({ type }) => type),
      ).toEqual(['cut', 'flushed']);
      expect(objects.map(({ name }) => name)).toEqual(['data.parquet', 'bloom-0', 'index', 'meta.json']);
      const attempts = history.filter((event) => event.type === 'attempt' && event.key.startsWith(keyPrefix));
      expect(attempts).toMatchObject(
        objects.map(({ name }) => ({ key: `${keyPrefix}${name}`, status: 200, outcome: 'ok' })),
      );
      for (const { name, size, sha256 } of objects) {
        expect(s3.objects.get(`/tempo/${keyPrefix}${name}`)).toEqual({ size, sha256 });
      }
      const local = await readdir(join(folder, 'w', 'blocks', 'single-tenant', block));
      expect(local.sort()).toEqual(['bloom-0', 'data.parquet', 'flushed', 'index', 'meta.json']);
    }
    expect(messages[0]?.type).toBe('started');
    expect(history.some(({ type }) => type === 'lateness')).toBe(true);
    // The clock is the machine's: what this process sees now is later than all of it.
    expect(Math.max(...history.map(({ t }) => t))).toBeLessThan(realClock.now());
    expect(JSON.stringify(history)).not.toContain('secret-of-the-run');
  },
);

test('writers run side by side in one process, and the process is used again when they are stopped', async () => {
  const first = await pool.take();
  const running = [first.write(await assignment('a', 'minio')), first.write(await assignment('b', 'minio'))];
  expect(first.idle).toBe(false);
  expect(() => first.write({ writer: 'a' } as WriterAssignment)).toThrow('writer a runs already');
  const told = await Promise.all(running.map((writer) => until(writer, 'done')));
  // Each listener hears of its own writer only.
  expect(told.map((messages) => new Set(messages.map((message) => 'writer' in message && message.writer)))).toEqual([
    new Set(['a']),
    new Set(['b']),
  ]);
  await running[0]?.stop();
  expect(first.idle).toBe(false);
  await running[1]?.stop();
  expect(first.idle).toBe(true);
  await pool.giveBack(first);

  const again = await pool.take();
  expect(again.pid).toBe(first.pid);
  const writer = again.write(await assignment('c', 'minio'));
  await until(writer, 'done');
  await writer.stop();
  const cuts = (await historyOf('c')).filter(({ type }) => type === 'block.cut');
  expect(cuts).toHaveLength(2);
});

test('a stop cancels the uploads under way, and leaves the blocks on the disk', async () => {
  s3.hangs = (path) => path.endsWith('/index');
  const subject = await pool.take();
  const writer = subject.write(await assignment('w', 'minio'));
  await until(writer, 'cut');
  while (s3.hanging === 0) await realClock.sleep(5);
  const before = realClock.now();
  await writer.stop();
  expect(realClock.now() - before).toBeLessThan(5000);

  const history = await historyOf('w');
  const hung = history.filter((event) => event.type === 'attempt' && event.key.endsWith('/index'));
  expect(hung[0]).toMatchObject({ failure: 'aborted', outcome: 'info' });
  const [end] = history.filter((event) => event.type === 'flush.end');
  expect(end).toMatchObject({ outcome: 'fail', deadlineExceeded: false });
  expect(end).not.toHaveProperty('retryIn');
  const [block] = history.filter((event) => event.type === 'block.cut');
  const local = await readdir(join(folder, 'w', 'blocks', 'single-tenant', block?.block ?? ''));
  expect(local.sort()).toEqual(['bloom-0', 'data.parquet', 'index', 'meta.json']);
});

test('S3 that cannot be reached at the start is a failure of the writer, not of the process', async () => {
  s3.close();
  const subject = await pool.take();
  const writer = subject.write(await assignment('w', 'minio'));
  await expect(until(writer, 'done')).rejects.toThrow(/^block writer: cannot start: .*connection refused$/);
  await writer.stop();
  expect((await historyOf('w')).filter(({ type }) => type === 'writer.error')).toHaveLength(1);
  expect(subject.idle).toBe(true);
});

test('a process that ends unasked is told of, with how it ended; the next one is another', async () => {
  const subject = await pool.take();
  const writer = subject.write(await assignment('w', 'minio'));
  await until(writer, 'started');
  subject.kill('SIGKILL');
  expect(await writer.ended).toBe('the subject process ended (SIGKILL)');
  await expect(writer.stop()).rejects.toThrow('subject: cannot stop writer w: the subject process ended (SIGKILL)');
  await pool.giveBack(subject);
  expect((await pool.take()).pid).not.toBe(subject.pid);
});

test('a stop of a writer whose process was ended says so at once', async () => {
  const subject = await pool.take();
  const writer = subject.write(await assignment('w', 'minio'));
  await until(writer, 'started');
  const stopping = writer.stop();
  subject.kill('SIGSTOP');
  await Promise.all([
    subject.end(),
    expect(stopping).rejects.toThrow('cannot stop writer w: the subject process ended'),
  ]);
});

test('a process that was asked to end is not told of as one that ended unasked', async () => {
  const subject = await pool.take();
  await subject.end();
  expect(await Promise.race([subject.ended, realClock.sleep(20)])).toBeUndefined();
});

test('a process that died while it was idle is not given out', async () => {
  const subject = await pool.take();
  await pool.giveBack(subject);
  subject.kill('SIGKILL');
  await subject.ended;
  const next = await pool.take();
  expect(next.pid).not.toBe(subject.pid);
  expect(next.idle).toBe(true);
});

test('one that is given back with a writer in it is ended, not used again', async () => {
  const subject = await pool.take();
  const writer = subject.write(await assignment('w', 'minio'));
  await until(writer, 'started');
  await pool.giveBack(subject);
  expect(isAlive(subject.pid)).toBe(false);
  expect((await pool.take()).pid).not.toBe(subject.pid);
});

test('disposing of the pool ends all processes: taken, idle, and still starting', async () => {
  const taken = await pool.take();
  const idle = await pool.take();
  await pool.giveBack(idle);
  void pool.prestart(1);
  await pool[Symbol.asyncDispose]();
  expect([taken.pid, idle.pid].filter(isAlive)).toEqual([]);
  await expect(pool.take()).rejects.toThrow('the pool is taken down');
});

test('prestarted processes are those that are taken first', async () => {
  await pool.prestart(2);
  const quick: number[] = [];
  const takes = [1, 2, 3].map(() => pool.take().then((subject) => quick.push(subject.pid)));
  // No process starts within one turn of the event loop.
  await new Promise((resolve) => setImmediate(resolve));
  expect(new Set(quick).size).toBe(2);
  await Promise.all(takes);
  expect(new Set(quick).size).toBe(3);
});
