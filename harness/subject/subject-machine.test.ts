/** Real processes that are stopped, killed and started again, on real disks, writing to a small S3 of this file. */
import { appendFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { conservation } from '../checkers/conservation.ts';
import { durability } from '../checkers/durability.ts';
import { check, ofType } from '../checkers/example-history.ts';
import { realClock } from '../clock.ts';
import { DnsServer } from '../dns/dns-server.ts';
import { faultNamed } from '../faults/catalogue.ts';
import { writerOf } from '../faults/writers-machine.ts';
import type { HistoryEvent } from '../history/events.ts';
import { mergeParts } from '../history/merge.ts';
import { HistoryPart } from '../history/part.ts';
import { historyEvents } from '../history/read-history.ts';
import { Random } from '../random.ts';
import { readLocalDisk } from '../scenario/local-read.ts';
import { Writers } from '../scenario/writers.ts';
import { exampleAssignment, host, MiB, SmallS3, settings } from './example-subject.ts';
import type { WriterAssignment } from './protocol.ts';
import { SubjectMachine, spread } from './subject-machine.ts';
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
async function machineIn(
  name: string,
  load: Partial<WriterAssignment['load']> = {},
  count = 1,
  {
    processes = 1,
    flushAllOnShutdown = false,
    policy = settings.policy,
    crashLoop = { first: 100, longest: 300, forgottenAfter: 600 },
    loadOf = (_index: number): Partial<WriterAssignment['load']> => ({}),
  } = {},
) {
  const own = join(folder, name);
  await mkdir(join(own, 'parts'), { recursive: true });
  const assignments: WriterAssignment[] = [];
  for (let index = 0; index < count; index++) {
    const writer = `ingester-${index}`;
    const one = await exampleAssignment(own, { writer, client: 'minio', port, dns });
    assignments.push({
      ...one,
      settings: { ...settings, policy, blocks: { ...settings.blocks, flushAllOnShutdown } },
      load: { ...one.load, ...load, ...loadOf(index) },
      historyFile: join(own, 'parts', `${writer}.ndjson`),
    });
  }
  const part = new HistoryPart(join(own, 'parts', 'harness.ndjson'));
  parts.push(part);
  const events: HistoryEvent[] = [];
  const record = (event: HistoryEvent) => {
    events.push(event);
    part.record(event);
  };
  const machine = await SubjectMachine.start(pool, assignments, { clock: realClock, record, processes, crashLoop });
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
  return historyEvents(await mergeParts(own));
}

/** All that are taken from the pool from here on, in order. */
function subjectsTaken(): Subject[] {
  const subjects: Subject[] = [];
  const take = pool.take.bind(pool);
  pool.take = async () => {
    const subject = await take();
    subjects.push(subject);
    return subject;
  };
  return subjects;
}

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
  const subjects = subjectsTaken();
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

test('a kill in the middle of a start ends that start too, and the next one brings the writer back', async () => {
  const stage = await machineIn('again', { blocks: 2 });
  await until(stage, ({ cut }) => cut > 0);
  await stage.machine.kill('1-writer-crash');
  // The next process waits for S3's answer to its first question.
  s3.hangs = () => true;
  s3.hanging = 0;
  const starting = stage.machine.restart('1-writer-crash');
  while (s3.hanging === 0) await realClock.sleep(10);
  await stage.machine.kill('2-writer-crash');
  await starting;
  expect(await stage.machine.inForce()).toEqual(['writers killed by 2-writer-crash']);
  // The process before had lost what was in memory; this one had taken nothing in.
  const kills = ofType(stage.events, 'writer.process').filter(({ what }) => what === 'killed');
  expect(kills.map(({ rule }) => rule)).toEqual(['1-writer-crash', '2-writer-crash']);
  expect(kills[1]?.found).toEqual({ liveTraceBytes: 0 });
  s3.hangs = () => false;
  await stage.machine.restart('2-writer-crash');
  expect(await stage.machine.inForce()).toEqual([]);
  await until(stage, ({ done }) => done === 1);
  expect(check(durability, await over(stage))[0]).toMatchObject({ verdict: 'pass' });
});

describe('writers that S3 does not let start', () => {
  const { signal: without } = new AbortController();
  const failures = ({ events }: Stage) => ofType(events, 'writer.start-failed');
  const killedWhileAway = async (stage: Stage) => {
    await until(stage, ({ cut }) => cut > 0);
    s3.away = true;
    await stage.machine.kill('2-writer-crash');
  };
  const failed = async (stage: Stage, times: number) => {
    while (failures(stage).length < times) await realClock.sleep(10);
  };

  test('are started again as a kubelet does, until S3 is back; then they replay their WAL, and nothing is lost', async () => {
    const stage = await machineIn('loop', { blocks: 3 });
    await killedWhileAway(stage);
    const starting = stage.machine.restart('2-writer-crash', { patience: without });
    await failed(stage, 4);
    // One that waits is down, and no run is over for it.
    expect(await stage.machine.inForce()).toEqual(['writers killed by 2-writer-crash']);
    s3.away = false;
    await starting;
    expect(await stage.machine.inForce()).toEqual([]);
    await until(stage, ({ done }) => done === 1);
    const history = await over(stage);

    const each = ofType(history, 'writer.start-failed');
    expect(each.slice(0, 4).map(({ retryIn }) => retryIn)).toEqual([100, 200, 300, 300]);
    for (const [index, { t, start, writer, rule, error }] of each.entries()) {
      expect([writer, rule]).toEqual(['ingester-0', '2-writer-crash']);
      expect(error).toMatch(/^block writer: cannot start: .*S3 is away/);
      // All attempts that the client has were made, by a client of its own, and none after it had failed.
      const own = ofType(history, 'attempt').filter(({ id }) => id.startsWith(`ingester-0.${index + 2}-`));
      expect(own.map(({ operation, attempt }) => `${operation} ${attempt}`)).toEqual(
        Array.from({ length: settings.policy.attempts }, (_, attempt) => `ListObjectsV2 ${attempt + 1}`),
      );
      expect(own.every((one) => one.start >= start && one.t <= t)).toBe(true);
      const next = each[index + 1];
      if (next) expect(next.start - t).toBeGreaterThanOrEqual((each[index]?.retryIn ?? 0) - 2);
    }
    const [killed, restarted] = ofType(history, 'writer.process');
    expect([killed?.what, restarted?.what]).toEqual(['killed', 'restarted']);
    expect(restarted?.t).toBeLessThanOrEqual(each[0]?.start ?? 0);
    expect((restarted?.found?.walBlocks ?? 0) + (restarted?.found?.localBlocks ?? 0)).toBeGreaterThan(0);
    expect(check(durability, history)[0]).toMatchObject({ verdict: 'pass' });
    expect(check(conservation, history)[0]).toMatchObject({ verdict: 'pass' });
    expect(ofType(history, 'harness.error')).toEqual([]);
    expect(ofType(history, 'writer.error')).toEqual([]);
  });

  test('are not started again when it is not S3 that keeps them from it, nor are the others then', async () => {
    const stage = await machineIn('broken', { blocks: 100 }, 2, { processes: 2 });
    await killedWhileAway(stage);
    const [, broken] = stage.assignments;
    await rm(broken?.disk ?? '', { recursive: true });
    const starting = stage.machine.restart('2-writer-crash', { patience: without });
    await expect(starting).rejects.toThrow(/^ingester-1 did not start again: .*ENOENT/);
    expect(await stage.writers.died).toContain('ENOENT');
    const { length } = failures(stage);
    await realClock.sleep(500);
    expect(failures(stage)).toHaveLength(length);
    expect(failures(stage).some(({ writer }) => writer === 'ingester-1')).toBe(false);
    await mkdir(broken?.disk ?? '');
    await over(stage);
  });

  test('are given up when the patience is over, with what kept them from it, and leave nothing behind', async () => {
    const subjects = subjectsTaken();
    const stage = await machineIn('given-up', { blocks: 100 }, 1, {
      crashLoop: { first: 60_000, longest: 60_000, forgottenAfter: 60_000 },
    });
    await killedWhileAway(stage);
    const patience = new AbortController();
    const starting = stage.machine.restart('2-writer-crash', { patience: patience.signal });
    starting.catch(() => {});
    await failed(stage, 1);
    patience.abort(new Error('the run was told to stop'));
    await expect(starting).rejects.toThrow(
      /^ingester-0 could not start 1 time, and is not started again: the run was told to stop; the last time: .*S3 is away/,
    );
    expect(await stage.machine.inForce()).toEqual(['writers killed by 2-writer-crash']);
    expect(ofType(await over(stage), 'harness.error')).toEqual([]);
    expect(subjects.at(-1)?.idle).toBe(true);
  });

  test('are stopped in the midst of a start when the patience is over', async () => {
    const stage = await machineIn('mid-start', { blocks: 100 });
    await until(stage, ({ cut }) => cut > 0);
    await stage.machine.kill('2-writer-crash');
    s3.hangs = () => true;
    s3.hanging = 0;
    const patience = new AbortController();
    const starting = stage.machine.restart('2-writer-crash', { patience: patience.signal });
    starting.catch(() => {});
    while (s3.hanging === 0) await realClock.sleep(10);
    patience.abort(new Error('the run was told to stop'));
    await expect(starting).rejects.toThrow('the run was told to stop');
    s3.hangs = () => false;
    const { length } = stage.writers.blocks;
    const history = await over(stage);
    expect(stage.writers.blocks).toHaveLength(length);
    expect(ofType(history, 'harness.error')).toEqual([]);
    expect(failures(stage)).toEqual([]);
  });

  test('may be killed while they wait for that; who killed them last starts them again', async () => {
    const stage = await machineIn('killed-again', { blocks: 2 }, 1, {
      crashLoop: { first: 60_000, longest: 60_000, forgottenAfter: 60_000 },
    });
    await killedWhileAway(stage);
    const starting = stage.machine.restart('2-writer-crash', { patience: without });
    await failed(stage, 1);
    await stage.machine.kill('3-writer-crash');
    await starting;
    expect(await stage.machine.inForce()).toEqual(['writers killed by 3-writer-crash']);
    s3.away = false;
    await stage.machine.restart('3-writer-crash', { patience: without });
    await until(stage, ({ done }) => done === 1);
    // A kill of the last process: its part of the history is the fourth, since the third end was of one that had not begun.
    await stage.machine.kill('4-writer-crash');
    await appendFile(join(stage.own, 'parts', 'ingester-0.4.ndjson'), '{"t":1,"ty');
    const history = await over(stage);
    expect(ofType(history, 'harness.error')).toEqual([]);
    expect(check(durability, history)[0]).toMatchObject({ verdict: 'pass' });
  });
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
  await realClock.sleep(300);
  expect((await stage.machine.removeDiskFault('1-disk-full')).fired).toBeGreaterThan(0);
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

describe('several processes', () => {
  /** However slow the machine is, there is something to write. */
  const endless = { blocks: 1000, bytesPerSecond: 3 * MiB };
  /** Bytes that each writer acknowledged, less those in its closed pages, until `t`. */
  const inMemory = (history: HistoryEvent[], writer: string, t: number) => {
    let bytes = 0;
    for (const event of history) {
      if (event.t >= t) break;
      if (event.type === 'push' && event.writer === writer) bytes += event.bytes;
      if (event.type === 'wal.page' && event.writer === writer) bytes -= event.bytes;
    }
    return bytes;
  };

  test('two of four are killed: the others go on, and what the killed ones had in memory is told, writer by writer', async () => {
    const stage = await machineIn('two-of-four', endless, 6, { processes: 4 });
    const { machine } = stage;
    expect(machine.processes).toEqual([
      ['ingester-0', 'ingester-1'],
      ['ingester-2', 'ingester-3'],
      ['ingester-4'],
      ['ingester-5'],
    ]);
    await until(stage, ({ withFlushed }) => withFlushed === 6);
    await machine.kill('1-writer-crash', { processes: [0, 2] });
    expect(await machine.inForce()).toEqual(['writers killed by 1-writer-crash']);
    await expect(machine.pause('2-writer-pause')).rejects.toThrow('their process was killed by 1-writer-crash');
    await machine.pause('3-writer-pause', [3]);
    await machine.resume('3-writer-pause');
    await realClock.sleep(400);
    await machine.restart('1-writer-crash', { processes: [0, 2] });
    const { flushed } = stage.writers.told;
    await until(stage, (told) => told.flushed > flushed + 6);
    const history = await over(stage);

    const killedWriters = ['ingester-0', 'ingester-1', 'ingester-4'];
    const [killed, paused, resumed, restarted] = ofType(history, 'writer.process');
    expect([killed, paused, resumed, restarted].map((event) => [event?.what, event?.writers])).toEqual([
      ['killed', killedWriters],
      ['paused', ['ingester-5']],
      ['resumed', ['ingester-5']],
      ['restarted', killedWriters],
    ]);
    const within = (t: number) => t > (killed?.t ?? 0) + 20 && t < (restarted?.t ?? 0) - 20;
    const busy = new Set(ofType(history, 'push').flatMap(({ t, writer }) => (within(t) ? [writer] : [])));
    expect([...busy].sort()).toEqual(['ingester-2', 'ingester-3', 'ingester-5']);

    const lost = ofType(history, 'data.lost').filter(({ what }) => what === 'live-traces');
    expect(lost.map(({ writer }) => writer)).toEqual(killedWriters);
    for (const { writer, bytes } of lost) expect(bytes).toBe(inMemory(history, writer, killed?.t ?? 0));
    expect(killed?.found).toEqual({ liveTraceBytes: lost.reduce((sum, { bytes }) => sum + bytes, 0) });
    expect(check(durability, history)[0]).toMatchObject({ verdict: 'pass' });
    expect(check(conservation, history)[0]).toMatchObject({ verdict: 'pass' });
    expect(ofType(history, 'harness.error')).toEqual([]);
    // A process that goes on keeps its part; one that was killed begins another.
    const ids = new Set(ofType(history, 'attempt').map(writerOf));
    expect(ids.size).toBe(6);
    const begunAnew = ofType(history, 'attempt').filter(({ id }) => /^ingester-\d+\.2-/.test(id));
    expect([...new Set(begunAnew.map(writerOf))].sort()).toEqual(killedWriters);
  });

  test.each([
    ['all is flushed before it ends', true],
    ['what was not flushed is found again', false],
  ])('each is stopped in order and started again: nothing is lost, and %s', async (_what, flushAllOnShutdown) => {
    const stage = await machineIn(`rolling-${flushAllOnShutdown}`, endless, 3, {
      processes: 3,
      flushAllOnShutdown,
    });
    await until(stage, ({ withFlushed }) => withFlushed === 3);
    const rollout = faultNamed('rolling-restart');
    const active = await rollout.inject({
      machine: stage.machine,
      parameters: { down: 100, pause: 50, grace: 20_000 },
      id: '1-rolling-restart',
      seed: 1,
      clock: realClock,
      record: stage.record,
    } as unknown as Parameters<typeof rollout.inject>[0]);
    for (let turn = 0; turn < 300 && (await active.evidence()).fired !== 3; turn++) await realClock.sleep(50);
    expect(await active.heal()).toMatchObject({ fired: 3, measured: { processes: 3 } });
    expect(await stage.machine.inForce()).toEqual([]);
    const { flushed } = stage.writers.told;
    await until(stage, (told) => told.flushed > flushed + 3);
    const history = await over(stage);

    const events = ofType(history, 'writer.process');
    expect(events.map(({ what, writers }) => `${what} ${writers}`)).toEqual(
      [0, 1, 2].flatMap((number) => [`stopped ingester-${number}`, `restarted ingester-${number}`]),
    );
    const found = events.flatMap(({ found: one }) => (one ? [(one.walBlocks ?? 0) + (one.localBlocks ?? 0)] : []));
    if (flushAllOnShutdown) expect(found).toEqual([0, 0, 0]);
    else expect(Math.min(...found)).toBeGreaterThan(0);
    expect(ofType(history, 'data.lost')).toEqual([]);
    expect(check(durability, history)[0]).toMatchObject({ verdict: 'pass' });
    expect(check(conservation, history)[0]).toMatchObject({ verdict: 'pass' });
    expect(ofType(history, 'harness.error')).toEqual([]);
  });

  test('a disk fault of one writer touches no other, and stays with it through a kill', async () => {
    const stage = await machineIn('one-slow', endless, 4, { processes: 2 });
    await until(stage, ({ withFlushed }) => withFlushed === 4);
    const rule = '1-disk-slow';
    await stage.machine.addDiskFault({
      rule,
      seed: 1,
      mode: 'slow',
      latencyMs: 5,
      operations: ['write', 'read'],
      writers: ['ingester-3'],
    });
    await realClock.sleep(200);
    await stage.machine.kill('2-writer-crash', { processes: [1] });
    const before = await stage.machine.diskFaultEvidence(rule);
    expect(before.fired).toBeGreaterThan(0);
    await stage.machine.restart('2-writer-crash');
    await realClock.sleep(300);
    expect((await stage.machine.removeDiskFault(rule)).fired).toBeGreaterThan(before.fired);
    const history = await over(stage);
    expect(new Set(ofType(history, 'disk').map(({ writer }) => writer))).toEqual(new Set(['ingester-3']));
  });

  test.each([
    ['all at once, their first blocks come within the random wait', 0],
    ['spread over a time, one after another', 3000],
  ])('begin %s', async (_what, startOver) => {
    const jitter = 1000;
    const policy = { ...settings.policy, firstFlushJitter: jitter };
    const loadOf = (index: number) => ({ startAfter: (startOver * index) / 6 });
    const stage = await machineIn(`start-${startOver}`, endless, 6, { processes: 3, policy, loadOf });
    await until(stage, ({ withFlushed }) => withFlushed === 6);
    const history = await over(stage);
    const first = new Map<string, number>();
    const puts = ofType(history, 'attempt').filter(({ operation }) => operation === 'PutObject');
    for (const attempt of puts) {
      const writer = writerOf(attempt);
      first.set(writer, Math.min(first.get(writer) ?? attempt.start, attempt.start));
    }
    expect(first.size).toBe(6);
    const between = Math.max(...first.values()) - Math.min(...first.values());
    const pushes = ofType(history, 'push');
    const begun = stage.assignments.map(({ writer }) => pushes.find((event) => event.writer === writer)?.t ?? 0);
    if (startOver === 0) {
      // All processes had loaded their SDK before the first writer began.
      expect(Math.max(...begun) - Math.min(...begun)).toBeLessThan(jitter / 2);
      expect(between).toBeLessThan(jitter * 1.5);
    } else {
      expect(begun).toEqual([...begun].sort((a, b) => a - b));
      expect((begun[5] ?? 0) - (begun[0] ?? 0)).toBeGreaterThan(startOver * 0.6);
      expect(between).toBeGreaterThan(jitter * 1.5);
    }
  });

  test('one that ends unasked is told of, whichever it is', async () => {
    const subjects = subjectsTaken();
    const stage = await machineIn('one-dies', endless, 3, { processes: 3 });
    await until(stage, ({ withFlushed }) => withFlushed === 3);
    subjects[1]?.kill('SIGKILL');
    expect(await stage.writers.died).toContain('SIGKILL');
  });
});

test.each([
  [30, 4, [8, 8, 7, 7]],
  [30, 30, Array(30).fill(1)],
  [3, 8, [1, 1, 1]],
  [5, 1, [5]],
])('%i writers over %i processes', (writers, processes, sizes) => {
  const items = Array.from({ length: writers }, (_, index) => index);
  const groups = spread(items, processes);
  expect(groups.map(({ length }) => length)).toEqual(sizes);
  expect(groups.flat()).toEqual(items);
});
