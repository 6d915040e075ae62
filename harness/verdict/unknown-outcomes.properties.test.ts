/** An attempt whose answer was lost may have been applied, or not: no checker may assume either. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkers } from '../checkers/catalogue.ts';
import type { Finding, Verdict } from '../checkers/checker.ts';
import { check, folderOf, inOrder, request } from '../checkers/example-history.ts';
import type { AttemptEvent, HistoryEvent } from '../history/events.ts';
import { modelRun } from './model-run.ts';

const safety = checkers({}).filter(({ kind }) => kind === 'safety');

/** The worst verdict of each safety checker. */
function verdicts(events: readonly HistoryEvent[]): Map<string, Verdict> {
  const worst = (findings: Finding[]): Verdict =>
    (['fail', 'inconclusive'] as const).find((verdict) => findings.some((one) => one.verdict === verdict)) ?? 'pass';
  return new Map(safety.map((checker) => [checker.name, worst(check(checker, events))]));
}

/** The client was not told what S3 did, and S3 did what it did. */
function untold({ status: _status, code: _code, ...attempt }: AttemptEvent): AttemptEvent {
  return { ...attempt, outcome: 'info', failure: 'reset', message: 'socket hang up' };
}

const wrongs: Record<string, (events: readonly HistoryEvent[], which: number) => HistoryEvent[]> = {
  nothing: (events) => [...events],
  'an object is gone': (events, which) => {
    const objects = events.filter(({ type }) => type === 'final.object');
    return events.filter((event) => event !== objects[which % objects.length]);
  },
  'an object has other bytes': (events, which) => {
    const objects = events.filter(({ type }) => type === 'final.object');
    const altered = objects[which % objects.length];
    return events.map((event) => (event === altered ? ({ ...event, sha256: 'f'.repeat(64) } as HistoryEvent) : event));
  },
  'a meta.json came first': (events, which) => {
    const cuts = events.flatMap((event) => (event.type === 'block.cut' ? [event] : []));
    const { block, t } = cuts[which % cuts.length] as (typeof cuts)[number];
    return inOrder([...events], request(block, 'meta.json', [t + 0.1, t + 0.2]));
  },
};

test.each(Object.keys(wrongs))(
  'that the client was not told what became of an attempt decides nothing about safety, where %s is wrong',
  (what) => {
    fc.assert(
      fc.property(
        modelRun,
        fc.nat(),
        fc.array(fc.nat(), { minLength: 1, maxLength: 5 }),
        ({ events }, which, chosen) => {
          const wrong = (wrongs[what] as (typeof wrongs)[string])(events, which);
          const acknowledged = wrong.filter(
            (event): event is AttemptEvent => event.type === 'attempt' && event.outcome === 'ok',
          );
          const lost = new Set<HistoryEvent>(
            chosen.map((place) => acknowledged[place % acknowledged.length] as AttemptEvent),
          );
          const before = verdicts(wrong);
          const after = verdicts(wrong.map((event) => (lost.has(event) ? untold(event as AttemptEvent) : event)));
          for (const [name, verdict] of before) {
            const told = `${name}: ${verdict}, then ${after.get(name)}`;
            if (verdict === 'fail') expect(after.get(name), told).not.toBe('pass');
            if (verdict === 'pass') expect(after.get(name), told).not.toBe('fail');
          }
        },
      ),
      { numRuns: 60 },
    );
  },
);

test('each of these wrongs fails a safety checker, and a correct run none', async () => {
  await fc.assert(
    fc.asyncProperty(modelRun, fc.nat(), async ({ events, blocks }, which) => {
      expect(blocks.map(folderOf).length).toBeGreaterThan(0);
      const failing = (what: string) =>
        [...verdicts((wrongs[what] as (typeof wrongs)[string])(events, which))]
          .filter(([, verdict]) => verdict === 'fail')
          .map(([name]) => name);
      expect(Object.keys(wrongs).map(failing)).toEqual([[], ['durability'], ['durability'], ['atomicity']]);
    }),
    { numRuns: 20 },
  );
});
