import { expect, test } from 'vitest';
import { VirtualClock } from '../clock.ts';
import { allOrNone } from './all-or-none.ts';

const never = new AbortController().signal;

test('gives what all came to, in their order', async () => {
  const clock = new VirtualClock();
  const all = allOrNone(never, () => [clock.sleep(20).then(() => 'late'), clock.sleep(10).then(() => 'early')]);
  expect(await clock.run(all)).toEqual(['late', 'early']);
});

test('the first that fails ends the others, and is what is thrown once they have ended', async () => {
  const clock = new VirtualClock();
  const ended: string[] = [];
  const waits = (name: string, over: AbortSignal) =>
    clock.sleep(60_000, over).catch(async (error) => {
      await clock.sleep(5);
      ended.push(`${name}: ${error.message} at ${clock.now()}`);
      throw new Error(`${name} gave up`);
    });
  const all = allOrNone(never, (over) => [
    waits('first', over),
    clock.sleep(10).then(() => Promise.reject(new Error('broken'))),
    waits('third', over),
  ]);
  await expect(clock.run(all)).rejects.toThrow('broken');
  expect(ended).toEqual(['first: broken at 15', 'third: broken at 15']);
});

test('when the patience is over, all are told', async () => {
  const clock = new VirtualClock();
  const patience = new AbortController();
  clock.after(10, () => patience.abort(new Error('no more')));
  const all = allOrNone(patience.signal, (over) => [clock.sleep(60_000, over), clock.sleep(1)]);
  await expect(clock.run(all)).rejects.toThrow('no more');
  expect(clock.now()).toBe(10);
});

test('any number of them may listen, without a warning of a leak', async () => {
  const warnings: string[] = [];
  const warned = ({ message }: Error) => warnings.push(message);
  process.on('warning', warned);
  await allOrNone(never, (over) => {
    for (let listener = 0; listener < 20; listener++) over.addEventListener('abort', () => listener);
    return [];
  });
  // It is told in a later turn.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', warned);
  expect(warnings).toEqual([]);
});
