import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readlink, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { realClock } from '../clock.ts';
import { lockFolder, moveAside } from './folder-lock.ts';
import { RealDisk } from './real-disk.ts';

let folder: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-lock-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

async function childThatWaits(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log("up")'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  return child;
}

test('a second writer on a folder is refused, with the folder and the holder, until the first gives it free', async () => {
  const lock = await lockFolder(folder, 'ingester-0');
  await expect(lockFolder(folder, 'ingester-1')).rejects.toThrow(
    `writer: cannot start ingester-1 on ${folder}: ingester-0 of process ${process.pid} holds it: stop that one first`,
  );
  lock.release();
  const other = await lockFolder(folder, 'ingester-1');
  // Not the lock of another.
  lock.release();
  await expect(lockFolder(folder, 'ingester-0')).rejects.toThrow('ingester-1 of process');
  other.release();
  expect(await readdir(folder)).toEqual([]);
});

test('the lock of a process that was killed is taken over, that of one that runs is not', async () => {
  const child = await childThatWaits();
  await symlink(`${child.pid}::ingester-0`, join(folder, 'writer.lock'));
  await expect(lockFolder(folder, 'ingester-1')).rejects.toThrow(`ingester-0 of process ${child.pid} holds it`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = await lockFolder(folder, 'ingester-1');
  expect(await readdir(folder)).toEqual(['writer.lock']);
  lock.release();
});

// Only Linux tells when a process began.
test.skipIf(process.platform !== 'linux')('the lock of an earlier process of the same id is taken over', async () => {
  await symlink(`${process.pid}:1:ingester-0`, join(folder, 'writer.lock'));
  (await lockFolder(folder, 'ingester-1')).release();
});

test.skipIf(process.platform !== 'linux')(
  'a process that has ended, and was not collected, holds nothing',
  async () => {
    // Its parent becomes another program, which does not know of it.
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    children.push(parent);
    const [pid] = await once(parent.stdout as NodeJS.ReadableStream, 'data');
    const state = () => readFileSync(`/proc/${Number(pid)}/stat`, 'utf8').split(') ')[1]?.[0];
    for (const until = realClock.now() + 10_000; state() !== 'Z' && realClock.now() < until; )
      await realClock.sleep(10);
    expect(state()).toBe('Z');
    await symlink(`${Number(pid)}::ingester-0`, join(folder, 'writer.lock'));
    (await lockFolder(folder, 'ingester-1')).release();
  },
);

test('a lock that another took over in between is left to it', async () => {
  const path = join(folder, 'writer.lock');
  await symlink('1:2:ingester-0', path);
  await moveAside(path, '3:4:one that was killed');
  expect([await readdir(folder), await readlink(path)]).toEqual([['writer.lock'], '1:2:ingester-0']);
  await moveAside(path, '1:2:ingester-0');
  expect(await readdir(folder)).toEqual([]);
});

test('of many that take over a stale lock at once, one has it', async () => {
  const child = await childThatWaits();
  child.kill('SIGKILL');
  await once(child, 'exit');
  await symlink(`${child.pid}::ingester-0`, join(folder, 'writer.lock'));
  const taken = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => lockFolder(folder, `w${index}`)));
  expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('the lock is no file of the disk, and a folder that is not there says so', async () => {
  const lock = await lockFolder(folder, 'ingester-0');
  expect(await new RealDisk(folder).list('')).toEqual([]);
  lock.release();
  await expect(lockFolder(join(folder, 'none'), 'ingester-0')).rejects.toThrow(/^writer: cannot lock .*none: ENOENT/);
});
