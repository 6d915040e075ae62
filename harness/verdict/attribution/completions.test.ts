import { describe, expect, test } from 'vitest';
import { inOrder, phase, processEvent, scenario } from '../../checkers/example-history.ts';
import type { CompleteEvent, HistoryEvent } from '../../history/events.ts';
import { Attribution, attribute } from './attribution.ts';
import { flushOf, type Request, usualRequests } from './example-flush.ts';

interface How extends Partial<CompleteEvent> {
  requests?: readonly Request[];
  /** When its flush begins; absent: at once. */
  flushed?: number;
}

/** A block that is completed from `start` on, for so many milliseconds, and then flushed. */
function blockOf(block: string, start: number, ms: number, { requests = usualRequests, flushed, ...how }: How = {}) {
  const cut = start + ms;
  const completion: HistoryEvent = {
    ...{ t: cut, type: 'complete', writer: 'ingester-0', block, attempt: 1, start, queue: 0, outcome: 'ok' },
    ...how,
  };
  const flush = flushOf(block, flushed ?? cut, requests);
  return [completion, ...flush.map((event) => (event.type === 'block.cut' ? { ...event, t: cut } : event))];
}

/** What completing takes without trouble: 100 ms. */
const steady = [phase('steady-state', 1), ...blockOf('s1', 100, 100), ...blockOf('s2', 400, 100)];
const timeline = phase('timeline', 1_000);

/** A completion begins. `dealt`: since when it was in its queue; absent: it began at once. */
function begun(block: string, t: number, { dealt = t, queue = 0, attempt = 1 } = {}): HistoryEvent {
  return { t, type: 'complete.start', writer: 'ingester-0', block, attempt, queue, dealt };
}

async function blamed(...events: Parameters<typeof inOrder>) {
  const { blame, waterfalls } = await attribute(inOrder(scenario(), steady, timeline, ...events));
  const causes = blame.causes.map(({ side, cause, ms }) => `${side}/${cause} ${Math.round(ms / 100) * 100}`);
  return { causes, flushes: blame.flushes, waterfalls };
}

describe('a block that was late because it was completed late', () => {
  test('is the machine’s: what it took beyond the usual, told with its first flush', async () => {
    const { causes, flushes, waterfalls } = await blamed(blockOf('a', 2_000, 3_000));
    expect(causes).toEqual(['machine/completing 2900']);
    expect(flushes).toBe(1);
    expect(waterfalls).toMatchObject([{ block: 'a', durationMs: 60, queuedMs: 0, completing: { ms: 3_000 } }]);
    expect(Math.round((waterfalls[0]?.completing.usualMs ?? 0) / 100)).toBe(1);
  });

  test('is told once, however often it is flushed', async () => {
    const failing = { client: { outcome: 'fail', status: 503, code: 'SlowDown' } } as const;
    const first = blockOf('a', 2_000, 3_000, { requests: [{ way: 1, s3: 9, ...failing }] }).map((event) =>
      event.type === 'flush.end' ? ({ ...event, outcome: 'fail', retryIn: 1_000 } as HistoryEvent) : event,
    );
    const second = flushOf('a', 6_100, usualRequests, { attempt: 2 }).filter(({ type }) => type !== 'block.cut');
    const { causes, waterfalls } = await blamed(first, second);
    expect(causes).toEqual(['machine/completing 2900', 'client/attempts 1000']);
    expect(waterfalls).toHaveLength(1);
  });

  test('by attempts that failed: they are lost whole, with the waits for the next', async () => {
    const fails = { outcome: 'fail', error: 'EIO: i/o error, read', retryIn: 30_000 } as const;
    const [failed] = blockOf('a', 2_000, 500, fails) as [HistoryEvent];
    const again = blockOf('a', 32_500, 100, { attempt: 2 });
    expect((await blamed(failed, again)).causes).toEqual(['machine/completing 30500']);
  });
});

describe('nobody is to blame', () => {
  test('for a completion that took what it takes, or little more', async () => {
    expect(await blamed(blockOf('a', 2_000, 100), blockOf('b', 3_000, 400))).toMatchObject({ causes: [], flushes: 0 });
  });

  test('for one that waited in no queue before it began: so a block is spread over ten seconds', async () => {
    const waited: HistoryEvent = { t: 1_100, type: 'wal.page', writer: 'ingester-0', block: 'a', page: 1, bytes: 1 };
    expect(await blamed(waited, begun('a', 9_000), blockOf('a', 9_000, 100))).toMatchObject({ causes: [] });
  });

  test('for one that is under way when the run ends, and took no longer than others until then', async () => {
    expect(await blamed(begun('a', 9_000), phase('final-read', 9_300))).toMatchObject({ causes: [], flushes: 0 });
  });

  test('for a completion that shared its disk with others: how many there are at a time is a setting', async () => {
    const ten = Array.from({ length: 10 }, (_, index) => blockOf(`b${index}`, 2_000, 1_000, { queue: index }));
    expect(await blamed(...ten)).toMatchObject({ causes: [] });
  });
});

test('completions of another writer are on a disk of their own', async () => {
  const others = Array.from({ length: 9 }, (_, index) =>
    blockOf(`b${index}`, 2_000, 1_000).map((event) => ({ ...event, writer: `ingester-${index + 1}` }) as HistoryEvent),
  );
  const { waterfalls } = await blamed(blockOf('a', 2_000, 1_000), ...others);
  expect(waterfalls.find(({ block }) => block === 'a')?.blame.causes).toMatchObject([{ cause: 'completing' }]);
});

