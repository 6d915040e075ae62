/** The order in which S3 applied the objects of blocks, and a reader that polls, drawn at random: what is right passes, and what is wrong does not. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EdgeEvent, HistoryEvent, PollEvent } from '../history/events.ts';
import { modelRun } from '../verdict/model-run.ts';
import { applicationOf, atomicity, makesAnObject } from './atomicity.ts';
import { check, folderOf, inOrder, objectNames, request } from './example-history.ts';
import { polled } from './example-poll.ts';

const verdictOf = (events: readonly HistoryEvent[]) => check(atomicity, events).map(({ verdict }) => verdict);

function applications(events: readonly HistoryEvent[], block: string, name: string) {
  return events
    .filter((event): event is EdgeEvent => event.type === 'edge' && event.key === folderOf(block) + name)
    .flatMap((event) => (makesAnObject(event) ? (applicationOf(event) ?? []) : []));
}

/** Each at a moment of its own, between the events. */
const moments = fc
  .uniqueArray(fc.integer({ min: 1, max: 19_900 }), { minLength: 1, maxLength: 6 })
  .map((all) => all.sort((a, b) => a - b).map((t) => t + 0.3));

/** What a correct reader finds of a correct run; `draws` decide where an upload without an answer may have been applied. */
function pollsOf(events: readonly HistoryEvent[], blocks: readonly string[], at: readonly number[], draws: boolean[]) {
  const known = new Set<string>();
  return at.map((t, index): PollEvent => {
    const start = t - 0.1;
    const found = blocks.filter((block) => {
      if (known.has(block)) return false;
      const metas = applications(events, block, 'meta.json');
      const surely = metas.some(({ by }) => by <= start);
      return surely || (metas.some(({ from }) => from <= start) && draws[index % draws.length] === true);
    });
    for (const block of found) known.add(block);
    return polled([start, t], found);
  });
}

const runWithPolls = fc
  .tuple(modelRun, moments, fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }))
  .map(([{ events, blocks }, at, draws]) => {
    // What is in S3 by then is found by the last, so that every run has something to find.
    const polls = pollsOf(events, blocks, [...at, 19_990.3], draws);
    return { events, blocks, polls };
  });

test('a correct reader agrees with the gateway about every correct run', () => {
  fc.assert(
    fc.property(runWithPolls, ({ events, polls }) => {
      expect(verdictOf(inOrder(events, polls))).toEqual(['pass']);
    }),
  );
});

test('any object that any poll misses of a block is never a pass, and names the block', () => {
  const others = objectNames.filter((name) => name !== 'meta.json');
  fc.assert(
    fc.property(runWithPolls, fc.nat(), fc.constantFrom(...others), ({ events, polls }, which, name) => {
      const finds = polls.flatMap((poll) => poll.found.map((one) => ({ poll, one })));
      const { poll, one } = finds[which % finds.length] as (typeof finds)[number];
      const torn = { ...one, objects: one.objects.filter((object) => object.name !== name) };
      const changed = { ...poll, found: poll.found.map((each) => (each === one ? torn : each)) };
      const [finding] = check(
        atomicity,
        inOrder(
          events,
          polls.map((each) => (each === poll ? changed : each)),
        ),
      );
      expect(finding?.verdict).not.toBe('pass');
      expect(finding?.blocks).toEqual([one.block]);
      expect(finding?.message).toContain(`saw its meta.json and no ${name}`);
    }),
  );
});

test('a reader that sees what the gateway leaves open decides it', () => {
  const others = objectNames.filter((name) => name !== 'meta.json');
  fc.assert(
    fc.property(modelRun, fc.nat(), fc.constantFrom(...others), ({ events, blocks }, which, name) => {
      const block = blocks[which % blocks.length] as string;
      const first = Math.min(...applications(events, block, name).map(({ from }) => from));
      // It may have been applied at any time from then on: its answer was lost.
      const early = request(block, 'meta.json', [first - 0.4, first - 0.3], { upstream: 'none' });
      expect(verdictOf(inOrder(events, early))).toEqual(['inconclusive']);
      const seen = polled([first - 0.2, first - 0.1], { [block]: objectNames.filter((object) => object !== name) });
      const [finding] = check(atomicity, inOrder(events, early, seen));
      expect(finding).toMatchObject({ verdict: 'fail', blocks: [block] });
    }),
  );
});

test('a block that a poll found before it was sent, or that a later one did not find, is never a pass', () => {
  fc.assert(
    fc.property(runWithPolls, fc.nat(), fc.boolean(), ({ events, polls }, which, early) => {
      const finds = polls.flatMap((poll) => poll.found.map((one) => ({ poll, one })));
      const { poll, one } = finds[which % finds.length] as (typeof finds)[number];
      const without = polls.map((each) =>
        each === poll ? { ...each, found: each.found.filter((found) => found !== one) } : each,
      );
      const changed = early ? [...without, { ...poll, start: 0.1, t: 0.2, found: [one] }] : without;
      // Found too late is what it may be, as long as nothing says that it was there before.
      fc.pre(early || applications(events, one.block, 'meta.json').some(({ by }) => by <= poll.start));
      const [finding] = check(atomicity, inOrder(events, changed));
      expect(finding).toMatchObject({ verdict: 'inconclusive', blocks: [one.block] });
      expect(finding?.message).toContain('one of the two witnesses is wrong');
    }),
  );
});

test('any object that is overwritten with another content once its block is visible fails, or is undecided', () => {
  fc.assert(
    fc.property(
      modelRun,
      fc.nat(),
      fc.constantFrom(...objectNames),
      fc.nat(2_000),
      ({ events, blocks }, which, name, later) => {
        const block = blocks[which % blocks.length] as string;
        const visible = Math.min(...applications(events, block, 'meta.json').map(({ by }) => by));
        const again = request(block, name, [visible + later + 0.1, visible + later + 0.2], {
          etag: 'of another content',
        });
        const [finding] = check(atomicity, inOrder(events, again));
        // One without an answer may have been applied at any time: it leaves open what was there before.
        const open = applications(events, block, name).some(({ by }) => !Number.isFinite(by));
        expect(finding).toMatchObject({ verdict: open ? 'inconclusive' : 'fail', blocks: [block] });
        // The same content again is what a retry does.
        const same = request(block, name, [visible + later + 0.1, visible + later + 0.2]);
        expect(verdictOf(inOrder(events, same))).toEqual(['pass']);
      },
    ),
  );
});
