/**
 * A writer as Tempo's, drawn at random and modelled in bytes alone, and what the checker makes of its history. The model takes data in,
 * cuts pages (some of which cannot be written), completes blocks (some of which it gives up), is stopped in order, and is killed: between
 * a page and the telling of it, too. Then it replays what its disk holds, and what is broken there it deletes.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HistoryEvent } from '../history/events.ts';
import { conservation } from './conservation.ts';
import { DataLedger } from './data-ledger.ts';
import {
  check,
  completion,
  cutFailed,
  cutOf,
  dropped,
  finalReadOf,
  finalWal,
  liveLost,
  processEvent,
  push,
  walLost,
  walPage,
} from './example-history.ts';

type Step =
  | { do: 'push'; bytes: number; refused: number }
  | { do: 'page'; fails: boolean }
  | { do: 'cut'; fails: boolean; walStays: boolean }
  | { do: 'kill'; pageUntold: boolean; declares: boolean }
  | { do: 'stop' }
  | { do: 'break-wal' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('push' as const),
      bytes: fc.integer({ min: 1, max: 99 }),
      refused: fc.nat(9),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('page' as const), fails: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('cut' as const), fails: fc.boolean(), walStays: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('kill' as const), pageUntold: fc.boolean(), declares: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('break-wal' as const) }) },
);

interface Run {
  events: HistoryEvent[];
  /** As the model knows it. */
  truth: { acknowledged: number; inBlocks: number; inWal: number; live: number; walLost: number; liveLost: number };
}

function runOf(steps: readonly Step[]): Run {
  const events: HistoryEvent[] = [];
  const truth = { acknowledged: 0, inBlocks: 0, inWal: 0, live: 0, walLost: 0, liveLost: 0 };
  /** Closed pages of each block of the WAL; of those that are cut already, what a replay would find again. */
  const wal = new Map<string, { bytes: number; pages: number; untold: number; cut: boolean }>();
  let number = 0;
  let t = 0;
  const add = (event: (t: number) => HistoryEvent) => events.push(event(++t));
  const head = () => {
    const block = `block-${number}`;
    const entry = wal.get(block) ?? { bytes: 0, pages: 0, untold: 0, cut: false };
    wal.set(block, entry);
    return { block, entry };
  };
  const page = (told: boolean) => {
    if (truth.live === 0) return;
    const { block, entry } = head();
    const bytes = truth.live;
    truth.live = 0;
    entry.bytes += bytes;
    entry.pages++;
    if (told) add((t) => walPage(block, t, entry.pages, bytes));
    else entry.untold += bytes;
  };
  const replay = () => {
    number++;
    for (const [block, { bytes, cut }] of wal) if (cut) add((t) => cutOf(block, t, bytes));
  };

  for (const step of steps) {
    switch (step.do) {
      case 'push':
        truth.acknowledged += step.bytes;
        truth.live += step.bytes;
        add((t) => push(t, step.bytes, truth.live, step.refused));
        break;
      case 'page':
        if (!step.fails) page(true);
        else if (truth.live > 0) {
          const bytes = truth.live;
          truth.live = 0;
          truth.walLost += bytes;
          add((t) => cutFailed(head().block, t, bytes));
        }
        break;
      case 'cut': {
        const { block, entry } = head();
        number++;
        if (entry.bytes === 0) wal.delete(block);
        else if (step.fails) {
          wal.delete(block);
          truth.walLost += entry.bytes;
          add((t) => completion(block, t, 3, 'ENOSPC'));
          add((t) => dropped(block, t));
        } else {
          truth.inBlocks += entry.bytes;
          add((t) => cutOf(block, t, entry.bytes));
          if (step.walStays) entry.cut = true;
          else wal.delete(block);
        }
        break;
      }
      case 'kill': {
        if (step.pageUntold) page(false);
        const gone = truth.live;
        truth.live = 0;
        truth.liveLost += gone;
        add((t) => processEvent('killed', t));
        if (step.declares) add((t) => liveLost(t, gone));
        replay();
        break;
      }
      case 'stop':
        page(true);
        add((t) => processEvent('stopped', t));
        replay();
        break;
      case 'break-wal':
        for (const [block, { bytes, untold, cut }] of [...wal].slice(0, 1)) {
          wal.delete(block);
          if (cut || bytes === 0) continue;
          // Nobody was told of that page: it went with the process, for all that anyone knows.
          truth.walLost += bytes - untold;
          truth.liveLost += untold;
          add((t) => walLost(block, t, bytes));
          number++;
        }
        break;
    }
  }
  for (const [block, { bytes, cut }] of wal) {
    if (bytes === 0) continue;
    if (!cut) truth.inWal += bytes;
    add((t) => finalWal(block, t, bytes));
  }
  add((t) => finalReadOf(t, 0));
  return { events, truth };
}

