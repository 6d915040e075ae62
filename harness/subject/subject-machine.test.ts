/** Real processes that are stopped, killed and started again, on real disks, writing to a small S3 of this file. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { durability } from '../checkers/durability.ts';
import { check } from '../checkers/example-history.ts';
import { realClock } from '../clock.ts';
import { DnsServer } from '../dns/dns-server.ts';
import type { HistoryEvent } from '../history/events.ts';
import { mergeParts } from '../history/merge.ts';
import { HistoryPart } from '../history/part.ts';
import { Random } from '../random.ts';
import { readLocalDisk } from '../scenario/local-read.ts';
import { Writers } from '../scenario/writers.ts';
import { exampleAssignment, host, MiB, SmallS3 } from './example-subject.ts';
import type { WriterAssignment } from './protocol.ts';
import { SubjectMachine } from './subject-machine.ts';
import { type Subject, SubjectPool } from './subject-pool.ts';

let folder: string;
let dns: DnsServer;
let s3: SmallS3;
let port: number;
let pool: SubjectPool;
let parts: HistoryPart[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-machine-'));
  dns = await DnsServer.start(realClock);
  dns.zone.add({ name: host, addresses: ['127.0.0.1'], ttlSeconds: 0, record: () => {} });
  s3 = new SmallS3();
  port = await s3.listen();
  pool = new SubjectPool();
  parts = [];
});
afterEach(async () => {
  await pool[Symbol.asyncDispose]();
  s3.close();
  await dns[Symbol.asyncDispose]();
  for (const part of parts) await part.close();
  await rm(folder, { recursive: true });
});

/** A machine in a folder of its own, with its writers, and the harness's part of the history. */
async function machineIn(name: string, load: Partial<WriterAssignment['load']> = {}, count = 1) {
  const own = join(folder, name);
  await mkdir(join(own, 'parts'), { recursive: true });
  const assignments: WriterAssignment[] = [];
  for (let index = 0; index < count; index++) {
    const writer = `ingester-${index}`;
    const one = await exampleAssignment(own, { writer, client: 'minio', port, dns });
    assignments.push({ ...one, load: { ...one.load, ...load }, historyFile: join(own, 'parts', `${writer}.ndjson`) });
  }
  const part = new HistoryPart(join(own, 'parts', 'harness.ndjson'));
  parts.push(part);
  const events: HistoryEvent[] = [];
  const record = (event: HistoryEvent) => {
    events.push(event);
    part.record(event);
  };
  const machine = await SubjectMachine.start(pool, assignments, { clock: realClock, record });
  const writers = new Writers(machine.writers, realClock);
  return { machine, writers, assignments, own, part, events, record };
}

type Stage = Awaited<ReturnType<typeof machineIn>>;

const never = new AbortController().signal;
async function until({ writers }: Stage, enough: Parameters<Writers['until']>[0]): Promise<void> {
  const deadline = realClock.now() + 30_000;
  const died = writers.died.then((how) => Promise.reject(new Error(how)));
  expect(await Promise.race([writers.until(enough, () => deadline, never), died])).toBe(true);
}

/** Stops all, and puts the history together, with what is on the disks and in S3. */
async function over({ machine, writers, assignments, own, part, record }: Stage): Promise<HistoryEvent[]> {
  await writers.stop();
  await machine.release();
  for (const { writer, disk, tenant } of assignments) {
    await readLocalDisk({ writer, folder: disk, tenant }, realClock, record);
  }
  for (const [path, object] of s3.objects) {
    const key = path.replace('/tempo/', '');
    record({ t: realClock.now(), type: 'final.object', key, ...object, lastModified: '' });
  }
  record({ t: realClock.now(), type: 'final.read', objects: s3.objects.size, bytes: 0 });
  await part.close();
  return mergeParts(own);
}

const ofType = <Type extends HistoryEvent['type']>(history: HistoryEvent[], type: Type) =>
  history.filter((event): event is Extract<HistoryEvent, { type: Type }> => event.type === type);

