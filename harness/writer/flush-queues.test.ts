import { expect, test } from 'vitest';
import { VirtualClock } from '../clock.ts';
import type { HistoryEvent } from '../history/events.ts';
import { DeadlineExceeded } from '../object-store/object-store.ts';
import type { FlushSettings } from '../tempo/settings.ts';
import { minute, second, tempoFlush } from './block-writer-example.ts';
import { FlushQueues, type FlushResult, WriterStopped } from './flush-queues.ts';

function queues(settings: Partial<FlushSettings> = {}) {
  const clock = new VirtualClock();
  const history: HistoryEvent[] = [];
  const flushQueues = new FlushQueues('w', { ...tempoFlush, ...settings }, clock, (event) => history.push(event));
  return { clock, history, flushQueues };
}

/** `[time in s, event, block, queue or what the end said]`, for each flush event. */
function summary(history: HistoryEvent[]) {
  return history.map((event) => {
    const t = event.t / second;
    if (event.type === 'flush.start') return [t, 'start', event.block, event.queue];
    if (event.type === 'flush.end') {
      return [t, event.deadlineExceeded ? 'deadline' : event.outcome, event.block, event.retryIn];
    }
    return [t, event.type];
  });
}

const hangs = (signal: AbortSignal) =>
  new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

const expectNothingPlanned = (clock: VirtualClock) =>
  expect(clock.run(new Promise(() => {}))).rejects.toThrow(`at ${clock.now()} ms nothing is planned`);

test('a flush that fails is tried again 30, 60, 120, 120, ... s after its end', async () => {
  const { clock, history, flushQueues } = queues({ concurrentFlushes: 1 });
  let attempts = 0;
  const result = flushQueues.flush(
    {
      block: 'a',
      attempt: async () => {
        await clock.sleep(second);
        if (++attempts < 6) throw new Error('503 SlowDown');
      },
    },
    0,
  );
  expect(await clock.run(result)).toBe('flushed');
  expect(summary(history)).toEqual([
    [0, 'start', 'a', 0],
    [1, 'fail', 'a', 30_000],
    [31, 'start', 'a', 0],
    [32, 'fail', 'a', 60_000],
    [92, 'start', 'a', 0],
    [93, 'fail', 'a', 120_000],
    [213, 'start', 'a', 0],
    [214, 'fail', 'a', 120_000],
    [334, 'start', 'a', 0],
    [335, 'fail', 'a', 120_000],
    [455, 'start', 'a', 0],
    [456, 'ok', 'a', undefined],
  ]);
  expect(history[1]).toMatchObject({
    attempt: 1,
    error: 'error copying block from local to remote backend: 503 SlowDown',
  });
  expect(history.at(-1)).toMatchObject({ attempt: 6 });
});

test('grafana/tempo#4361: the deadline ends a flush exactly at flush_op_timeout, and it is then tried again', async () => {
  const { clock, history, flushQueues } = queues({ concurrentFlushes: 1 });
  let attempts = 0;
  const reasons: unknown[] = [];
  const result = flushQueues.flush(
    {
      block: 'a',
      attempt: async (signal) => {
        if (++attempts > 1) return;
        await hangs(signal).catch((reason) => {
          reasons.push(reason);
          throw reason;
        });
      },
    },
    0,
  );
  expect(await clock.run(result)).toBe('flushed');
  expect(summary(history)).toEqual([
    [0, 'start', 'a', 0],
    [300, 'deadline', 'a', 30_000],
    [330, 'start', 'a', 0],
    [330, 'ok', 'a', undefined],
  ]);
  expect(history[1]).toMatchObject({
    error: 'error copying block from local to remote backend: context deadline exceeded',
  });
  expect(reasons).toEqual([expect.any(DeadlineExceeded)]);
});

test('a flush that ends in time is not touched by the deadline', async () => {
  const { clock, flushQueues } = queues();
  let aborted = false;
  const result = flushQueues.flush(
    {
      block: 'a',
      attempt: async (signal) => {
        signal.addEventListener('abort', () => {
          aborted = true;
        });
        await clock.sleep(5 * minute - 1);
      },
    },
    0,
  );
  expect(await clock.run(result)).toBe('flushed');
  await clock.advance(minute);
  expect(aborted).toBe(false);
});

test('blocks are dealt to the queues in turn, and one that hangs blocks its queue and no other', async () => {
  const { clock, history, flushQueues } = queues({ concurrentFlushes: 2 });
  const quick = () => clock.sleep(second);
  let hung = false;
  const results = ['a', 'b', 'c', 'd'].map((block) =>
    flushQueues.flush(
      {
        block,
        attempt: (signal) => {
          if (block !== 'a' || hung) return quick();
          hung = true;
          return hangs(signal);
        },
      },
      0,
    ),
  );
  await clock.run(Promise.all(results));
  expect(summary(history)).toEqual([
    [0, 'start', 'a', 0],
    [0, 'start', 'b', 1],
    [1, 'ok', 'b', undefined],
    [1, 'start', 'd', 1],
    [2, 'ok', 'd', undefined],
    // c was dealt to the queue of a.
    [300, 'deadline', 'a', 30_000],
    [300, 'start', 'c', 0],
    [301, 'ok', 'c', undefined],
    [330, 'start', 'a', 0],
    [331, 'ok', 'a', undefined],
  ]);
});

