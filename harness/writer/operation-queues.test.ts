import { expect, test } from 'vitest';
import { VirtualClock } from '../clock.ts';
import { OperationQueues } from './operation-queues.ts';

function queues(count: number) {
  const clock = new VirtualClock();
  const dealt = new OperationQueues('concurrent_flushes', count, clock);
  const steps: [number, string, number][] = [];
  const deal = (name: string, delay: number, takes: number) =>
    dealt.deal(delay, async (queue) => {
      steps.push([clock.now(), name, queue]);
      await clock.sleep(takes);
    });
  return { clock, dealt, steps, deal };
}

test('deals in turn, in the order in which the waits end, and each queue does one after another', async () => {
  const { clock, steps, deal } = queues(2);
  deal('a', 30, 100);
  deal('b', 0, 10);
  deal('c', 20, 10);
  deal('d', 40, 10);
  deal('e', 50, 10);
  await clock.advance(1000);
  expect(steps).toEqual([
    [0, 'b', 0],
    [20, 'c', 1],
    [30, 'a', 0],
    [40, 'd', 1],
    [130, 'e', 0],
  ]);
});

test('a stop lets what is under way end, and nothing begin, be it dealt or waiting', async () => {
  const { clock, dealt, steps, deal } = queues(1);
  deal('under-way', 0, 100);
  deal('dealt', 0, 10);
  deal('waiting', 50, 10);
  await clock.advance(10);
  const stopped = dealt.stop();
  await clock.run(stopped);
  expect(clock.now()).toBe(100);
  expect(steps).toEqual([[0, 'under-way', 0]]);
  // No timer is left behind.
  await expect(clock.run(new Promise(() => {}))).rejects.toThrow('nothing is planned');
});

test.each([0, -1, 1.5, Number.NaN])('%s queues are refused', (count) => {
  expect(() => queues(count)).toThrow(`flush queues: concurrent_flushes is ${count}: it must be 1 or more`);
});
