import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { realClock, VirtualClock } from '../clock.ts';
import type { DiskEvent, HistoryEvent } from '../history/events.ts';
import type { Body } from '../object-store/s3-operations.ts';
import { Random } from '../random.ts';
import { files, seeded, text } from '../writer/local-disk.ts';
import { MemoryDisk } from '../writer/memory-disk.ts';
import { RealDisk } from '../writer/real-disk.ts';
import { DiskFaults } from './disk-faults.ts';
import { FaultyDisk } from './faulty-disk.ts';
import type { DiskFault } from './writer-machine.ts';

const random = new Random(5);
const seconds = 1000;
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** In virtual time, on a disk that takes no time itself. */
function virtual(...faults: DiskFault[]) {
  const clock = new VirtualClock();
  const disk = new MemoryDisk();
  const inForce = new DiskFaults();
  for (const fault of faults) inForce.add(fault);
  const events: DiskEvent[] = [];
  const record = (event: HistoryEvent) => void events.push(event as DiskEvent);
  const faulty = new FaultyDisk(disk, inForce, { writer: 'w', clock, record });
  return { clock, disk, faults: inForce, events, faulty };
}

const all = ['write', 'read'] as const;
const slow = (rule: string, how: { latencyMs?: number; bytesPerSecond?: number }): DiskFault => ({
  rule,
  seed: 1,
  mode: 'slow',
  operations: all,
  ...how,
});
const full = (rule: string, capacity: number): DiskFault => ({ rule, seed: 1, mode: 'full', capacity });
const broken = (rule: string, how: Partial<Extract<DiskFault, { mode: 'error' }>> = {}): DiskFault => ({
  rule,
  seed: 1,
  mode: 'error',
  probability: 1,
  operations: all,
  ...how,
});

describe('without a fault', () => {
  test('what is small is read at once; with one that concerns it, as a stream, which the fault can hold up', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'faulty-disk-'));
    try {
      const faults = new DiskFaults();
      const events: HistoryEvent[] = [];
      const record = (event: HistoryEvent) => void events.push(event);
      const disk = new FaultyDisk(new RealDisk(folder), faults, { writer: 'w', clock: realClock, record });
      await disk.write('blocks/small', text('0123456789'));
      const body = await disk.read('blocks/small');
      expect(body.atOnce?.()?.toString()).toBe('0123456789');
      expect(body.slice(2, 4).atOnce?.()?.toString()).toBe('23');
      faults.add({ rule: 'slow', seed: 1, mode: 'slow', operations: ['write'], latencyMs: 1 });
      expect(body.atOnce?.()).toHaveLength(10);
      faults.add(slow('slower', { latencyMs: 1 }));
      expect(body.atOnce?.()).toBeUndefined();
      expect(faults.evidence('slower')).toMatchObject({ considered: 0, fired: 0 });
      faults.remove('slower');
      expect(body.atOnce?.()).toHaveLength(10);
      expect(events).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('a disk is what it is, and tells nothing', async () => {
    const { clock, disk, events, faulty } = virtual();
    const written = await clock.run(faulty.write('wal/1', text('0123456789')));
    expect(written).toEqual({ size: 10, sha256: sha256(Buffer.from('0123456789')) });
    const body = await clock.run(faulty.read('wal/1'));
    expect((await buffer(body.open())).toString()).toBe('0123456789');
    expect((await buffer(body.slice(2, 8).slice(1, 5).open())).toString()).toBe('3456');
    expect(await body.slice(2, 8).sha256()).toBe(sha256(Buffer.from('234567')));
    expect(await (await faulty.read('wal/1', 'known')).sha256()).toBe('known');
    expect(await faulty.list('wal')).toEqual([{ path: 'wal/1', size: 10 }]);
    await faulty.remove('wal');
    expect(disk.paths).toEqual([]);
    await expect(faulty.read('wal/1')).rejects.toThrow('no such file');
    expect(events).toEqual([]);
    expect(clock.now()).toBe(0);
  });

  test('what is written and what is read are the same bytes on a real disk, in whole and in part', async () => {
    const root = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-faulty-'));
    try {
      const faulty = new FaultyDisk(new RealDisk(root), new DiskFaults(), {
        writer: 'w',
        clock: realClock,
        record: () => {},
      });
      await faulty.write('wal/1', seeded(random, 700_001, 1));
      await faulty.write('wal/2', seeded(random, 300_000, 2));
      const written = await faulty.write('blocks/b', files(['wal/1', 'wal/2']));
      const bytes = await readFile(join(root, 'blocks/b'));
      expect(written).toEqual({ size: 1_000_001, sha256: sha256(bytes) });
      const body = await faulty.read('blocks/b');
      expect((await buffer(body.open())).equals(bytes)).toBe(true);
      expect((await buffer(body.slice(500_000, 900_000).open())).equals(bytes.subarray(500_000, 900_000))).toBe(true);
      expect((await inPieces(body)).equals(bytes)).toBe(true);
      expect((await inPieces(body.slice(500_000, 900_000))).equals(bytes.subarray(500_000, 900_000))).toBe(true);
      expect(await body.sha256()).toBe(written.sha256);
    } finally {
      await rm(root, { recursive: true });
    }
  });
});

