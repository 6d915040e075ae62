import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../clock.ts';
import {
  newResultsFolder,
  ResultsError,
  removeIfEmpty,
  resultsError,
  writeResult,
  writingResults,
} from './results-folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'results-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const clock = new VirtualClock(new Date('2026-02-03T04:05:06.789Z'));

async function refusal(made: Promise<unknown>): Promise<[string, string]> {
  const error = await made.then(
    () => 'it was made',
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(ResultsError);
  return [error.message, error.remedy];
}

describe('the folder of a run', () => {
  it('is named by its time, below a folder that is made if it is missing', async () => {
    const made = await newResultsFolder(join(folder, 'deep', 'er'), clock);
    expect(basename(made)).toMatch(/^2026-02-03T04-05-06-[0-9a-f]{4}$/);
    expect(readdirSync(join(folder, 'deep', 'er'))).toEqual([basename(made)]);
    expect(readdirSync(made)).toEqual([]);
  });

  it('is never one that was there before', async () => {
    const drawn = ['aaaa', 'aaaa', 'aaaa', 'bbbb'];
    const letters = () => drawn.shift() as string;
    const first = await newResultsFolder(folder, clock, letters);
    writeFileSync(join(first, 'verdict.json'), '{}');
    const second = await newResultsFolder(folder, clock, letters);
    expect([first, second].map((path) => basename(path).slice(-4))).toEqual(['aaaa', 'bbbb']);
    expect(readdirSync(first)).toEqual(['verdict.json']);
  });

  it('is one for each of several runs that start at once', async () => {
    const out = join(folder, 'a', 'b', 'c');
    const made = await Promise.all(Array.from({ length: 50 }, () => newResultsFolder(out, clock)));
    expect(new Set(made).size).toBe(50);
    expect(readdirSync(out)).toHaveLength(50);
  });

  it('cannot be made where a file is in the way', async () => {
    writeFileSync(join(folder, 'file'), 'kept');
    for (const out of [join(folder, 'file'), join(folder, 'file', 'below')]) {
      const [message, remedy] = await refusal(newResultsFolder(out, clock));
      expect(message).toMatch(/^results cannot go to .*file.*: a part of its path is a file$/);
      expect(remedy).toBe('name another folder with --out');
    }
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('kept');
  });

  it.runIf(process.platform === 'linux')('cannot be made where nothing can be made, and says so at once', async () => {
    const [message] = await refusal(newResultsFolder('/proc/results/here', clock));
    expect(message).toMatch(
      /^results cannot go to \/proc\/results\/here\/.*: nothing can be made in the folder above it$/,
    );
  });

  it('gives up when every name is taken', async () => {
    await newResultsFolder(folder, clock, () => 'aaaa');
    const [message] = await refusal(newResultsFolder(folder, clock, () => 'aaaa'));
    expect(message).toMatch(/-aaaa: .* there already$/);
  });
});

describe('the folder of a run that is over', () => {
  it('goes when nothing was written to it, and stays with all that was', async () => {
    const [empty, used] = [await newResultsFolder(folder, clock), await newResultsFolder(folder, clock)];
    await writeResult(join(used, 'verdict.json'), '{}');
    await removeIfEmpty(empty);
    await removeIfEmpty(used);
    expect(readdirSync(folder)).toEqual([basename(used)]);
    expect(readdirSync(used)).toEqual(['verdict.json']);
  });
});

describe('work that writes results', () => {
  const full = Object.assign(new Error('no space left on device, write'), { code: 'ENOSPC' });

  it.each([
    ['itself', full],
    ['in its cause', new Error('history: cannot write', { cause: full })],
  ])('fails in words when the file system fails it, %s', async (_, error) => {
    const [message] = await refusal(writingResults('/mnt/out', () => Promise.reject(error)));
    expect(message).toBe('results cannot go to /mnt/out: the disk is full');
  });

  it('fails as it does for any other reason, and gives what it gives', async () => {
    const reason = new Error('interrupted');
    await expect(writingResults('/mnt/out', () => Promise.reject(reason))).rejects.toBe(reason);
    expect(await writingResults('/mnt/out', async () => 7)).toBe(7);
  });
});

describe('a result', () => {
  it('is written, over what was there', async () => {
    const file = join(folder, 'verdict.json');
    await writeResult(file, 'one');
    await writeResult(file, 'two');
    expect(readdirSync(folder)).toEqual(['verdict.json']);
    expect(readFileSync(file, 'utf8')).toBe('two');
  });

  it('that cannot be written leaves nothing behind', async () => {
    const file = join(folder, 'verdict.json');
    mkdirSync(file);
    await refusal(writeResult(file, 'one'));
    expect(readdirSync(folder)).toEqual(['verdict.json']);
    const [message] = await refusal(writeResult(join(folder, 'none', 'verdict.json'), 'one'));
    expect(message).toBe(
      `results cannot go to ${folder}/none/verdict.json: nothing can be made in the folder above it`,
    );
  });
});

it.each([
  ['ENOSPC', 'the disk is full', 'free some space, or name a folder on another disk with --out'],
  ['EDQUOT', 'the disk is full', 'free some space, or name a folder on another disk with --out'],
  ['EACCES', 'it may not be written', 'name another folder with --out, or run as a user who may write there'],
  ['EPERM', 'it may not be written', 'name another folder with --out, or run as a user who may write there'],
  ['EROFS', 'it is on a file system that is read-only', 'name another folder with --out'],
  ['EIO', 'i/o error, write', 'name another folder with --out'],
])('%s in words', (code, problem, remedy) => {
  const cause = Object.assign(new Error('i/o error, write'), { code });
  const error = resultsError('/mnt/out', cause);
  expect([error.message, error.remedy]).toEqual([`results cannot go to /mnt/out: ${problem}`, remedy]);
  expect(error.cause).toBe(cause);
});