test('killed at ten seeded moments and started again, writers lose nothing that was in a complete local block', async () => {
  const random = new Random(2026);
  await pool.prestart(2);
  const found = { walBlocks: 0, localBlocks: 0 };
  for (let kill = 1; kill <= 10; kill++) {
    s3.objects.clear();
    const stage = await machineIn(`kill-${kill}`, { blocks: 5 });
    await until(stage, ({ cut }) => cut > 0);
    // The load takes half a second, and its flushes a little more.
    await realClock.sleep(random.uniform('kill', kill) * 500);
    await stage.machine.kill('1-writer-crash');
    await stage.machine.restart('1-writer-crash');
    await until(stage, ({ done }) => done === 1);
    const history = await over(stage);

    const [verdict] = check(durability, history);
    expect(verdict, `kill ${kill}`).toMatchObject({ verdict: 'pass' });
    const cut = new Set(ofType(history, 'block.cut').map(({ block }) => block));
    expect(stage.writers.told).toMatchObject({ cut: cut.size, flushed: cut.size });
    // A block of which no page was closed is begun again; one that was begun is shorter, and not begun again.
    expect(cut.size, `kill ${kill}`).toBe(5);
    const ids = ofType(history, 'attempt').map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.some((id) => id.startsWith('ingester-0.2-'))).toBe(true);
    expect(ofType(history, 'harness.error')).toEqual([]);
    const [killed, restarted] = ofType(history, 'writer.process');
    expect([killed?.what, restarted?.what]).toEqual(['killed', 'restarted']);
    const gone = (t: number) => t > (killed?.t ?? 0) && t < (restarted?.t ?? 0);
    expect(ofType(history, 'attempt').filter(({ start, t }) => gone(start) || gone(t))).toEqual([]);
    found.walBlocks += restarted?.found?.walBlocks ?? 0;
    found.localBlocks += restarted?.found?.localBlocks ?? 0;
  }
  // The moments were such that there was something to lose.
  expect(found.walBlocks).toBeGreaterThan(2);
  expect(found.walBlocks + found.localBlocks).toBeGreaterThan(4);
});

test('a process that was killed has told its history all that it had told the harness', async () => {
  const stage = await machineIn('told', { blocks: 30 });
  await until(stage, ({ flushed }) => flushed >= 3);
  await stage.machine.kill('1-writer-crash');
  const told = [...stage.writers.blocks];
  const text = await readFile(join(stage.own, 'parts', 'ingester-0.ndjson'), 'utf8');
  const events = text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as HistoryEvent);
  const cut = ofType(events, 'block.cut').map(({ block }) => block);
  expect(told.filter((block) => !cut.includes(block))).toEqual([]);
  expect(ofType(events, 'flush.end').filter(({ outcome }) => outcome === 'ok').length).toBeGreaterThanOrEqual(3);
  await over(stage);
});

test('a fault that kills is no end of a writer; an end that nobody asked for is', async () => {
  const subjects: Subject[] = [];
  const take = pool.take.bind(pool);
  pool.take = async () => {
    const subject = await take();
    subjects.push(subject);
    return subject;
  };
  const stage = await machineIn('ended', { blocks: 100 }, 2);
  await until(stage, ({ withFlushed }) => withFlushed === 2);
  await stage.machine.kill('1-writer-crash');
  expect(await stage.machine.inForce()).toEqual(['writers killed by 1-writer-crash']);
  await expect(stage.machine.pause('2-writer-pause')).rejects.toThrow(
    'writers: 2-writer-pause cannot act: their process was killed by 1-writer-crash',
  );
  await expect(stage.machine.kill('2-power-loss')).rejects.toThrow('cannot act');
  await stage.machine.restart('1-writer-crash');
  await expect(stage.machine.restart('1-writer-crash')).rejects.toThrow('cannot be started again');
  expect(await stage.machine.inForce()).toEqual([]);
  expect(await Promise.race([stage.writers.died, realClock.sleep(50)])).toBeUndefined();

  const restarted = ofType(stage.events, 'writer.process').at(-1);
  expect(restarted).toMatchObject({ what: 'restarted', rule: '1-writer-crash', writers: ['ingester-0', 'ingester-1'] });
  subjects.at(-1)?.kill('SIGKILL');
  expect(await stage.writers.died).toContain('SIGKILL');
});

