import { expect, it } from 'vitest';
import type { ScenarioResult } from '../scenario/run-result.ts';
import { exampleResult } from './example-run.ts';
import { configTime, count, dataFigure, latencyMs, passedTime, recoveryFigure } from './figures.ts';

it('rounds a duration of the config to what matters', () => {
  const shown = [0, 12.4, 849.6, 3_249, 45_400, 90_000, 59_999, 300_000, 7_530_000].map(configTime);
  expect(shown).toEqual(['0s', '12ms', '850ms', '3.2s', '45s', '1m30s', '1m', '5m', '2h6m']);
});

it('tells how long a person waited', () => {
  expect([420, 9_876, 9_960, 32_100, 59_600, 125_000].map(passedTime)).toEqual([
    '0.4 s',
    '9.9 s',
    '10 s',
    '32 s',
    '1 min 0 s',
    '2 min 5 s',
  ]);
});

it('shows a latency with as many digits as it has meaning, and none where none was measured', () => {
  expect([null, 0.04, 3.14, 12.9, 1234.5].map(latencyMs)).toEqual(['-', '0.0', '3.1', '13', '1235']);
});

it('tells a recovery that never came from one of no time, and from one that there was nothing for', () => {
  const budget = { budgetMs: 180_000 };
  const figure = (ms: number | null, changed: Partial<ScenarioResult> = {}) =>
    recoveryFigure(exampleResult({ recovery: { ms, ...budget }, ...changed }));
  expect(figure(12_345)).toBe('12s of 3m');
  expect(figure(12_345, { recovery: { ms: 12_345, budgetMs: null } })).toBe('12s');
  expect(figure(0)).toBe('0s of 3m');
  expect(figure(null)).toBe('not in 3m');
  expect(figure(0, { blocks: { cut: 0, flushed: 0, readBack: 0, lost: 0 } })).toBe('-');
});

it('counts in English', () => {
  expect([0, 1, 2].map((number) => count(number, 'block'))).toEqual(['0 blocks', '1 block', '2 blocks']);
  expect(count(2, 'flush', 'es')).toBe('2 flushes');
});

it('tells how much data there was, and leaves out what did not happen', () => {
  const data = { pushed: 4e9, refused: 0, liveLost: 0, peakBacklog: 1.2e9 };
  expect(dataFigure({ data })).toBe('4GB pushed, 1.2GB at most on a disk and not in S3');
  expect(dataFigure({ data: { ...data, refused: 12e6, liveLost: 3e6 } })).toBe(
    '4GB pushed, 12MB refused, 3MB of live traces lost, 1.2GB at most on a disk and not in S3',
  );
  expect(dataFigure({ data: { pushed: 0, refused: 0, liveLost: 0, peakBacklog: 0 } })).toBeUndefined();
});
