import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import type { HistoryEvent } from './events.ts';
import { HistoryPart } from './part.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'history-part-'));
  file = join(folder, 'client.ndjson');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const event = (t: number): HistoryEvent => ({ t, type: 'phase', phase: 'lease' });
const written = () =>
  readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as HistoryEvent).t);

describe('a part', () => {
  it('holds every event in the order in which they came, once it is closed', async () => {
    const part = new HistoryPart(file);
    for (let t = 0; t < 20_000; t++) part.record(event(t));
    await part.close();
    expect(written()).toEqual(Array.from({ length: 20_000 }, (_, t) => t));
  });

  it('is appended to what is there', async () => {
    for (const t of [1, 2]) {
      const part = new HistoryPart(file);
      part.record(event(t));
      await part.close();
    }
    expect(written()).toEqual([1, 2]);
  });

  it('without events is an empty file', async () => {
    await new HistoryPart(file).close();
    expect(written()).toEqual([]);
  });

  it('has a line for an event with line breaks in it', async () => {
    const part = new HistoryPart(file);
    part.record({ t: 1, type: 'harness.error', where: 'a\nb', message: 'c\r\nd\u2028' });
    await part.close();
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(2);
  });

  it('can be closed twice, also at once', async () => {
    const part = new HistoryPart(file);
    part.record(event(1));
    await Promise.all([part.close(), part.close()]);
    await part.close();
    expect(written()).toEqual([1]);
  });

  it('takes what comes while it is closed, and after', async () => {
    const part = new HistoryPart(file);
    part.record(event(1));
    const closed = part.close();
    part.record(event(2));
    await closed;
    part.record(event(3));
    expect(written().sort()).toEqual([1, 2, 3]);
  });

  it('leaves out what comes when the parts have been merged, and refuses aloud what cannot be appended before', async () => {
    const part = new HistoryPart(file);
    await part.close();
    rmSync(file);
    mkdirSync(file);
    expect(() => part.record(event(1))).toThrow(
      `history: ${file} is closed, and a later phase event cannot be written: EISDIR`,
    );
    rmSync(folder, { recursive: true });
    part.record(event(1));
    expect(existsSync(folder)).toBe(false);
  });
});

describe('a part that is written at once', () => {
  it('has each event in its file before the next one comes, and all else as any part', async () => {
    const part = new HistoryPart(file, { atOnce: true });
    for (let t = 0; t < 100; t++) {
      part.record(event(t));
      expect(written()).toHaveLength(t + 1);
    }
    await Promise.all([part.close(), part.close()]);
    part.record(event(100));
    expect(written()).toEqual(Array.from({ length: 101 }, (_, t) => t));
    const again = new HistoryPart(file, { atOnce: true });
    await again.close();
    expect(written()).toHaveLength(101);
  });

  it('tells when it is closed that it could not be written, whatever was recorded', async () => {
    const nowhere = join(folder, 'none', 'x');
    const part = new HistoryPart(nowhere, { atOnce: true });
    part.record(event(1));
    for (const _ of [1, 2]) await expect(part.close()).rejects.toThrow(`history: cannot write ${nowhere}: ENOENT`);
    await expect(new HistoryPart(nowhere, { atOnce: true }).close()).rejects.toThrow('ENOENT');
  });

  it.runIf(existsSync('/dev/full'))('tells of a full disk', async () => {
    const part = new HistoryPart('/dev/full', { atOnce: true });
    part.record(event(1));
    await expect(part.close()).rejects.toThrow('history: cannot write /dev/full: ENOSPC');
  });
});

describe('a part that cannot be written', () => {
  it('tells so when it is closed, each time: no folder', async () => {
    file = join(folder, 'none', 'client.ndjson');
    const part = new HistoryPart(file);
    part.record(event(1));
    for (const _ of [1, 2]) await expect(part.close()).rejects.toThrow(`history: cannot write ${file}: ENOENT`);
  });

  it('tells so: no folder, and nothing recorded', async () => {
    await expect(new HistoryPart(join(folder, 'none', 'x')).close()).rejects.toThrow('ENOENT');
  });

  it('tells so when that was long before', async () => {
    const part = new HistoryPart(join(folder, 'none', 'x'));
    part.record(event(1));
    await realClock.sleep(100);
    part.record(event(2));
    await expect(part.close()).rejects.toThrow('ENOENT');
  });

  it.runIf(existsSync('/dev/full'))('tells so: a full disk', async () => {
    const part = new HistoryPart('/dev/full');
    part.record(event(1));
    await expect(part.close()).rejects.toThrow('history: cannot write /dev/full: ENOSPC');
  });
});
