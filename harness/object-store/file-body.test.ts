import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileBody } from './file-body.ts';

const bytes = randomBytes(700_001);
const sha256 = (part: Buffer) => createHash('sha256').update(part).digest('hex');
let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-body-'));
  file = join(folder, 'data.parquet');
  await writeFile(file, bytes);
});
afterAll(() => rm(folder, { recursive: true }));

describe('FileBody', () => {
  it('is the whole file, as often as it is opened', async () => {
    const body = await FileBody.whole(file);
    expect(body.size).toBe(700_001);
    expect((await buffer(body.open())).equals(bytes)).toBe(true);
    expect((await buffer(body.open())).equals(bytes)).toBe(true);
    expect(await body.sha256()).toBe(sha256(bytes));
  });

  it('gives a range of a range', async () => {
    const slice = (await FileBody.whole(file)).slice(100, 600_000).slice(50, 300_050);
    const expected = bytes.subarray(150, 300_150);
    expect(slice.size).toBe(300_000);
    expect((await buffer(slice.open())).equals(expected)).toBe(true);
    expect(await slice.sha256()).toBe(sha256(expected));
  });

  it('is read at once when it is small: a range of it, and what is left of a file that was cut short', async () => {
    const whole = await FileBody.whole(file);
    expect(whole.atOnce()).toBeUndefined();
    expect(whole.slice(0, 64 * 1024 + 1).atOnce()).toBeUndefined();
    expect(whole.slice(1000, 1000 + 64 * 1024).atOnce()).toEqual(bytes.subarray(1000, 1000 + 64 * 1024));
    expect(whole.slice(7, 7).atOnce()).toHaveLength(0);
    const name = join(folder, 'cut');
    await writeFile(name, 'a whole object');
    const body = (await FileBody.whole(name)).slice(2, 14);
    await writeFile(name, 'a who');
    expect(body.atOnce()?.toString()).toBe('who');
    await unlink(name);
    expect(() => body.atOnce()).toThrow('ENOENT');
  });

  it('can be empty', async () => {
    const empty = (await FileBody.whole(file)).slice(7, 7);
    expect(empty.size).toBe(0);
    expect(await buffer(empty.open())).toHaveLength(0);
    expect(await empty.sha256()).toBe(sha256(Buffer.alloc(0)));
  });

  it('refuses a range that it does not have', async () => {
    const body = (await FileBody.whole(file)).slice(100, 200);
    expect(() => body.slice(0, 101)).toThrow('no slice from 0 to 101');
    expect(() => body.slice(-1, 10)).toThrow('no slice from -1 to 10');
    expect(() => body.slice(20, 10)).toThrow('no range');
  });

  it('hashes once, not at all if the hash is known, and again if the file could not be read', async () => {
    const name = join(folder, 'other');
    await writeFile(name, 'one');
    const body = await FileBody.whole(name);
    const known = await FileBody.whole(name, 'known');
    await unlink(name);
    expect(await known.sha256()).toBe('known');
    await expect(body.sha256()).rejects.toThrow('ENOENT');
    await writeFile(name, 'one');
    expect(await body.sha256()).toBe(sha256(Buffer.from('one')));
    await unlink(name);
    expect(await body.sha256()).toBe(sha256(Buffer.from('one')));
  });

  it('is not made of a file that is not there', async () => {
    await expect(FileBody.whole(join(folder, 'nothing'))).rejects.toThrow('ENOENT');
  });
});