test('a machine that is released or stopped while its writers are gone has nothing left to stop', async () => {
  const stage = await machineIn('gone', { blocks: 100 });
  await until(stage, ({ cut }) => cut > 0);
  await stage.machine.kill('1-writer-crash');
  await stage.writers.stop();
  await stage.machine.release();
  const history = await over(stage);
  expect(check(durability, history)[0]?.verdict).toBe('pass');
});

test('a process that is stopped does nothing, and goes on where it was; its lateness is as long as that', async () => {
  const stage = await machineIn('paused', { blocks: 200 });
  await until(stage, ({ flushed }) => flushed >= 2);
  await stage.machine.pause('1-writer-pause');
  expect(await stage.machine.inForce()).toEqual(['writers paused by 1-writer-pause']);
  await expect(stage.machine.kill('2-writer-crash')).rejects.toThrow('they are paused by 1-writer-pause');
  await realClock.sleep(100);
  const before = { ...stage.writers.told };
  await realClock.sleep(600);
  expect(stage.writers.told).toEqual(before);
  await expect(stage.machine.resume('2-writer-pause')).rejects.toThrow('not paused by 2-writer-pause');
  await stage.machine.resume('1-writer-pause');
  await until(stage, ({ flushed }) => flushed >= before.flushed + 3);
  const history = await over(stage);

  const [paused, resumed] = ofType(history, 'writer.process');
  expect([paused?.what, resumed?.what]).toEqual(['paused', 'resumed']);
  const within = (t: number) => t > (paused?.t ?? 0) + 5 && t < (resumed?.t ?? 0);
  expect(ofType(history, 'attempt').filter(({ start, t }) => within(start) || within(t))).toEqual([]);
  const late = ofType(history, 'lateness').reduce((sum, { totalMs }) => sum + totalMs, 0);
  expect(late).toBeGreaterThan(((resumed?.t ?? 0) - (paused?.t ?? 0)) * 0.8);
});

test('a machine that is still paused can be stopped all the same, and its process is not used again', async () => {
  const stage = await machineIn('paused-still', { blocks: 200 });
  await until(stage, ({ cut }) => cut > 0);
  await stage.machine.pause('1-writer-pause');
  await over(stage);
  expect(await stage.machine.inForce()).toEqual(['writers paused by 1-writer-pause']);
});

test('faults of the disks act, are counted through a kill and a restart, and are listed until they are removed', async () => {
  const stage = await machineIn('disks', { blocks: 40 });
  const { machine } = stage;
  await until(stage, ({ flushed }) => flushed >= 1);
  const slow = { seed: 1, mode: 'slow', latencyMs: 3, operations: ['write', 'read'] } as const;
  await machine.addDiskFault({ ...slow, rule: '1-disk-slow' });
  await machine.addDiskFault({ rule: '2-disk-full', seed: 1, mode: 'full', capacity: 1e9 });
  await expect(machine.addDiskFault({ ...slow, rule: '1-disk-slow' })).rejects.toThrow('is in force already');
  await until(stage, ({ flushed }) => flushed >= 4);
  const first = await machine.diskFaultEvidence('1-disk-slow');
  expect(first.fired).toBeGreaterThan(10);
  expect(first.waitedMs).toBeGreaterThanOrEqual(first.fired * 3);
  await machine.kill('3-writer-crash');
  const killed = await machine.diskFaultEvidence('1-disk-slow');
  expect(killed.fired).toBeGreaterThanOrEqual(first.fired);
  // Removed while there is no process: the next one has it no more.
  expect((await machine.removeDiskFault('2-disk-full')).considered).toBeGreaterThan(0);
  await machine.restart('3-writer-crash');
  expect(await machine.inForce()).toEqual(['1-disk-slow']);
  const { flushed } = stage.writers.told;
  await until(stage, (told) => told.flushed >= flushed + 3);
  const removed = await machine.removeDiskFault('1-disk-slow');
  expect(removed.fired).toBeGreaterThan(killed.fired);
  expect(await machine.inForce()).toEqual([]);
  await expect(machine.removeDiskFault('1-disk-slow')).rejects.toThrow('no disk fault 1-disk-slow is in force');
  await expect(
    machine.addDiskFault({ ...slow, rule: 'bad', mode: 'error', probability: 1, path: '(' } as never),
  ).rejects.toThrow('cannot add: Invalid regular expression');
  expect(await machine.inForce()).toEqual([]);

  const history = await over(stage);
  const disk = ofType(history, 'disk');
  expect(disk.every(({ rule, t, start }) => rule === '1-disk-slow' && t - start >= 3)).toBe(true);
  expect(disk.length).toBeGreaterThanOrEqual(removed.fired - 5);
});

