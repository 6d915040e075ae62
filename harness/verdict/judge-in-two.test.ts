import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { syntheticRun } from '../bench/judging/synthetic-run.ts';
import { checkers, checkersOfSecondShare } from '../checkers/catalogue.ts';
import { effects } from '../faults/catalogue.ts';
import type { HistoryEvent } from '../history/events.ts';
import { HistoryError } from '../history/history-error.ts';
import { mergeParts, partsFolder } from '../history/merge.ts';
import { readHistoryInPieces } from '../history/read-history.ts';
import type { JudgeOptions } from './judge.ts';
import { judgeFile, judgeInOneThread, judgeInTwoThreads } from './judge-file.ts';
import { isWorthTwo, judgeInTwo } from './judge-in-two.ts';
import { modelRun } from './model-run.ts';
import { secondShareReads } from './second-share.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'judge-in-two-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function historyOf(events: Iterable<HistoryEvent>): Promise<string> {
  mkdirSync(join(folder, partsFolder));
  const text = [...events].map((event) => `${JSON.stringify(event)}\n`).join('');
  writeFileSync(join(folder, partsFolder, 'all.ndjson'), text);
  return mergeParts(folder);
}

function synthetic(events: number): HistoryEvent[] {
  return [...syntheticRun(events, 3)].flatMap((round) => [...round.values()].flat());
}

/** Both, as a report would have it to the byte. */
async function expectTheSame(file: string, options: JudgeOptions): Promise<string> {
  const [one, two] = [await judgeInOneThread(file, options), await judgeInTwoThreads(file, options)];
  expect(two).toStrictEqual(one);
  expect(JSON.stringify(two)).toBe(JSON.stringify(one));
  return one.judgement.verdict;
}

/** What is done to a third of the events of one type: they are not there, or, of what was read back, are others. */
const harms = [
  'block.cut',
  'flush.end',
  'edge',
  'attempt',
  'final.read',
  'phase',
  'fault.end',
  'final.object',
] as const;

test('two threads find what one finds: of a correct writer, of what is left of its history, and of one that lost data', async () => {
  const runs = fc.sample(modelRun, { numRuns: harms.length + 2, seed: 6 });
  const verdicts = new Set<string>();
  for (const [index, { events }] of runs.entries()) {
    const harm = harms[index];
    const left = events.flatMap((event, place) => {
      if (event.type !== harm || place % 3 > 0) return [event];
      return event.type === 'final.object' ? [{ ...event, sha256: 'other bytes' }] : [];
    });
    verdicts.add(await expectTheSame(await historyOf(left), { effects: {} }));
  }
  expect([...verdicts].sort()).toEqual(['fail', 'inconclusive', 'pass']);
});

test('two threads find what one finds: of many writers', async () => {
  expect(await expectTheSame(await historyOf(synthetic(20_000)), { effects })).toBe('pass');
});

test('nobody in the second thread reads how late processes were, or every event', () => {
  // An eighth of the events of a large run.
  expect(secondShareReads.has('lateness')).toBe(false);
  const elsewhere = checkers({}).filter((checker) => !checkersOfSecondShare.includes(checker));
  const everyEvent = checkers({}).filter(({ reads }) => reads === 'every event');
  for (const checker of everyEvent) expect(elsewhere).toContain(checker);
});

test('two threads judge no history that was edited, or is changed meanwhile', async () => {
  const file = await historyOf(synthetic(2_000));
  const touched = async function* () {
    yield* readHistoryInPieces(file, { unsealed: true });
    utimesSync(file, 1, 1);
  };
  await expect(judgeInTwo(file, touched(), { effects })).rejects.toThrow('was changed while it was judged');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"operation":"PutObject"', '"operation":"GetObject"'));
  await expect(judgeInTwoThreads(file, { effects })).rejects.toThrow('its lines are not those that were sealed');
});

test('two threads are for large histories, and what is wrong with one is told in the words of any other', async () => {
  const file = await historyOf(synthetic(2_000));
  expect(await isWorthTwo(file)).toBe(false);
  expect(await isWorthTwo(join(folder, 'no such file'))).toBe(false);
  // A seal, and then 64 MiB of nothing.
  truncateSync(file, 64 * 1024 * 1024);
  expect(await isWorthTwo(file)).toBe(true);
  const told = await judgeFile(file, { effects }).catch((error) => error);
  expect(told).toBeInstanceOf(HistoryError);
  expect(told.message).toBe((await judgeInOneThread(file, { effects }).catch((error) => error)).message);
  expect(told.message).toContain('the history was edited: line');
});
