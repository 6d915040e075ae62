import { describe, expect, it, test } from 'vitest';
import type { HistoryEvent } from '../../history/events.ts';
import { judge } from '../../verdict/judge.ts';
import { checkers } from '../catalogue.ts';
import type { CheckContext, Checker } from '../checker.ts';
import { checkerPages } from './catalogue.ts';
import type { CheckerPage } from './page.ts';

const all = checkers({});
const pageOf = ({ name }: Checker) => checkerPages[name] as CheckerPage;

test('every checker has a page, and every page a checker', () => {
  expect(Object.keys(checkerPages).sort()).toEqual(all.map(({ name }) => name).sort());
});

describe.each(all.filter(({ name }) => checkerPages[name]).map((checker) => [checker.name, checker] as const))(
  "%s's page",
  (name, checker) => {
    const { details, reads, example, limits } = pageOf(checker);

    it('has an example that this checker catches, and no other does', async () => {
      const { verdict, findings } = await judge(example.history, { effects: {} });
      const caught = findings.filter((finding) => finding.verdict !== 'pass').map((finding) => finding.checker);
      expect(new Set(caught)).toEqual(new Set([name, ...(example.along ?? [])]));
      expect(verdict).not.toBe('pass');
      // What is along is so by what this one found: it fails nothing.
      for (const other of example.along ?? []) {
        expect(findings.filter((finding) => finding.checker === other && finding.verdict === 'fail')).toEqual([]);
      }
    });

    // Not `runIf`: what does not apply is not skipped.
    const judgesOnRequest = checker.judges ? it : undefined;
    judgesOnRequest?.('judges nothing once its expectations are gone, as it says', () => {
      const [first, ...rest] = example.history;
      const { expect: expected, compression } = contextOf(first);
      const without = Object.fromEntries(
        Object.entries(expected).filter(([key]) => !checker.judges?.includes(key as never)),
      );
      expect(Object.keys(without).length).toBeLessThan(Object.keys(expected).length);
      const verdicts = verdictsOf(checker, { expect: without as never, compression }, [first as HistoryEvent, ...rest]);
      expect(verdicts).not.toContain('fail');
    });

    it('shows a part of that history, short enough to be read', () => {
      expect(example.shown.length).toBeGreaterThan(0);
      expect(example.shown.length).toBeLessThanOrEqual(12);
      for (const event of example.shown) expect(example.history).toContain(event);
    });

    it('names every type of event that the checker looks at, in any of the examples', () => {
      const looked = new Set<string>();
      for (const other of all.filter(({ name }) => checkerPages[name])) lookedAt(checker, pageOf(other), looked);
      if ('every event' in reads) return;
      expect([...looked].filter((type) => !(type in reads))).toEqual([]);
    });

    it('tells what it cannot see', () => {
      expect(details.trim()).not.toBe('');
      expect(limits.length).toBeGreaterThan(0);
      for (const limit of limits) expect(limit).toMatch(/^[A-Z`"].*[.`]$/s);
    });
  },
);

function contextOf(event: HistoryEvent | undefined): CheckContext {
  if (event?.type !== 'scenario') throw new Error('an example begins with its scenario');
  const { expect } = event.scenario as Pick<CheckContext, 'expect'>;
  return { expect, compression: event.compression };
}

function verdictsOf(checker: Checker, context: CheckContext, history: readonly HistoryEvent[]): string[] {
  const running = checker.start(context);
  for (const event of history) running.see(event);
  return running.findings().map(({ verdict }) => verdict);
}

/** Adds the types of the events of which the checker takes more than their type and their time. */
function lookedAt(checker: Checker, { example }: CheckerPage, looked: Set<string>): void {
  const watched = example.history.map(
    (event) =>
      new Proxy(event, {
        get(target, property, receiver) {
          if (property !== 'type' && property !== 't') looked.add(target.type);
          return Reflect.get(target, property, receiver);
        },
      }),
  );
  verdictsOf(checker, contextOf(example.history[0]), watched);
}
