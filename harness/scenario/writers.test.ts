import { expect, it } from 'vitest';
import { VirtualClock } from '../clock.ts';
import type { FromSubject } from '../subject/protocol.ts';
import type { RunningWriter } from '../subject/subject-pool.ts';
import { Writers } from './writers.ts';

/** A writer that says what it is told to, on a clock that the test moves. */
function fakeWriter(name: string) {
  const listeners: ((message: FromSubject) => void)[] = [];
  let end: (how: string) => void = () => {};
  let stops = 0;
  const running: RunningWriter = {
    name,
    on(listener) {
      listeners.push(listener);
      return () => {};
    },
    async stop() {
      stops++;
    },
    ended: new Promise((resolve) => {
      end = resolve;
    }),
  };
  return {
    running,
    say: (message: object) => {
      for (const listener of listeners) listener({ writer: name, ...message } as FromSubject);
    },
    end,
    stops: () => stops,
  };
}

const forever = new AbortController().signal;

function two() {
  const clock = new VirtualClock();
  const first = fakeWriter('ingester-0');
  const second = fakeWriter('ingester-1');
  return { clock, first, second, writers: new Writers([first.running, second.running], clock) };
}

it('knows of which blocks nothing more will become', () => {
  const { first, writers } = two();
  for (const block of ['cut', 'flushed', 'dropped']) first.say({ type: 'cut', block });
  first.say({ type: 'flushed', block: 'flushed' });
  first.say({ type: 'dropped', block: 'dropped' });
  expect(['cut', 'flushed', 'dropped', 'unheard'].filter((block) => writers.isSettled(block))).toEqual([
    'flushed',
    'dropped',
  ]);
});

it('counts what the writers tell, and when a block was last cut', async () => {
  const { clock, first, second, writers } = two();
  await clock.advance(100);
  first.say({ type: 'cut', block: 'a' });
  await clock.advance(50);
  second.say({ type: 'cut', block: 'b' });
  await clock.advance(50);
  first.say({ type: 'flushed', block: 'a' });
  first.say({ type: 'flushed', block: 'c' });
  second.say({ type: 'dropped', block: 'b' });
  second.say({ type: 'done' });
  expect(writers.told).toEqual({ cut: 2, flushed: 2, dropped: 1, done: 1, withFlushed: 1, lastCut: 150 });
  expect(writers.blocks).toEqual(['a', 'b']);
});

it('a writer that is started again goes on: no block counts twice, and what was done may not be', () => {
  const { first, writers } = two();
  first.say({ type: 'cut', block: 'a' });
  first.say({ type: 'flushed', block: 'a' });
  first.say({ type: 'cut', block: 'b' });
  first.say({ type: 'done' });
  expect(writers.told.done).toBe(1);
  // Of `c` its last process had had no time to tell.
  first.say({ type: 'started', found: {}, blocks: ['b', 'c'] });
  first.say({ type: 'cut', block: 'b' });
  first.say({ type: 'flushed', block: 'b' });
  first.say({ type: 'flushed', block: 'b' });
  expect(writers.told).toMatchObject({ cut: 3, flushed: 2, done: 0 });
  expect(writers.blocks).toEqual(['a', 'b', 'c']);
  first.say({ type: 'done' });
  expect(writers.told.done).toBe(1);
});

it('waits until it is enough', async () => {
  const { clock, first, second, writers } = two();
  clock.after(300, () => first.say({ type: 'flushed', block: 'a' }));
  clock.after(500, () => first.say({ type: 'flushed', block: 'b' }));
  clock.after(700, () => second.say({ type: 'flushed', block: 'c' }));
  const enough = await clock.run(
    writers.until(
      ({ withFlushed }) => withFlushed === 2,
      () => 1000,
      forever,
    ),
  );
  expect([enough, clock.now()]).toEqual([true, 700]);
  // What is enough already is not waited for, even when it is late.
  expect(
    await clock.run(
      writers.until(
        () => true,
        () => 0,
        forever,
      ),
    ),
  ).toBe(true);
});

it('waits no longer than its deadline', async () => {
  const { clock, writers } = two();
  expect(
    await clock.run(
      writers.until(
        ({ done }) => done === 2,
        () => 1000,
        forever,
      ),
    ),
  ).toBe(false);
  expect(clock.now()).toBe(1000);
});

it('a deadline counts from what was told last', async () => {
  const { clock, first, writers } = two();
  for (const at of [600, 1500]) clock.after(at, () => first.say({ type: 'cut', block: `cut at ${at}` }));
  const over = writers.until(
    ({ done }) => done === 2,
    ({ lastCut }) => lastCut + 1000,
    forever,
  );
  expect(await clock.run(over)).toBe(false);
  expect(clock.now()).toBe(2500);
});

it('waits no longer than the signal lets it, and not at all when that has come', async () => {
  const { clock, writers } = two();
  const stop = new AbortController();
  clock.after(400, () => stop.abort());
  expect(
    await clock.run(
      writers.until(
        () => false,
        () => 10_000,
        stop.signal,
      ),
    ),
  ).toBe(false);
  expect(clock.now()).toBe(400);
  expect(
    await clock.run(
      writers.until(
        () => false,
        () => 10_000,
        stop.signal,
      ),
    ),
  ).toBe(false);
  expect(clock.now()).toBe(400);
});

it('tells which writer cannot go on, or that its process ended', async () => {
  const failed = two();
  failed.second.say({ type: 'failed', message: 'the disk is full' });
  expect(await failed.writers.died).toBe('ingester-1: the disk is full');
  const ended = two();
  ended.first.end('the subject process ended (SIGKILL)');
  expect(await ended.writers.died).toBe('the subject process ended (SIGKILL)');
});

it('stops each once, however often it is asked', async () => {
  const { first, second, writers } = two();
  await Promise.all([writers.stop(), writers.stop()]);
  await writers.stop();
  expect([first.stops(), second.stops()]).toEqual([1, 1]);
});