test('a block that waits for its retry holds no queue, and is dealt to the next in turn', async () => {
  const { clock, history, flushQueues } = queues({ concurrentFlushes: 2 });
  let attempts = 0;
  const failsOnce = async () => {
    if (++attempts === 1) throw new Error('SlowDown');
  };
  const a = flushQueues.flush({ block: 'a', attempt: failsOnce }, 0);
  const b = flushQueues.flush({ block: 'b', attempt: () => clock.sleep(second) }, 0);
  const c = flushQueues.flush({ block: 'c', attempt: () => clock.sleep(second) }, 0);
  await clock.run(Promise.all([a, b, c]));
  expect(summary(history)).toEqual([
    [0, 'start', 'a', 0],
    [0, 'start', 'b', 1],
    [0, 'fail', 'a', 30_000],
    [0, 'start', 'c', 0],
    [1, 'ok', 'b', undefined],
    [1, 'ok', 'c', undefined],
    [30, 'start', 'a', 1],
    [30, 'ok', 'a', undefined],
  ]);
});

test('flushRetries: after so many retries the block is dropped, and the history says why', async () => {
  for (const [flushRetries, attempts] of [
    [0, 1],
    [2, 3],
  ] as const) {
    const { clock, history, flushQueues } = queues({ flushRetries });
    const result = flushQueues.flush(
      {
        block: 'a',
        attempt: async () => {
          throw new Error('503 SlowDown');
        },
      },
      0,
    );
    expect(await clock.run(result)).toBe('dropped');
    expect(history.filter((event) => event.type === 'flush.start')).toHaveLength(attempts);
    expect(history.at(-2)).not.toHaveProperty('retryIn');
    expect(history.at(-1)).toMatchObject({
      type: 'block.dropped',
      writer: 'w',
      block: 'a',
      reason: `its flush failed ${attempts} times, and flushRetries is ${flushRetries}: 503 SlowDown`,
    });
  }
});

test.each(['unlimited', 0] as const)(
  'a stop aborts what is under way, lets nothing begin, and neither retries nor drops (flushRetries %s)',
  async (flushRetries) => {
    const { clock, history, flushQueues } = queues({ concurrentFlushes: 1, flushRetries });
    const reasons: unknown[] = [];
    const results: Promise<FlushResult>[] = ['under-way', 'queued'].map((block) =>
      flushQueues.flush(
        {
          block,
          attempt: (signal) =>
            hangs(signal).catch((reason) => {
              reasons.push(reason);
              throw reason;
            }),
        },
        0,
      ),
    );
    await clock.advance(second);
    await clock.run(flushQueues.stop());
    expect(await Promise.all(results)).toEqual(['stopped', 'stopped']);
    expect(await flushQueues.flush({ block: 'late', attempt: async () => {} }, 0)).toBe('stopped');
    expect(reasons).toEqual([expect.any(WriterStopped)]);
    expect(summary(history)).toEqual([
      [0, 'start', 'under-way', 0],
      [1, 'fail', 'under-way', undefined],
    ]);
    await expectNothingPlanned(clock);
  },
);

test('a stop ends the wait for a retry, and for a first flush, too', async () => {
  const { clock, history, flushQueues } = queues();
  const attempt = async () => {
    throw new Error('SlowDown');
  };
  const retried = flushQueues.flush({ block: 'a', attempt }, 0);
  await clock.advance(10 * second);
  const fresh = flushQueues.flush({ block: 'b', attempt }, second);
  await flushQueues.stop();
  expect(await Promise.all([retried, fresh])).toEqual(['stopped', 'stopped']);
  expect(history.map(({ type }) => type)).toEqual(['flush.start', 'flush.end']);
  // A timer left behind would keep a process alive.
  await expectNothingPlanned(clock);
});

