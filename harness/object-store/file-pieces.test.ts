import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { realClock } from '../clock.ts';
import { filePieces, PieceMemory } from './file-pieces.ts';

const bytes = randomBytes(1_000_003);
let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-pieces-'));
  file = join(folder, 'data.parquet');
  await writeFile(file, bytes);
});
afterAll(() => rm(folder, { recursive: true }));

/** As a reader has to: each piece is taken before the next is asked for. */
async function taken(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(Buffer.from(piece));
  return Buffer.concat(all);
}

test('gives the whole file, or a range of it, or nothing', async () => {
  expect((await taken(filePieces(file))).equals(bytes)).toBe(true);
  expect((await taken(filePieces(file, 3, 999_999))).equals(bytes.subarray(3, 999_999))).toBe(true);
  expect((await taken(filePieces(file, 262_143, 524_289))).equals(bytes.subarray(262_143, 524_289))).toBe(true);
  expect(await taken(filePieces(file, 7, 7))).toHaveLength(0);
});

test('a piece holds while the reader is busy with it, however long, and all are in the same memory', async () => {
  const memory = new PieceMemory();
  const halves = new Set<ArrayBufferLike>();
  let at = 0;
  for await (const piece of filePieces(file, 0, bytes.length, memory)) {
    // The next one is read meanwhile.
    await realClock.sleep(20);
    expect(piece.equals(bytes.subarray(at, at + piece.length))).toBe(true);
    at += piece.length;
    halves.add(piece.buffer);
  }
  expect(at).toBe(bytes.length);
  expect(halves.size).toBe(2);
  for await (const piece of filePieces(file, 0, bytes.length, memory)) expect(halves).toContain(piece.buffer);
});

test('ends where the file ends by now', async () => {
  const name = join(folder, 'cut');
  await writeFile(name, bytes);
  await truncate(name, 300_000);
  expect((await taken(filePieces(name, 100, bytes.length))).equals(bytes.subarray(100, 300_000))).toBe(true);
});

test('says that there is no file', async () => {
  await expect(taken(filePieces(join(folder, 'nothing')))).rejects.toThrow('ENOENT');
});

test.runIf(process.platform === 'linux')('leaves no file open, of a reader that stops early either', async () => {
  const open = () => readdirSync('/proc/self/fd').length;
  await taken(filePieces(file));
  const before = open();
  for (let i = 0; i < 10; i++) {
    await taken(filePieces(file));
    for await (const _ of filePieces(file)) break;
  }
  expect(open()).toBe(before);
});