const run = fc.array(step, { minLength: 1, maxLength: 30 }).map(runOf);
const pushed = run.filter(({ truth }) => truth.acknowledged > 0);
const verdictOf = (events: readonly HistoryEvent[]) => check(conservation, events)[0]?.verdict;

test('every byte of a correct writer is where the model has it', () => {
  fc.assert(
    fc.property(pushed, ({ events, truth }) => {
      const ledger = new DataLedger();
      for (const event of events) ledger.see(event);
      const total = ledger.total();
      expect(total).toMatchObject({ ...truth, undeclared: 0, surplus: 0 });
      expect(total.acknowledged).toBe(total.inBlocks + total.inWal + total.live + total.walLost + total.liveLost);
      expect(verdictOf(events)).toBe('pass');
    }),
    { numRuns: 1_000 },
  );
});

test('a loss that is not declared, of any one page or block, fails', () => {
  const declares = (event: HistoryEvent) =>
    (event.type === 'data.lost' && event.what === 'wal') || event.type === 'block.dropped';
  fc.assert(
    fc.property(pushed, fc.nat(), ({ events, truth }, which) => {
      const told = new Set(events.flatMap((event) => (event.type === 'wal.page' ? [event.block] : [])));
      const losses = events.filter((event) => declares(event) && told.has((event as { block: string }).block));
      fc.pre(losses.length > 0);
      const hidden = losses[which % losses.length];
      const rest = events.filter((event) => event !== hidden);
      // One that could not be written was in memory: a kill may have taken it, and only a push tells what memory holds.
      const fromMemory = hidden?.type === 'data.lost' && hidden.reason.startsWith('failed to cut traces');
      fc.pre(!fromMemory || !rest.some(({ t, type }) => type === 'writer.process' && t > (hidden?.t ?? 0)));
      if (fromMemory) rest.splice(-1, 0, push(rest.at(-1)?.t ?? 0, 1, truth.live + 1));
      expect(verdictOf(rest)).toBe('fail');
    }),
  );
});

test('a byte less in any block or in the WAL than its pages had fails, and a byte more than was acknowledged', () => {
  const holds = (event: HistoryEvent) => event.type === 'final.wal' || event.type === 'block.cut';
  const changed = (event: HistoryEvent, by: number): HistoryEvent => {
    if (event.type === 'final.wal') return { ...event, bytes: event.bytes + by };
    if (event.type !== 'block.cut') return event;
    const objects = event.objects.map((object) =>
      object.name === 'data.parquet' ? { ...object, size: object.size + by } : object,
    );
    return { ...event, objects };
  };
  const calm = pushed.filter(({ events }) => !events.some(({ type }) => type === 'writer.process'));
  fc.assert(
    fc.property(calm, fc.nat(), fc.constantFrom(-1, 1), ({ events }, which, by) => {
      const cut = new Set(events.flatMap((event) => (event.type === 'block.cut' ? [event.block] : [])));
      const holding = events.filter((event) => holds(event) && !(event.type === 'final.wal' && cut.has(event.block)));
      fc.pre(holding.length > 0);
      const one = holding[which % holding.length];
      expect(verdictOf(events.map((event) => (event === one ? changed(event, by) : event)))).toBe('fail');
    }),
  );
});

test('what leaves memory without a page fails, unless a process was killed then', () => {
  fc.assert(
    fc.property(pushed, fc.integer({ min: 1, max: 9 }), ({ events }, bytes) => {
      const end = events.at(-1)?.t ?? 0;
      // Acknowledged, and not in memory after it.
      const rest = [...events.slice(0, -1), push(end, bytes, 0), ...events.slice(-1)];
      expect(verdictOf(rest)).toBe('fail');
    }),
  );
});
