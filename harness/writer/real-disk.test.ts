import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Random } from '../random.ts';
import { files, seeded, text } from './local-disk.ts';
import { RealDisk } from './real-disk.ts';

const random = new Random(7);
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
let root: string;
let disk: RealDisk;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-disk-'));
  disk = new RealDisk(root);
});
afterEach(() => rm(root, { recursive: true }));

test('says of what it wrote the size and the hash that the file has', async () => {
  const pages = [
    await disk.write('wal/x/0000000001', seeded(random, 700_001, 'page', 1)),
    await disk.write('wal/x/0000000002', seeded(random, 300_000, 'page', 2)),
  ];
  expect(pages.map((page) => page.size)).toEqual([700_001, 300_000]);
  const written = await disk.write('blocks/t/x/data.parquet', files(['wal/x/0000000001', 'wal/x/0000000002']));

  const bytes = await readFile(join(root, 'blocks/t/x/data.parquet'));
  expect(written).toEqual({ size: 1_000_001, sha256: sha256(bytes) });
  const first = Buffer.concat(await random.stream(700_001, 'page', 1).toArray());
  const second = Buffer.concat(await random.stream(300_000, 'page', 2).toArray());
  expect(bytes.equals(Buffer.concat([first, second]))).toBe(true);
});

test('reads what it wrote, as often as wanted', async () => {
  await disk.write('blocks/index', text('{"rowGroups":[]}'));
  const body = await disk.read('blocks/index');
  for (const _ of [1, 2]) expect(Buffer.concat(await body.open().toArray()).toString()).toBe('{"rowGroups":[]}');
  expect(await body.sha256()).toBe(sha256(Buffer.from('{"rowGroups":[]}')));
});

test('replaces what a file held', async () => {
  await disk.write('meta.json', text('a long text'));
  await disk.write('meta.json', text('short'));
  expect(await readFile(join(root, 'meta.json'), 'utf8')).toBe('short');
});

test('removes a folder, and does not mind when it is gone', async () => {
  await disk.write('blocks/t/x/data.parquet', text('x'));
  await disk.remove('blocks/t/x');
  await disk.remove('blocks/t/x');
  expect(await readdir(join(root, 'blocks/t'))).toEqual([]);
});

test('a disk that cannot be written says which file, and why', async () => {
  await disk.write('wal', text('a file where a folder should be'));
  await expect(disk.write('wal/x/0000000001', seeded(random, 10, 1))).rejects.toThrow(
    /^local disk: cannot write wal\/x\/0000000001 \(0 bytes in\): E(NOTDIR|EXIST)/,
  );
  await expect(disk.read('blocks/none')).rejects.toThrow('local disk: cannot read blocks/none: ENOENT');
});

// /dev/full refuses every write with ENOSPC; only Linux has it.
test.skipIf(!(await stat('/dev/full').catch(() => undefined)))('a full disk says so', async () => {
  await expect(new RealDisk('/dev').write('full', seeded(random, 10_000, 1))).rejects.toThrow(
    /cannot write full \(0 bytes in\): ENOSPC: no space left on device/,
  );
});

test('what a gate lets through is written, and no more; the first bytes come when the file is made', async () => {
  await disk.write('meta.json', text('a long text that was there before'));
  const gate = async (bytes: number) => {
    if (bytes === 0) return 0;
    if (bytes <= 3) throw new Error('ENOSPC: no space left on device, write');
    return bytes - 3;
  };
  await expect(disk.write('meta.json', { kind: 'gated', content: text('0123456789'), gate })).rejects.toThrow(
    'local disk: cannot write meta.json (7 bytes in): ENOSPC: no space left on device, write',
  );
  expect(await readFile(join(root, 'meta.json'), 'utf8')).toBe('0123456');
  const closed = async () => {
    throw new Error('EIO: i/o error, write');
  };
  await expect(disk.write('meta.json', { kind: 'gated', content: text('x'), gate: closed })).rejects.toThrow('EIO');
  expect(await readFile(join(root, 'meta.json'), 'utf8')).toBe('0123456');
});

test('a text is written over what the file held, which is at no moment shorter than the text that comes', async () => {
  await disk.write('meta.json', text('what was there before'));
  const seen: string[] = [];
  const gate = async (bytes: number) => {
    seen.push(await readFile(join(root, 'meta.json'), 'utf8'));
    return Math.min(bytes, 4);
  };
  await disk.write('meta.json', { kind: 'gated', content: text('0123456789'), gate });
  expect(seen).toEqual([
    'what was there before',
    'what was there before',
    '0123 was there before',
    '01234567 there before',
  ]);
  expect(await readFile(join(root, 'meta.json'), 'utf8')).toBe('0123456789');
});

test('lists all files of a folder, and nothing of one that is not there', async () => {
  for (const path of ['wal/b/0000000002', 'wal/b/0000000001', 'wal/a/meta.json', 'blocks/x'])
    await disk.write(path, text(path));
  expect(await disk.list('wal')).toEqual([
    { path: 'wal/a/meta.json', size: 15 },
    { path: 'wal/b/0000000001', size: 16 },
    { path: 'wal/b/0000000002', size: 16 },
  ]);
  expect((await disk.list('')).map(({ path }) => path)).toHaveLength(4);
  expect(await disk.list('none')).toEqual([]);
});
