import { expect, test } from 'vitest';
import { CrashLoop, kubeletCrashLoop } from './crash-loop.ts';

const waits = (loop: CrashLoop, count: number) => Array.from({ length: count }, () => loop.wait() / 1000);

test('a writer that cannot start is started again after 10 s, twice that, and so on, and after 5 minutes at most', () => {
  expect(waits(new CrashLoop(kubeletCrashLoop), 8)).toEqual([10, 20, 40, 80, 160, 300, 300, 300]);
});

test('one that has run for 10 minutes begins anew, one that has run for less goes on where it was', () => {
  const loop = new CrashLoop(kubeletCrashLoop);
  expect(waits(loop, 2)).toEqual([10, 20]);
  loop.ran(10 * 60_000 - 1);
  expect(waits(loop, 1)).toEqual([40]);
  loop.ran(10 * 60_000);
  expect(waits(loop, 2)).toEqual([10, 20]);
});

test('one that was stopped on purpose begins anew', () => {
  const loop = new CrashLoop(kubeletCrashLoop);
  waits(loop, 3);
  loop.forget();
  expect(waits(loop, 1)).toEqual([10]);
});
