/**
 * A compactor as Tempo's, drawn at random: it takes blocks in, some of them its own, writes one of them all and marks them. Some of its
 * jobs fail on the way, and some of its marks. What is right passes, and what is changed anywhere is caught.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BlockObject, CompactionEvent, HistoryEvent } from '../history/events.ts';
import { atomicity } from './atomicity.ts';
import { compaction } from './compaction.ts';
import { durability } from './durability.ts';
import { compacted } from './example-compaction.ts';
import {
  check,
  cut,
  finalReadOf,
  flush,
  folderOf,
  inOrder,
  objectNames,
  objectOf,
  request,
} from './example-history.ts';
import { polled } from './example-poll.ts';

interface Plan {
  writers: number;
  jobs: { takes: number; ends: 'well' | 'before-meta' | 'a-mark-fails' }[];
}

interface Run {
  /** Without the final read. */
  events: HistoryEvent[];
  /** What is in the bucket in the end. */
  objects: Extract<HistoryEvent, { type: 'final.object' }>[];
  jobs: CompactionEvent[];
  /** Whole blocks that took others in, and are in none themselves; with those that can be read in them alone. */
  last: { output: string; holds: string[] }[];
}

const READ_AT = 10_000;

function runOf({ writers, jobs: plans }: Plan): Run {
  const blocks = Array.from({ length: writers }, (_, index) => `block-${index}`);
  const events: HistoryEvent[] = blocks.flatMap((block, index) => [
    cut(block, 10 + index),
    ...flush(block, 100 + index * 200),
  ]);
  const objectsOf = new Map<string, BlockObject[]>(
    blocks.map((block) => [block, objectNames.map((name) => objectOf(block, name))]),
  );
  const unmarked = [...blocks];
  const marked = new Set<string>();
  const takenBy = new Map<string, string[]>();
  const jobs: CompactionEvent[] = [];
  let t = 3_000;
  for (const [number, { takes, ends }] of plans.entries()) {
    const inputs = unmarked.slice(0, takes + 2);
    if (inputs.length < 2) break;
    const output = `compacted-${number}`;
    const data = (block: string) => objectsOf.get(block)?.find(({ name }) => name === 'data.parquet') as BlockObject;
    const size = inputs.reduce((sum, block) => sum + data(block).size, 0);
    const whole = objectNames.map((name) =>
      name === 'data.parquet' ? { ...objectOf(output, name), size } : objectOf(output, name),
    );
    const objects = ends === 'before-meta' ? whole.slice(0, -1) : whole;
    for (const { name } of objects) {
      events.push(...request(output, name, [t, t + 5]));
      t += 10;
    }
    objectsOf.set(output, objects);
    const done = ends === 'before-meta' ? [] : ends === 'a-mark-fails' ? inputs.slice(1) : inputs;
    const read = inputs.map((block) => ({ block, size: data(block).size, sha256: data(block).sha256 }));
    const outcome = ends === 'well' ? 'ok' : 'fail';
    const job = compacted(inputs, output, t, { objects, read, outcome, marked: done });
    jobs.push(job);
    t += 10;
    if (ends === 'before-meta') continue;
    for (const block of inputs) takenBy.set(block, [...(takenBy.get(block) ?? []), output]);
    for (const block of done) {
      marked.add(block);
      unmarked.splice(unmarked.indexOf(block), 1);
    }
    unmarked.push(output);
  }
  const objects = [...objectsOf].flatMap(([block, all]) =>
    all.map(({ name, size, sha256 }) => {
      const there = name === 'meta.json' && marked.has(block) ? 'meta.compacted.json' : name;
      const key = folderOf(block) + there;
      return { t: READ_AT, type: 'final.object', key, size, sha256, lastModified: '2026-01-01T00:00:00Z' } as const;
    }),
  );
  // One whose mark failed is taken in again later: what it has is in two places then.
  const only = [...takenBy].filter(([block, into]) => marked.has(block) && into.length === 1);
  const last = unmarked
    .filter((output) => !takenBy.has(output))
    .map((output) => ({ output, holds: only.flatMap(([block, [into]]) => (into === output ? [block] : [])) }))
    .filter(({ holds }) => holds.length > 0);
  return { events, objects, jobs, last };
}

