import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { judge } from '../verdict/judge.ts';
import { judgeFile } from '../verdict/judge-file.ts';
import { modelRun } from '../verdict/model-run.ts';
import type { HistoryEvent } from './events.ts';
import { HistoryError } from './history-error.ts';
import { mergeParts, partsFolder } from './merge.ts';
import { historyEvents } from './read-history.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'history-sealed-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Each event goes to the part that its draw says, and stays in the order that it has there. */
async function merged(events: readonly HistoryEvent[], parts: Iterable<number> = []): Promise<string> {
  mkdirSync(join(folder, partsFolder));
  const texts: string[] = ['', '', '', ''];
  const which = parts[Symbol.iterator]();
  for (const event of events) texts[(which.next().value as number | undefined) ?? 0] += `${JSON.stringify(event)}\n`;
  for (const [part, text] of texts.entries()) writeFileSync(join(folder, partsFolder, `${part}.ndjson`), text);
  return mergeParts(folder);
}

test('a history that was written, merged and read again is judged as it was before', async () => {
  await fc.assert(
    fc.asyncProperty(modelRun, async ({ events }) => {
      const { judgement, scenario, from, until } = await judgeFile(await merged(events), { effects: {} });
      expect(judgement).toEqual(await judge(events, { effects: {} }));
      expect({ scenario, from, until }).toEqual({ scenario: events[0], from: 0, until: 20_002.5 });
    }),
    { numRuns: 30 },
  );
});

test('however events are spread over parts, and however late each was recorded, the history has the same, in order', async () => {
  const lateness = fc.array(fc.record({ part: fc.nat(3), recordedLater: fc.nat(400) }), {
    minLength: 400,
    maxLength: 400,
  });
  await fc.assert(
    fc.asyncProperty(modelRun, lateness, async ({ events }, draws) => {
      const asRecorded = events
        .map((event, index) => ({ event, ...(draws[index % draws.length] as (typeof draws)[number]) }))
        .sort((a, b) => a.event.t + a.recordedLater - b.event.t - b.recordedLater);
      const history = await historyEvents(
        await merged(
          asRecorded.map(({ event }) => event),
          asRecorded.map(({ part }) => part),
        ),
      );
      const lines = (of: readonly HistoryEvent[]) => of.map((event) => JSON.stringify(event)).sort();
      expect(lines(history)).toEqual(lines(events));
      for (const [index, event] of history.slice(1).entries())
        expect(event.t).toBeGreaterThanOrEqual(history[index]?.t ?? 0);
    }),
    { numRuns: 30 },
  );
});

/** What is done to the bytes of a history. */
type Damage = (bytes: Buffer, at: number, value: number) => Buffer;
const damages: Record<string, Damage> = {
  'one byte is another one': (bytes, at, value) => {
    const changed = Buffer.from(bytes);
    changed[at] = ((changed[at] as number) + 1 + (value % 255)) % 256;
    return changed;
  },
  'it is cut short': (bytes, at) => bytes.subarray(0, at),
  'one byte is gone': (bytes, at) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]),
  'one byte is added': (bytes, at, value) =>
    Buffer.concat([bytes.subarray(0, at), Buffer.of(value), bytes.subarray(at)]),
  'something comes after it': (bytes, at, value) => Buffer.concat([bytes, Buffer.alloc(1 + (at % 50), value)]),
  'a line is gone': (bytes, at) => withLines(bytes, (lines) => lines.toSpliced(at % lines.length, 1)),
  'a line is there twice': (bytes, at) =>
    withLines(bytes, (lines) => lines.toSpliced(at % lines.length, 0, lines[at % lines.length] as string)),
  'two lines changed places': (bytes, at) =>
    withLines(bytes, (lines) => {
      const first = at % (lines.length - 1);
      return lines.toSpliced(first, 2, lines[first + 1] as string, lines[first] as string);
    }),
};

function withLines(bytes: Buffer, change: (lines: string[]) => string[]): Buffer {
  return Buffer.from(change(bytes.toString().match(/.*\n/g) ?? []).join(''));
}

test.each(Object.entries(damages))('a history is refused when %s, wherever that is', async (_, damage) => {
  await fc.assert(
    fc.asyncProperty(modelRun, fc.nat(), fc.nat(255), async ({ events }, where, value) => {
      const file = await merged(events);
      const bytes = readFileSync(file);
      const damaged = damage(bytes, where % bytes.length, value);
      fc.pre(!damaged.equals(bytes));
      writeFileSync(file, damaged);
      const error = await judgeFile(file, { effects: {} }).catch((reason) => reason);
      expect(error).toBeInstanceOf(HistoryError);
      expect(error.message).toMatch(/cut short|edited|no seal|is empty|of format|not an event|cannot be read/);
      expect(error.remedy).not.toBe('');
    }),
    { numRuns: 60 },
  );
});