describe('a slow disk', () => {
  test('lets bytes through at its rate, shared by all of its operations, and each operation waits first', async () => {
    const { clock, faults, events, faulty } = virtual(slow('s', { latencyMs: 2 * seconds, bytesPerSecond: 10 }));
    await clock.run(faulty.write('a', text('x'.repeat(100))));
    expect(clock.now()).toBe(12 * seconds);
    const both = [faulty.write('b', text('x'.repeat(50))), faulty.write('c', text('x'.repeat(50)))];
    await clock.run(Promise.all(both));
    expect(clock.now()).toBe(12 * seconds + 12 * seconds);
    const body = await clock.run(faulty.read('a'));
    await clock.run(buffer(body.open()));
    expect(clock.now()).toBe(24 * seconds + 12 * seconds);
    expect(
      events.map(({ operation, path, start, t, bytes, error, rule }) => [
        operation,
        path,
        start,
        t,
        bytes,
        error,
        rule,
      ]),
    ).toEqual([
      ['write', 'a', 0, 12_000, 100, undefined, 's'],
      ['write', 'b', 12_000, 19_000, 50, undefined, 's'],
      ['write', 'c', 12_000, 24_000, 50, undefined, 's'],
      ['read', 'a', 24_000, 36_000, 100, undefined, 's'],
    ]);
    expect(faults.evidence('s')).toEqual({
      considered: 4,
      fired: 4,
      waitedMs: 4 * 2000 + 10_000 + 5000 + 10_000 + 10_000,
    });
  });

  test('several compose to the slowest, and each counts for itself', async () => {
    const { clock, faults, faulty } = virtual(
      slow('latency', { latencyMs: 3 * seconds }),
      slow('quick', { latencyMs: 1 * seconds, bytesPerSecond: 100 }),
      slow('rate', { bytesPerSecond: 10 }),
    );
    await clock.run(faulty.write('a', text('x'.repeat(100))));
    expect(clock.now()).toBe(3 * seconds + 10 * seconds);
    expect(faults.evidence('latency')).toEqual({ considered: 1, fired: 1, waitedMs: 3000 });
    expect(faults.evidence('quick')).toEqual({ considered: 1, fired: 1, waitedMs: 2000 });
    expect(faults.evidence('rate')).toEqual({ considered: 1, fired: 1, waitedMs: 10_000 });
  });

  test('is slow for the operations that it is about, and for what is under way when it comes', async () => {
    const { clock, faults, faulty } = virtual({ ...slow('s', { latencyMs: 1000 }), operations: ['read'] } as DiskFault);
    await clock.run(faulty.write('a', text('0123456789')));
    expect(clock.now()).toBe(0);
    // Joining reads first.
    await clock.run(faulty.write('b', files(['a'])));
    expect(clock.now()).toBe(1000);
    expect(faults.remove('s')).toEqual({ considered: 1, fired: 1, waitedMs: 1000 });
    await clock.run(faulty.write('c', files(['a'])));
    expect(clock.now()).toBe(1000);

    const stream = (await clock.run(faulty.read('a'))).open();
    faults.add(slow('late', { bytesPerSecond: 10 }));
    expect((await clock.run(buffer(stream))).toString()).toBe('0123456789');
    expect(clock.now()).toBe(2000);
  });

  test('counts what it held up when it does, also of an operation that outlasts it', async () => {
    const { clock, faults, faulty } = virtual(slow('s', { latencyMs: 2 * seconds }));
    const writing = faulty.write('a', text('0123456789'));
    await clock.advance(1000);
    expect(faults.remove('s')).toEqual({ considered: 1, fired: 1, waitedMs: 2000 });
    await clock.run(writing);
    expect(clock.now()).toBe(2000);
  });

  test('a stream that is destroyed waits no longer', async () => {
    const { clock, events, faulty } = virtual(slow('s', { latencyMs: 60 * seconds }));
    const writing = faulty.write('a', text('x'));
    await clock.advance(61 * seconds);
    await writing;
    const stream = (await faulty.read('a')).open();
    stream.resume();
    await clock.advance(1 * seconds);
    stream.destroy();
    await clock.advance(0);
    expect(stream.closed).toBe(true);
    expect(events.map(({ operation, t }) => [operation, t])).toEqual([
      ['write', 60_000],
      ['read', 62_000],
    ]);
  });
});