const run = fc
  .record({
    writers: fc.integer({ min: 2, max: 8 }),
    jobs: fc.array(
      fc.record({
        takes: fc.nat(2),
        ends: fc.constantFrom('well', 'well', 'before-meta', 'a-mark-fails'),
      }),
      { minLength: 1, maxLength: 5 },
    ),
  })
  .map((plan) => runOf(plan as Plan));
const useful = run.filter(({ last }) => last.length > 0);

const whole = ({ events, objects, jobs }: Run) => inOrder(events, jobs, objects, finalReadOf(READ_AT, objects.length));
const failing = (events: HistoryEvent[]) =>
  [durability, atomicity, compaction]
    .filter((checker) => check(checker, events).some(({ verdict }) => verdict === 'fail'))
    .map(({ name }) => name);

test('whatever a correct compactor does passes', () => {
  fc.assert(
    fc.property(run, (drawn) => {
      for (const checker of [durability, atomicity, compaction]) {
        expect(check(checker, whole(drawn)).map(({ verdict }) => verdict)).toEqual(['pass']);
      }
    }),
    { numRuns: 300 },
  );
});

test('any object of a block that others are readable in alone, gone or with other bytes, fails', () => {
  fc.assert(
    fc.property(useful, fc.nat(), fc.constantFrom(...objectNames), fc.boolean(), (drawn, which, name, gone) => {
      const { output, holds } = drawn.last[which % drawn.last.length] as Run['last'][number];
      const objects = drawn.objects.flatMap((object) => {
        if (object.key !== folderOf(output) + name) return [object];
        return gone ? [] : [{ ...object, sha256: 'f'.repeat(64) }];
      });
      const events = whole({ ...drawn, objects });
      const [finding] = check(compaction, events);
      expect(finding?.verdict).toBe('fail');
      for (const block of holds) expect(finding?.blocks).toContain(block);
      // In what compactors took in there is some writer's data, and it is nowhere else.
      expect(failing(events)).toEqual(['durability', 'compaction']);
    }),
  );
});

test('an input that was read with other bytes than it has fails', () => {
  fc.assert(
    fc.property(useful, fc.nat(), (drawn, which) => {
      const { output, holds } = drawn.last[which % drawn.last.length] as Run['last'][number];
      const block = holds[which % holds.length] as string;
      const jobs = drawn.jobs.map((job) =>
        job.output === output
          ? { ...job, read: job.read.map((one) => (one.block === block ? { ...one, sha256: 'f'.repeat(64) } : one)) }
          : job,
      );
      const [finding] = check(compaction, whole({ ...drawn, jobs }));
      expect(finding?.verdict).toBe('fail');
      expect(finding?.blocks).toContain(block);
    }),
  );
});

test('a meta.json of a new block that S3 applied before another object of it fails', () => {
  const others = objectNames.filter((name) => name !== 'meta.json');
  fc.assert(
    fc.property(useful, fc.nat(), fc.constantFrom(...others), (drawn, which, name) => {
      const { output } = drawn.last[which % drawn.last.length] as Run['last'][number];
      const key = folderOf(output) + name;
      const first = drawn.events.find((event) => event.type === 'edge' && event.key === key)?.t ?? 0;
      const early = request(output, 'meta.json', [first - 5.4, first - 5.2]);
      const events = whole({ ...drawn, events: [...drawn.events, ...early] });
      expect(failing(events)).toEqual(['compaction']);
      expect(check(compaction, events)[0]?.blocks).toEqual([output]);
    }),
  );
});

test('a reader that finds a new block without one of its objects fails it, and one that finds it whole does not', () => {
  fc.assert(
    fc.property(
      useful,
      fc.nat(),
      fc.constantFrom(undefined, 'data.parquet', 'bloom-0', 'index'),
      (drawn, which, missing) => {
        const { output } = drawn.last[which % drawn.last.length] as Run['last'][number];
        const found = { [output]: objectNames.filter((name) => name !== missing) };
        const events = whole({ ...drawn, events: [...drawn.events, polled([9_000, 9_001], found)] });
        // Nothing is told of the other blocks: the reader has not looked for them yet, as far as this poll goes.
        const [finding] = check(atomicity, events).filter(({ blocks = [] }) => blocks.includes(output));
        expect(finding?.verdict).toBe(missing === undefined ? undefined : 'fail');
      },
    ),
  );
});