test('a disk that is full keeps what fits, and a page that does not is told to be lost', async () => {
  const stage = await machineIn('full', { blocks: 6 });
  await until(stage, ({ flushed }) => flushed >= 1);
  await stage.machine.addDiskFault({ rule: '1-disk-full', seed: 1, mode: 'full', capacity: MiB / 2 });
  await until(stage, ({ dropped }) => dropped >= 1);
  await stage.machine.removeDiskFault('1-disk-full');
  await until(stage, ({ done }) => done === 1);
  const history = await over(stage);
  expect(ofType(history, 'data.lost').length).toBeGreaterThan(0);
  const [verdict] = check(durability, history);
  expect(verdict).toMatchObject({ verdict: 'fail' });
  expect(ofType(history, 'writer.error')).toEqual([]);
});

test('a read that fails in the middle of a body is an attempt that failed, and the block gets to S3 whole', async () => {
  const stage = await machineIn('eio', { blocks: 8 });
  await until(stage, ({ flushed }) => flushed >= 1);
  await stage.machine.addDiskFault({
    rule: '1-disk-error',
    seed: 3,
    mode: 'error',
    probability: 0.7,
    operations: ['read'],
    path: 'data\\.parquet$',
  });
  await realClock.sleep(700);
  const { fired } = await stage.machine.removeDiskFault('1-disk-error');
  expect(fired).toBeGreaterThan(1);
  await until(stage, ({ done }) => done === 1);
  const history = await over(stage);
  const failed = ofType(history, 'attempt').filter(({ failure }) => failure === 'disk');
  expect(failed.length).toBe(fired);
  for (const { message, outcome } of failed) {
    expect(message).toContain('EIO: i/o error, read');
    expect(['fail', 'info']).toContain(outcome);
  }
  expect(ofType(history, 'flush.end').filter(({ outcome }) => outcome === 'fail')).toHaveLength(fired);
  expect(check(durability, history)[0]).toMatchObject({ verdict: 'pass' });
});

test('a power cut takes what was written last, and the verdict says how much', async () => {
  const stage = await machineIn('power', { blocks: 6 });
  s3.hangs = (path) => path.endsWith('/meta.json');
  await until(stage, ({ cut }) => cut >= 2);
  await stage.machine.kill('1-power-loss', { unsyncedMs: 60_000 });
  s3.hangs = () => false;
  const [killed] = ofType(stage.events, 'writer.process');
  const { removed = 0, emptied = 0, bytes = 0, localBlocks = 0 } = killed?.found ?? {};
  expect(removed + emptied).toBeGreaterThan(4);
  expect(bytes).toBeGreaterThan(2 * MiB);
  expect(localBlocks).toBeGreaterThanOrEqual(2);
  const cutBefore = [...stage.writers.blocks];
  await stage.machine.restart('1-power-loss');
  await until(stage, ({ done }) => done === 1);
  const history = await over(stage);
  const [verdict] = check(durability, history);
  expect(verdict?.verdict).toBe('fail');
  for (const block of cutBefore) expect(verdict?.blocks).toContain(block);
  // What came after it is whole.
  const after = ofType(history, 'block.cut').filter(({ block }) => !cutBefore.includes(block));
  expect(after.length).toBeGreaterThan(0);
  expect(after.filter(({ block }) => verdict?.blocks?.includes(block))).toEqual([]);
});
