import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HistoryEvent } from './events.ts';
import { historyFile, mergeParts } from './merge.ts';
import { historyEvents } from './read-history.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'history-merge-'));
  mkdirSync(join(folder, 'parts'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const event = (t: number, where: string): HistoryEvent => ({ t, type: 'harness.error', where, message: '' });
const part = (name: string, ...lines: (HistoryEvent | string)[]) =>
  writeFileSync(
    join(folder, 'parts', name),
    lines.map((line) => (typeof line === 'string' ? line : `${JSON.stringify(line)}\n`)).join(''),
  );
const order = (events: readonly HistoryEvent[]) => events.map((one) => `${one.t} ${'where' in one ? one.where : ''}`);

const merge = async () => historyEvents(await mergeParts(folder));
const readBack = () => historyEvents(join(folder, historyFile));

describe('the parts of a history', () => {
  it('become one, in the order of time; what is of one moment as its part had it', async () => {
    part('b.ndjson', event(2, 'b1'), event(1.5, 'b2'), event(9, 'b3'));
    part('a.ndjson', event(1, 'a1'), event(2, 'a2'), event(2, 'a3'), event(10, 'a4'));
    part('notes.txt', 'not a part');
    const merged = await merge();
    expect(order(merged)).toEqual(['1 a1', '1.5 b2', '2 a2', '2 a3', '2 b1', '9 b3', '10 a4']);
    expect(await readBack()).toEqual(merged);
    expect(readdirSync(folder)).toEqual([historyFile]);
  });

  it('lose no event and gain none, whatever their times', async () => {
    const times = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(fc.array(times, { maxLength: 4 }), async (parts) => {
        mkdirSync(join(folder, 'parts'), { recursive: true });
        for (const [index, ts] of parts.entries()) {
          part(`${index}.ndjson`, ...ts.map((t, at) => event(Object.is(t, -0) ? 0 : t, `${index}-${at}`)));
        }
        const merged = await merge();
        const all = parts.flatMap((ts, index) => ts.map((_, at) => `${index}-${at}`));
        expect(merged.map((one) => 'where' in one && one.where).sort()).toEqual(all.sort());
        for (const [index, { t }] of merged.slice(1).entries()) expect(t).toBeGreaterThanOrEqual(merged[index]?.t ?? 0);
      }),
      { numRuns: 30 },
    );
  });

  it('may be empty', async () => {
    part('a.ndjson');
    expect(await merge()).toEqual([]);
    expect(readFileSync(join(folder, historyFile), 'utf8')).toMatch(
      /^{"t":0,"type":"seal","events":0,"sha256":"[0-9a-f]{64}"}\n$/,
    );
  });

  it.each([
    ['a line edited', '{"t":3,"ty\n', 'this line is not JSON: the history was cut short or edited'],
    ['what is no event', '{"t":"3","type":"phase"}\n', 'this line is not an event (no t, no type)'],
    ['what is no object', 'null\n', 'this line is not an event (no t, no type)'],
  ])('with %s make no history, and stay', async (_what, line, message) => {
    part('a.ndjson', event(1, 'a1'), event(2, 'a2'), line);
    await expect(mergeParts(folder)).rejects.toThrow(`${join(folder, 'parts', 'a.ndjson')}:3: ${message}`);
    expect(readdirSync(folder)).toEqual(['parts']);
    expect(readdirSync(join(folder, 'parts'))).toEqual(['a.ndjson']);
  });

  it('cut short, as by a kill or a full disk, end in an error of the harness, after all else', async () => {
    part('a.ndjson', '{"t":1,"type":"pha');
    part('b.ndjson', event(1, 'b1'), event(9, 'b2'), '{"t":10,"type":"phase","phase":"drain"}');
    part('c.ndjson', event(5, 'c1'));
    const merged = await merge();
    expect(order(merged)).toEqual(['1 b1', '5 c1', '9 b2', '9 a', '9 b']);
    expect(merged.at(-1)).toEqual({
      t: 9,
      type: 'harness.error',
      where: 'b',
      message: 'the part of the history that b wrote was cut short',
    });
    expect(await readBack()).toEqual(merged);
  });

  it('are whole without a half line of a process that a fault killed, and of that one alone', async () => {
    const ended = (what: 'killed' | 'stopped', t: number, ...writers: string[]): HistoryEvent => ({
      t,
      type: 'writer.process',
      what,
      writers,
      rule: '1-writer-crash',
    });
    const killed = (t: number, ...writers: string[]) => ended('killed', t, ...writers);
    const stopped = (t: number, ...writers: string[]) => ended('stopped', t, ...writers);
    const torn = '{"t":3,"type":"atte';
    const cutShort = (events: readonly HistoryEvent[]) =>
      events.flatMap((one) => (one.type === 'harness.error' ? [one.where] : [])).sort();
    part('harness.ndjson', killed(2, 'w-0', 'w-1'), killed(5, 'w-0'));
    part('w-0.ndjson', event(1, 'a'), torn);
    part('w-0.2.ndjson', torn);
    part('w-0.3.ndjson', torn);
    part('w-1.ndjson', torn);
    part('w-1.2.ndjson', torn);
    part('w-2.ndjson', torn);
    part('gateway.ndjson', torn);
    expect(cutShort(await merge())).toEqual(['a', 'gateway', 'w-0.3', 'w-1.2', 'w-2']);

    // Of several processes some are killed, and some stopped: each part ends as its own process did.
    mkdirSync(join(folder, 'parts'));
    part('harness.ndjson', stopped(2, 'w-0', 'w-1'), killed(3, 'w-2'), killed(5, 'w-0'), stopped(7, 'w-2'));
    for (const name of ['w-0', 'w-0.2', 'w-1', 'w-1.2', 'w-2', 'w-2.2', 'w-20']) part(`${name}.ndjson`, torn);
    expect(cutShort(await merge())).toEqual(['w-0', 'w-1', 'w-1.2', 'w-2.2', 'w-20']);

    // What could not start has written its part whole; what was killed while it waited to be started has none.
    mkdirSync(join(folder, 'parts'));
    const refused = (t: number): HistoryEvent => ({
      t,
      type: 'writer.start-failed',
      writer: 'w-0',
      rule: '1-writer-crash',
      start: t - 1,
      error: 'S3 is away',
    });
    part('harness.ndjson', killed(2, 'w-0'), refused(3), killed(4, 'w-0'), refused(5), killed(7, 'w-0'));
    for (const name of ['w-0', 'w-0.2', 'w-0.4', 'w-0.5']) part(`${name}.ndjson`, torn);
    expect(cutShort(await merge())).toEqual(['w-0.2', 'w-0.4']);

    // Half a line is only ever the last one.
    mkdirSync(join(folder, 'parts'));
    part('harness.ndjson', killed(2, 'w-0'));
    part('w-0.ndjson', `${torn}\n`, event(1, 'a'));
    await expect(mergeParts(folder)).rejects.toThrow('w-0.ndjson:1: this line is not JSON');
  });

  it('stay when the whole cannot be put in place, and can be merged later', async () => {
    part('a.ndjson', event(1, 'a1'));
    const inTheWay = join(folder, historyFile);
    mkdirSync(join(inTheWay, 'full'), { recursive: true });
    await expect(mergeParts(folder)).rejects.toThrow();
    expect(existsSync(join(folder, 'parts', 'a.ndjson'))).toBe(true);
    rmSync(inTheWay, { recursive: true });
    expect(order(await merge())).toEqual(['1 a1']);
    expect(readdirSync(folder)).toEqual([historyFile]);
  });

  it('that were left behind after the whole was in place are merged again to the same', async () => {
    writeFileSync(join(folder, historyFile), `${JSON.stringify(event(1, 'a1'))}\n`);
    writeFileSync(join(folder, `${historyFile}.new`), 'cut sho');
    part('a.ndjson', event(1, 'a1'));
    expect(order(await merge())).toEqual(['1 a1']);
    expect(order(await readBack())).toEqual(['1 a1']);
    expect(readdirSync(folder)).toEqual([historyFile]);
  });
});

describe('reading a history', () => {
  it('keeps what breaks lines elsewhere in its line', async () => {
    const odd = { ...event(1, 'a\u2028b\u2029c'), message: '\r' };
    part('a.ndjson', odd);
    await mergeParts(folder);
    expect(await readBack()).toEqual([odd]);
  });

  it('tells that there is none', async () => {
    await expect(readBack()).rejects.toThrow('ENOENT');
  });
});