test('completions and flushes are dealt to the same queues, in turn, unless completions have their own', async () => {
  for (const [completeConcurrency, dealt] of [
    [0, ['complete a 0', 'flush b 1', 'complete c 2', 'flush d 0']],
    [2, ['complete a 0', 'flush b 0', 'complete c 1', 'flush d 1']],
  ] as const) {
    const { clock, history, flushQueues } = queues({ concurrentFlushes: 3, completeConcurrency });
    const attempt = async () => {};
    const isGone = () => false;
    await clock.run(
      Promise.all([
        flushQueues.complete({ block: 'a', isGone, attempt }, 0),
        flushQueues.flush({ block: 'b', attempt }, 0),
        flushQueues.complete({ block: 'c', isGone, attempt }, 0),
        flushQueues.flush({ block: 'd', attempt }, 0),
      ]),
    );
    const told = history.flatMap((event) => {
      if (event.type === 'complete') return [`complete ${event.block} ${event.queue}`];
      return event.type === 'flush.start' ? [`flush ${event.block} ${event.queue}`] : [];
    });
    expect(told.sort((a, b) => ((a.split(' ')[1] ?? '') < (b.split(' ')[1] ?? '') ? -1 : 1))).toEqual(dealt);
  }
});

test('a completion that fails is tried again after its own waits, and given up after so many attempts', async () => {
  const { clock, history, flushQueues } = queues({
    completeAttempts: 4,
    completeRetryDelays: [second, 2 * second],
    flushRetryDelays: [minute],
  });
  const result = flushQueues.complete(
    {
      block: 'a',
      isGone: () => false,
      attempt: async () => {
        await clock.sleep(100);
        throw new Error('ENOSPC');
      },
    },
    500,
  );
  expect(await clock.run(result)).toEqual({ outcome: 'given-up', attempts: 4, error: 'ENOSPC' });
  const about = { type: 'complete', writer: 'w', block: 'a', outcome: 'fail', error: 'ENOSPC' };
  expect(history.filter(({ type }) => type === 'complete')).toEqual([
    { ...about, t: 600, start: 500, attempt: 1, queue: 0, retryIn: 1000 },
    { ...about, t: 1700, start: 1600, attempt: 2, queue: 1, retryIn: 2000 },
    { ...about, t: 3800, start: 3700, attempt: 3, queue: 2, retryIn: 2000 },
    { ...about, t: 5900, start: 5800, attempt: 4, queue: 3 },
  ]);
});

test('a completion that begins says so at once, and since when it waited for its queue', async () => {
  const { clock, history, flushQueues } = queues({ concurrentFlushes: 1, completeConcurrency: 0 });
  const isGone = () => false;
  void flushQueues.complete({ block: 'a', isGone, attempt: () => clock.sleep(3 * second) }, second);
  void flushQueues.complete({ block: 'b', isGone, attempt: () => clock.sleep(24 * 60 * minute) }, 2 * second);
  await clock.advance(minute);
  const about = { writer: 'w', attempt: 1, queue: 0 };
  expect(history).toEqual([
    { ...about, t: second, type: 'complete.start', block: 'a', dealt: second },
    { ...about, t: 4 * second, type: 'complete', block: 'a', start: second, outcome: 'ok' },
    { ...about, t: 4 * second, type: 'complete.start', block: 'b', dealt: 2 * second },
  ]);
});

test('what is gone is not completed, and not tried again', async () => {
  const { clock, history, flushQueues } = queues();
  let gone = false;
  const attempt = async () => {
    gone = true;
    throw new Error('no such file');
  };
  const results = [0, second].map((delay) => flushQueues.complete({ block: 'a', isGone: () => gone, attempt }, delay));
  expect(await clock.run(Promise.all(results))).toEqual([{ outcome: 'gone' }, { outcome: 'gone' }]);
  expect(history.map(({ type }) => type)).toEqual(['complete.start', 'complete']);
  expect(history[1]).not.toHaveProperty('retryIn');
});

test('a stop waits for a completion under way, and does not try a failed one again', async () => {
  const { clock, history, flushQueues } = queues({ completeAttempts: 1 });
  const result = flushQueues.complete(
    {
      block: 'a',
      isGone: () => false,
      attempt: async () => {
        await clock.sleep(second);
        throw new Error('ENOSPC');
      },
    },
    0,
  );
  await clock.advance(10);
  await clock.run(flushQueues.stop());
  expect(clock.now()).toBe(second);
  expect(await result).toEqual({ outcome: 'stopped' });
  expect(history).toMatchObject([{ type: 'complete.start' }, { type: 'complete', outcome: 'fail' }]);
});

test('without a deadline a flush may take for ever', async () => {
  const { clock, history, flushQueues } = queues({ flushOpTimeout: 0 });
  const result = flushQueues.flush({ block: 'a', attempt: () => clock.sleep(24 * 60 * minute) }, 0);
  expect(await clock.run(result)).toBe('flushed');
  expect(history.at(-1)).toMatchObject({ t: 24 * 60 * minute, outcome: 'ok' });
});

test('no queue at all is refused', () => {
  expect(() => queues({ concurrentFlushes: 0 })).toThrow('concurrent_flushes is 0: it must be 1 or more');
  expect(() => queues({ completeConcurrency: -1 })).toThrow('complete_block_concurrency is -1: it must be 1 or more');
});
