import fc from 'fast-check';
import { expect, test } from 'vitest';
import { objectName } from '../checkers/block-index.ts';
import type { Finding } from '../checkers/checker.ts';
import { fault, folderOf, inOrder, objectNames, request } from '../checkers/example-history.ts';
import type { EdgeEvent, HistoryEvent, S3Operation } from '../history/events.ts';
import { judge } from './judge.ts';
import { modelRun } from './model-run.ts';

const judged = (events: readonly HistoryEvent[]) => judge(events, { effects: {} });
const failed = (findings: Finding[]) =>
  findings.filter(({ verdict }) => verdict === 'fail').map(({ checker }) => checker);

test('a correct run passes, and says so of every block', async () => {
  await fc.assert(
    fc.asyncProperty(modelRun, async ({ events, blocks }) => {
      const { verdict, asExpected, findings, blocks: counts, explanation } = await judged(events);
      expect(findings.filter((finding) => finding.verdict !== 'pass')).toEqual([]);
      expect({ verdict, asExpected, explanation }).toEqual({ verdict: 'pass', asExpected: true, explanation: '' });
      expect(counts).toEqual({ cut: blocks.length, flushed: blocks.length, readBack: blocks.length, lost: 0 });
    }),
  );
});

test('a history judged again from its text gives the same', async () => {
  await fc.assert(
    fc.asyncProperty(modelRun, async ({ events }) => {
      async function* read() {
        for (const line of events.map((event) => JSON.stringify(event))) yield JSON.parse(line) as HistoryEvent;
      }
      expect(await judge(read(), { effects: {} })).toEqual(await judged(events));
    }),
    { numRuns: 20 },
  );
});

test('blocks that do things at the same moment may be recorded in any order', async () => {
  await fc.assert(
    fc.asyncProperty(modelRun, fc.infiniteStream(fc.nat(3)), fc.nat(), async ({ events }, draws, which) => {
      // Whole, and with one object gone, so that findings that name blocks are compared too.
      const gone = objectsRead(events)[which % objectsRead(events).length];
      for (const history of [events, events.filter((event) => event !== gone)]) {
        expect(summary(await judged(interleave(history, draws)))).toEqual(summary(await judged(history)));
      }
    }),
  );
});

test('the traffic of readers and of compactors that are no subject changes nothing', async () => {
  const traffic = fc.record({ place: fc.nat(), operation: fc.constantFrom('GetObject', 'ListObjectsV2', 'PutObject') });
  await fc.assert(
    fc.asyncProperty(modelRun, fc.array(traffic, { maxLength: 20 }), async ({ events, blocks }, all) => {
      const busy = [...events];
      for (const { place, operation } of all) {
        const key = `${folderOf(blocks[place % blocks.length] as string)}data.parquet`;
        const other = operation === 'PutObject' ? 'chaos/background/object' : key;
        const index = 1 + (place % (busy.length - 1));
        const t = busy[index]?.t ?? 0;
        const [edge] = request('x', 'y', [t, t], { operation: operation as S3Operation, edge: { key: other } });
        const { id: _none, ...withoutId } = edge;
        const background = { t, type: 'background', operation, ms: 5, bytes: 100, outcome: 'ok' } as HistoryEvent;
        busy.splice(index, 0, withoutId, background);
      }
      expect(summary(await judged(busy))).toEqual(summary(await judged(events)));
      expect((await judged(busy)).latency).toEqual((await judged(events)).latency);
    }),
  );
});

test('any object missing from the final read fails, by durability, and names its block', async () => {
  await fc.assert(
    fc.asyncProperty(modelRun, fc.nat(), async ({ events }, which) => {
      const objects = objectsRead(events);
      const gone = objects[which % objects.length];
      const { verdict, findings, blocks } = await judged(events.filter((event) => event !== gone));
      expect(verdict).toBe('fail');
      expect(failed(findings)).toEqual(['durability']);
      expect(folderOf(findings[0]?.blocks?.[0] ?? '')).toBe(gone?.key.slice(0, -objectName(gone.key).length));
      expect(blocks.lost).toBe(1);
    }),
  );
});

