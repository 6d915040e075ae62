import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { exampleRun } from './example-environment.ts';
import { diagnoseMemoryDisk, MEMORY_DISK_BYTES, MemoryDisk } from './memory-disk.ts';
import { openNativeDisk } from './native-disk.ts';
import { startProcess } from './native-process.ts';
import type { Register } from './register.ts';
import { readRecord } from './run-record.ts';

let state: string;
let register: Register;
let close: () => Promise<void>;
const platform = process.platform;

beforeEach(async () => {
  ({ state, register, close } = await exampleRun());
});
afterEach(async () => {
  Object.defineProperty(process, 'platform', { value: platform });
  vi.restoreAllMocks();
  await close();
});

/** A program of this name comes before the real one on PATH. */
function putOnPath(name: string, script: string): void {
  const file = join(state, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  vi.stubEnv('PATH', `${state}:${process.env.PATH}`);
}

const works = await diagnoseMemoryDisk();

const isRoot = process.getuid?.() === 0;
const ways = isRoot ? (['as root', 'as anyone'] as const) : (['as anyone'] as const);

describe.runIf(works.works).each(ways)('%s, where it can be had', (way) => {
  beforeEach(() => {
    if (isRoot && way === 'as anyone') vi.spyOn(process, 'getuid').mockReturnValue(1000);
  });
  async function mounted(): Promise<{ disk: MemoryDisk; folder: string }> {
    const folder = join(state, 'disk');
    mkdirSync(folder);
    const disk = await MemoryDisk.mount(folder, register);
    if ('problem' in disk) throw new Error(disk.problem);
    return { disk, folder };
  }

  /** Runs a shell command inside, and gives what it said. */
  async function inside(disk: MemoryDisk, command: string): Promise<string> {
    const shell = {
      name: 'shell',
      file: 'sh',
      args: ['-c', `LC_ALL=C; export LC_ALL; ${command}`],
      env: {},
      folder: state,
    };
    const program = startProcess(disk.inside(shell), register);
    await program.ended;
    return program.output();
  }

  test('what is left is what was asked for, whatever is written, and all of it comes back', async () => {
    const { disk, folder } = await mounted();
    await inside(disk, `head -c 3000000 /dev/zero >${folder}/before`);
    await disk.fill(1_000_000);
    expect(await inside(disk, `head -c 2000000 /dev/zero >${folder}/more`)).toMatch(/No space left on device/);
    const size = Number(await inside(disk, `stat -c %s ${folder}/more`));
    expect(size).toBeGreaterThan(1_000_000 - 4096);
    expect(size).toBeLessThanOrEqual(1_000_000 + 4096);
    expect(await inside(disk, `stat -c %s ${folder}/before`)).toBe('3000000');
    await disk.empty();
    expect(await inside(disk, `head -c 20000000 /dev/zero >${folder}/more && echo written`)).toBe('written');
    await disk.close();
  });

  test('fewer bytes than are free already are left, or it is refused', async () => {
    const { disk } = await mounted();
    await expect(disk.fill(MEMORY_DISK_BYTES)).rejects.toThrow(
      `${MEMORY_DISK_BYTES} bytes are free on its data disk of ${MEMORY_DISK_BYTES}: it cannot be filled until`,
    );
    await disk.close();
  });

  test('a mount that does not do what it was told is told', async () => {
    const { disk } = await mounted();
    putOnPath('mount', 'echo "mount: no" >&2; exit 32');
    await expect(disk.fill(1000)).rejects.toThrow(
      'its data disk cannot be resized: mount ended with code 32: mount: no',
    );
    await disk.close();
  });

  test('it is entered, and gone with its process', async () => {
    const { disk, folder } = await mounted();
    expect(readRecord(register.id).processes.map(({ name }) => name)).toEqual(['data-disk']);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(folder);
    await disk.close();
    expect(readRecord(register.id).processes).toEqual([]);
    await expect(disk.fill(1)).rejects.toThrow();
  });
});

test('where the system forbids it, its words are told, and what to do', async () => {
  putOnPath('unshare', 'echo "unshare: unshare failed: Operation not permitted" >&2; exit 1');
  const problem =
    'a file system with a size of its own cannot be mounted: unshare: unshare failed: Operation not permitted';
  const told = { problem, remedy: expect.stringMatching(/^run it as root, .*or use --environment docker$/) };
  expect(await diagnoseMemoryDisk()).toEqual({ works: false, ...told });
  expect(await MemoryDisk.mount(state, register)).toEqual(told);
  expect(readRecord(register.id).processes).toEqual([]);
  const disk = await openNativeDisk('lease', true, 'minio', register);
  expect(disk.space).toEqual({ limited: false, ...told });
  await disk.close();
});

test('on another system nothing is tried', async () => {
  Object.defineProperty(process, 'platform', { value: 'darwin' });
  const told = {
    problem: 'a file system with a size of its own is made by means of Linux, and this is darwin',
    remedy: 'run it on Linux',
  };
  expect(await diagnoseMemoryDisk()).toEqual({ works: false, ...told });
  expect(await MemoryDisk.mount(state, register)).toEqual(told);
});
