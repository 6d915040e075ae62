import { expect, it } from 'vitest';
import { type Clock, realClock } from '../clock.ts';
import { median } from '../median.ts';
import { punctually } from './punctual.ts';

it('is never early, and late only as the machine is', async () => {
  const late: number[] = [];
  for (let count = 0; count < 60; count++) {
    const ms = (count % 20) + 0.7;
    const begun = realClock.now();
    await new Promise<void>((resolve) => punctually(realClock, ms, resolve));
    late.push(realClock.now() - begun - ms);
  }
  expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
  expect(median(late)).toBeLessThan(5);
});

it('does not come once cancelled', async () => {
  let came = false;
  const cancel = punctually(realClock, 20, () => {
    came = true;
  });
  cancel();
  await realClock.sleep(40);
  expect(came).toBe(false);
});

it('does not come once cancelled in its last stretch', async () => {
  let came = false;
  let now = 0;
  const atOnce: Clock = {
    ...realClock,
    now: () => now,
    after: (_, then) => {
      then();
      return () => {};
    },
  };
  const cancel = punctually(atOnce, 1, () => {
    came = true;
  });
  cancel();
  now = 2;
  await realClock.sleep(20);
  expect(came).toBe(false);
});