describe('a body in pieces', () => {
  test('is held up as a stream is, and fails as one', async () => {
    const { clock, faults, events, faulty } = virtual();
    await clock.run(faulty.write('a', text('0123456789')));
    const body = await clock.run(faulty.read('a'));
    faults.add(slow('s', { latencyMs: 2 * seconds, bytesPerSecond: 10 }));
    expect((await clock.run(inPieces(body))).toString()).toBe('0123456789');
    expect(clock.now()).toBe(3 * seconds);
    faults.remove('s');
    faults.add(broken('e', { operations: ['read'] }));
    await expect(clock.run(inPieces(body))).rejects.toMatchObject({ code: 'EIO' });
    expect(events.map(({ operation, rule, t, error }) => [operation, rule, t, error !== undefined])).toEqual([
      ['read', 's', 3000, false],
      ['read', 'e', 3000, true],
    ]);
  });

  test('whose reader is gone waits no longer', async () => {
    const { clock, events, faults, faulty } = virtual();
    await clock.run(faulty.write('a', text('0123456789')));
    const body = await clock.run(faulty.read('a'));
    faults.add(slow('s', { latencyMs: 60 * seconds }));
    const gone = new AbortController();
    const reading = inPieces(body, gone.signal);
    reading.catch(() => {});
    await clock.advance(1 * seconds);
    gone.abort(new Error('not sent any more'));
    await clock.advance(0);
    await expect(reading).rejects.toThrow();
    expect(events.map(({ operation, t, error }) => [operation, t, error])).toEqual([['read', 1000, undefined]]);
  });
});

describe('a full disk', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-full-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  test('takes what fits, leaves it there, and has room again for what is deleted or replaced', async () => {
    const faults = new DiskFaults();
    const events: HistoryEvent[] = [];
    const real = new RealDisk(root);
    await real.write('blocks/before', seeded(random, 400_000, 0));
    const faulty = new FaultyDisk(real, faults, {
      writer: 'w',
      clock: realClock,
      record: (event) => events.push(event),
    });
    faults.add(full('f', 1_000_000));
    await faulty.write('wal/1', seeded(random, 300_000, 1));
    const before = await readFile(join(root, 'wal/1'));
    await expect(faulty.write('wal/2', seeded(random, 300_001, 2))).rejects.toThrow(
      'local disk: cannot write wal/2 (300000 bytes in): ENOSPC: no space left on device, write',
    );
    // What of it fitted is really there, and is room that nobody has.
    expect((await stat(join(root, 'wal/2'))).size).toBe(300_000);
    await expect(faulty.write('wal/3', text('x'))).rejects.toThrow('ENOSPC');
    await expect(stat(join(root, 'wal/3'))).rejects.toThrow('ENOENT');
    expect((await readFile(join(root, 'wal/1'))).equals(before)).toBe(true);

    await faulty.remove('wal/2');
    await faulty.write('wal/3', text('x'));
    await faulty.write('wal/1', seeded(random, 599_999, 3));
    await expect(faulty.write('wal/4', text('x'))).rejects.toThrow('ENOSPC');
    expect(faults.remove('f')).toEqual({ considered: 6, fired: 3, waitedMs: 0 });
    await faulty.write('wal/4', text('x'));
    expect(events).toMatchObject([
      { type: 'disk', writer: 'w', operation: 'write', path: 'wal/2', bytes: 300_000, rule: 'f' },
      { path: 'wal/3', bytes: 0, error: 'ENOSPC: no space left on device, write', rule: 'f' },
      { path: 'wal/4', bytes: 0, rule: 'f' },
    ]);
  });

  test('the smallest capacity counts, reads go on, and two writes share the room', async () => {
    const { clock, faults, disk, faulty } = virtual(full('large', 1000), full('small', 100));
    const both = [faulty.write('a', text('x'.repeat(60))), faulty.write('b', text('x'.repeat(60)))];
    const [a, b] = await clock.run(Promise.allSettled(both));
    expect([a?.status, b?.status]).toEqual(['fulfilled', 'rejected']);
    expect(disk.used).toBe(100);
    expect((await buffer((await faulty.read('a')).open())).length).toBe(60);
    expect([faults.evidence('large').fired, faults.evidence('small').fired]).toEqual([0, 1]);
  });
});

