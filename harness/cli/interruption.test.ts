import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { VirtualClock } from '../clock.ts';
import { Interrupted, Interruption } from './interruption.ts';

function begin() {
  const exits: number[] = [];
  const process = Object.assign(new EventEmitter(), { exit: (code: number) => void exits.push(code) });
  const clock = new VirtualClock();
  const said: string[] = [];
  const interruption = new Interruption(process, clock);
  return { exits, process, clock, said, interruption, say: (line: string) => void said.push(line) };
}

/** Takes down what it has put up when it is told to stop, which takes a minute. */
function slowWork(clock: VirtualClock, events: string[]) {
  return async (signal: AbortSignal) => {
    await clock.sleep(3_600_000, signal).catch(() => {});
    await clock.sleep(60_000);
    events.push('taken down');
    signal.throwIfAborted();
    return 'result';
  };
}

it('gives the result of work that nothing interrupts, and leaves no listener behind', async () => {
  const { interruption, process, say } = begin();
  await expect(interruption.during(async () => 'result', say)).resolves.toBe('result');
  expect(process.eventNames()).toEqual([]);
  expect(interruption.active).toBe(false);
});

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('stops at the first %s, and waits until all is taken down', async (name) => {
  const { interruption, process, clock, exits, said, say } = begin();
  const events: string[] = [];
  const ended = interruption.during(slowWork(clock, events), say);
  expect(interruption.active).toBe(true);
  process.emit(name, name);
  await expect(clock.run(ended)).rejects.toEqual(new Interrupted(name));
  expect(events).toEqual(['taken down']);
  expect(said).toEqual([`${name}: taking everything down (once more to end at once)`]);
  expect(exits).toEqual([]);
});

it('ends at once at the second signal', async () => {
  const { interruption, process, clock, exits, say } = begin();
  const events: string[] = [];
  const ended = interruption.during(slowWork(clock, events), say);
  process.emit('SIGINT', 'SIGINT');
  process.emit('SIGTERM', 'SIGTERM');
  expect(exits).toEqual([130]);
  expect(events).toEqual([]);
  await clock.run(ended).catch(() => {});
});

it('is interrupted even if the work came to its end all the same', async () => {
  const { interruption, process, say } = begin();
  const ended = interruption.during(async (signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return 'result';
  }, say);
  process.emit('SIGINT', 'SIGINT');
  await expect(ended).rejects.toEqual(new Interrupted('SIGINT'));
});

it('keeps the error of a take-down that failed', async () => {
  const { interruption, process, say } = begin();
  const broken = new Error('MinIO does not end');
  const ended = interruption.during(async (signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    throw broken;
  }, say);
  process.emit('SIGINT', 'SIGINT');
  await expect(ended).rejects.toMatchObject({ name: 'Interrupted', cause: broken });
});

it('takes down after an uncaught error, and tells that error, not what followed from it', async () => {
  const { interruption, process, clock, exits, said, say } = begin();
  const events: string[] = [];
  const ended = interruption.during(slowWork(clock, events), say);
  const first = new Error('first');
  process.emit('uncaughtException', first);
  process.emit('unhandledRejection', new Error('second'));
  await expect(clock.run(ended)).rejects.toBe(first);
  expect(events).toEqual(['taken down']);
  expect(said).toEqual(['something of the harness broke: taking everything down']);
  // The work took a minute to end, and the patience of 20 s ended before.
  expect(exits).toEqual([3]);
});

it('leaves an error of the work itself alone', async () => {
  const { interruption, say, said } = begin();
  const error = new Error('no environment');
  await expect(interruption.during(async () => Promise.reject(error), say)).rejects.toBe(error);
  expect(said).toEqual([]);
});