test('any hash that differs fails, by durability', async () => {
  await fc.assert(
    fc.asyncProperty(modelRun, fc.nat(), async ({ events }, which) => {
      const objects = objectsRead(events);
      const altered = objects[which % objects.length];
      const { findings } = await judged(
        events.map((event) => (event === altered ? { ...altered, sha256: 'f'.repeat(64) } : event)),
      );
      expect(failed(findings)).toEqual(['durability']);
      expect(findings[0]?.message).toContain('has different bytes');
    }),
  );
});

test('a meta.json that was applied before any other object of its block fails, by atomicity', async () => {
  const others = objectNames.filter((name) => name !== 'meta.json');
  await fc.assert(
    fc.asyncProperty(modelRun, fc.nat(), fc.constantFrom(...others), async ({ events, blocks }, which, name) => {
      const block = blocks[which % blocks.length] as string;
      const first = Math.min(...applications(events, block, name).map(({ upstream }) => upstream?.start ?? 0));
      const early = request(block, 'meta.json', [first - 0.4, first - 0.2]);
      const { verdict, findings } = await judged(inOrder(events, early));
      expect(verdict).toBe('fail');
      expect(failed(findings)).toEqual(['atomicity']);
      expect(findings.find(({ checker }) => checker === 'atomicity')?.blocks).toEqual([block]);
    }),
  );
});

test('a fault that did not fire never ends in a pass', async () => {
  await fc.assert(
    fc.asyncProperty(modelRun, fc.integer({ min: 3, max: 15_000 }), fc.nat(4_000), async ({ events }, start, held) => {
      const idle = fault('2-latency', [start + 0.3, start + held + 0.3], { fired: 0 });
      const { verdict, findings } = await judged(inOrder(events, idle));
      expect(verdict).toBe('inconclusive');
      expect(
        findings.some(
          ({ checker, message }) => checker === 'fault-fired' && message.includes('2-latency never took effect'),
        ),
      ).toBe(true);
    }),
  );
});

test('a history cut short anywhere is never a pass', async () => {
  await fc.assert(
    fc.asyncProperty(modelRun, fc.nat(), async ({ events }, which) => {
      const end = events.findIndex(({ type }) => type === 'final.read');
      const { verdict } = await judged(events.slice(0, 1 + (which % end)));
      expect(verdict).toBe('inconclusive');
    }),
  );
});

function objectsRead(events: readonly HistoryEvent[]) {
  return events.filter((event) => event.type === 'final.object');
}

/** What MinIO may have applied of an object. */
function applications(events: readonly HistoryEvent[], block: string, name: string): EdgeEvent[] {
  return events.filter(
    (event): event is EdgeEvent =>
      event.type === 'edge' &&
      event.upstream !== undefined &&
      event.key === folderOf(block) + name &&
      (event.operation === 'PutObject' || event.operation === 'CompleteMultipartUpload'),
  );
}

/** The same history, where events of different blocks at the same moment are in another order. */
function interleave(events: readonly HistoryEvent[], draws: Iterator<number>): HistoryEvent[] {
  const owner = (event: HistoryEvent) =>
    'block' in event ? event.block : 'key' in event ? (event.key.split('/').at(-2) ?? '') : '';
  const mixed: HistoryEvent[] = [];
  for (let from = 0; from < events.length; ) {
    let to = from;
    while (events[to]?.t === events[from]?.t) to++;
    const moment = events.slice(from, to);
    const ranks = new Map([...new Set(moment.map(owner))].map((name) => [name, draws.next().value as number]));
    mixed.push(...moment.sort((a, b) => (ranks.get(owner(a)) ?? 0) - (ranks.get(owner(b)) ?? 0)));
    from = to;
  }
  return mixed;
}

/** Messages list blocks in the order in which they were cut, which is what is mixed. */
function summary({ verdict, findings, blocks, requests, recovery }: Awaited<ReturnType<typeof judged>>) {
  const found = findings.map((finding) => [finding.checker, finding.verdict, [...(finding.blocks ?? [])].sort()]);
  return { verdict, blocks, requests, recovery, found };
}