describe('a broken disk', () => {
  test('fails in the middle of a file: what was read before that is given, and then the error', async () => {
    const { clock, faults, events, faulty } = virtual();
    await clock.run(faulty.write('a', text('0123456789'.repeat(10))));
    faults.add(broken('e', { operations: ['read'] }));
    const body = await clock.run(faulty.read('a', 'known'));
    const taken: number[] = [];
    for (const _ of [1, 2, 3]) {
      let bytes = 0;
      const stream = body.open().on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      await expect(
        new Promise((resolve, reject) => stream.on('error', reject).on('end', resolve)),
      ).rejects.toMatchObject({
        code: 'EIO',
        message: 'EIO: i/o error, read',
      });
      taken.push(bytes);
    }
    // Each time drawn anew.
    expect(new Set(taken).size).toBeGreaterThan(1);
    expect(taken.every((bytes) => bytes < 100)).toBe(true);
    expect(events.map(({ error, bytes, rule }) => [error, bytes, rule])).toEqual(
      taken.map((bytes) => ['EIO: i/o error, read', bytes, 'e']),
    );
    expect(faults.evidence('e')).toEqual({ considered: 3, fired: 3, waitedMs: 0 });
  });

  test('what fails is drawn by seed, rule, operation, path and time, in whatever order operations come', async () => {
    const failed = async (fault: DiskFault, order: readonly string[]) => {
      const { clock, events, faulty } = virtual(fault);
      for (const path of order) await clock.run(faulty.write(path, text('x'.repeat(1000))).catch(() => {}));
      return new Set(events.map(({ path, bytes }) => `${path} ${bytes}`));
    };
    const paths = Array.from({ length: 40 }, (_, index) => `wal/${index}`);
    const half = broken('e', { probability: 0.5 });
    const once = await failed(half, paths);
    expect(once.size).toBeGreaterThan(10);
    expect(once.size).toBeLessThan(30);
    expect(await failed(half, [...paths].reverse())).toEqual(once);
    expect(await failed({ ...half, seed: 2 }, paths)).not.toEqual(once);
    expect(await failed({ ...half, rule: 'other' }, paths)).not.toEqual(once);
  });

  test('is broken for the paths that it is about', async () => {
    const { clock, disk, faults, faulty } = virtual(broken('e', { path: '^wal/b' }));
    await clock.run(faulty.write('blocks/wal/b', text('x')));
    await expect(clock.run(faulty.write('wal/b/1', text('x')))).rejects.toThrow('EIO: i/o error, write');
    // Joining pages is one read, of their folder.
    await disk.write('wal/b/1', text('page'));
    await expect(clock.run(faulty.write('blocks/b', files(['wal/b/1'])))).rejects.toThrow('EIO: i/o error, read');
    expect(faults.evidence('e')).toEqual({ considered: 2, fired: 2, waitedMs: 0 });
  });

  test('a disk that fails by itself is told of without a rule; a file that is not there is no failure of it', async () => {
    const { clock, disk, events, faulty } = virtual();
    disk.write = async (path) => {
      throw new Error(`local disk: cannot write ${path}`, {
        cause: Object.assign(new Error('EROFS: read-only'), { code: 'EROFS' }),
      });
    };
    await expect(clock.run(faulty.write('a', text('x')))).rejects.toThrow('cannot write a');
    await expect(clock.run(faulty.read('none'))).rejects.toThrow('no such file');
    expect(events).toMatchObject([{ operation: 'write', path: 'a', error: 'EROFS: read-only' }]);
    expect(events[0]).not.toHaveProperty('rule');
  });
});

test('faults have names of their own', () => {
  const faults = new DiskFaults();
  faults.add(full('f', 1));
  expect(() => faults.add(full('f', 2))).toThrow('disk fault f is in force already');
  expect(() => faults.evidence('g')).toThrow('disk fault g is not in force (in force: f)');
  faults.remove('f');
  expect(() => faults.remove('f')).toThrow('(in force: none)');
});

/** As a reader has to: each piece is taken before the next is asked for. */
async function inPieces(body: Body, signal = new AbortController().signal): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const piece of body.pieces?.(signal) ?? []) all.push(Buffer.from(piece));
  return Buffer.concat(all);
}