test('completions at a time that are slow, beyond what sharing the disk makes of them, are the machine’s whole', async () => {
  const two = [blockOf('a', 2_000, 10_000), blockOf('b', 2_000, 10_000)];
  expect((await blamed(...two)).causes).toEqual(['machine/completing 19600']);
});

describe('a completion that never ended', () => {
  test('is lost until the end of the run, though its block was never flushed', async () => {
    const { causes, flushes } = await blamed(begun('a', 2_000), phase('final-read', 62_000), phase('judging', 90_000));
    expect([causes, flushes]).toEqual([['machine/completing 59900'], 1]);
  });

  test('is lost until its process ended; the one that began again after that is another', async () => {
    const killed = processEvent('killed', 12_000);
    const { causes } = await blamed(begun('a', 2_000), killed, begun('a', 20_000), blockOf('a', 20_000, 100));
    expect(causes).toEqual(['machine/completing 9900']);
  });

  test('is told of its own block', async () => {
    const attribution = new Attribution({ compression: { time: 1, bytes: 1 } });
    for (const event of inOrder(scenario(), steady, timeline, begun('a', 2_000), phase('final-read', 62_000))) {
      attribution.see(event);
    }
    expect(attribution.blameOf(['a']).causes).toMatchObject([{ cause: 'completing', share: 1 }]);
    expect(attribution.blameOf(['s1'])).toMatchObject({ lostMs: 0, flushes: 0 });
  });

  test('lost with those that failed before it, where all were given up', async () => {
    const fails = { outcome: 'fail', error: 'ENOSPC: no space left on device, write' } as const;
    const [first] = blockOf('a', 2_000, 500, { ...fails, retryIn: 10_000 }) as [HistoryEvent];
    const [last] = blockOf('a', 12_500, 500, { ...fails, attempt: 2 }) as [HistoryEvent];
    const { causes, flushes } = await blamed(begun('a', 2_000), first, begun('a', 12_500, { attempt: 2 }), last);
    expect([causes, flushes]).toEqual([['machine/completing 11000'], 1]);
  });
});

describe('a completion that waited for its queue', () => {
  const settings = (policy: object) => ({ ...scenario(), settings: { policy } });
  const holding = [begun('a', 2_000), ...blockOf('a', 2_000, 3_000)];
  const waited = [begun('b', 5_000, { dealt: 2_200 }), ...blockOf('b', 5_000, 100)];
  const waterfallOfB = async (policy: object, ...events: Parameters<typeof inOrder>) => {
    const { waterfalls } = await attribute(inOrder(settings(policy), steady, timeline, ...events));
    const { queuedMs, blame } = waterfalls.find(({ block }) => block === 'b') ?? {};
    return [queuedMs, blame?.causes.map(({ cause, ms }) => `${cause} ${Math.round(ms / 100) * 100}`)];
  };

  test('behind one that was slow, lost that to the machine too', async () => {
    const lost = [2_800, ['completing 2700', 'concurrency 100']];
    expect(await waterfallOfB({ concurrentFlushes: 4, completeConcurrency: 0 }, holding, waited)).toEqual(lost);
    // Where completions have queues of their own, they wait for one another there.
    expect(await waterfallOfB({ concurrentFlushes: 4, completeConcurrency: 2 }, holding, waited)).toEqual(lost);
  });

  test('lost that to the client, where it has fewer queues than Tempo', async () => {
    const few = { concurrentFlushes: 1, completeConcurrency: 0 };
    expect(await waterfallOfB(few, holding, waited)).toEqual([2_800, ['concurrency 2800']]);
  });

  test('behind a flush, waited for it only where the two share queues', async () => {
    const slow = flushOf('a', 2_000, [{ bytes: 5_000_000, disk: 5, way: 10, s3: 2_985 }, ...usualRequests.slice(1)]);
    const lost = [2_800, ['slow 2700', 'concurrency 100']];
    expect(await waterfallOfB({ concurrentFlushes: 4, completeConcurrency: 0 }, slow, waited)).toEqual(lost);
    expect(await waterfallOfB({ concurrentFlushes: 4, completeConcurrency: 2 }, slow, waited)).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe('a flush that waited for a queue in which a block was completed slowly', () => {
  const settings = (policy: object) => ({ ...scenario(), settings: { policy } });
  const holding = blockOf('a', 2_000, 3_000);
  const waiting = blockOf('b', 2_100, 100, { queue: 1, flushed: 5_000 });
  const causesOf = async (policy: object) => {
    const { waterfalls } = await attribute(inOrder(settings(policy), steady, timeline, holding, waiting));
    const { queuedMs, blame } = waterfalls.find(({ block }) => block === 'b') ?? {};
    return [queuedMs, blame?.causes.map(({ cause, ms }) => `${cause} ${Math.round(ms / 100) * 100}`)];
  };

  test('lost that to the machine too, and to the client what it takes at its best', async () => {
    expect(await causesOf({ concurrentFlushes: 4, completeConcurrency: 0 })).toEqual([
      2_800,
      ['completing 2700', 'concurrency 100'],
    ]);
  });

  test('lost that to the client, where it has fewer queues than Tempo', async () => {
    expect(await causesOf({ concurrentFlushes: 1, completeConcurrency: 0 })).toEqual([2_800, ['concurrency 2800']]);
  });

  test('did not wait for it, where completions have queues of their own', async () => {
    expect(await causesOf({ concurrentFlushes: 4, completeConcurrency: 2 })).toEqual([undefined, undefined]);
  });
});
