import { expect, test } from 'vitest';
import type { HistoryEvent } from '../history/events.ts';
import { check, cut, fault, flush, flushEnd, flushStart, inOrder, scenario, slowDown } from './example-history.ts';
import { steadyState } from './steady-state.ts';

const retried = [flushStart('a', 10), slowDown('a', 'index', [20, 30]), flush('a', 40).slice(1)].flat();

test('one block flushed with no failed attempt before the first fault is enough', () => {
  expect(check(steadyState, inOrder(cut('a', 1), flush('a', 10), fault('1-latency', [500, 600])))).toEqual([
    {
      checker: 'steady-state',
      verdict: 'pass',
      message: '1 block flushed with no failed attempt before the first fault',
    },
  ]);
});

test('a flush that ended after the fault began does not count', () => {
  const [finding] = check(steadyState, inOrder(cut('a', 1), flush('a', 10), fault('1-latency', [100, 600])));
  expect(finding?.verdict).toBe('inconclusive');
  expect(finding?.message).toContain('no block was flushed before the first fault (1 cut)');
});

test('a path that needs retries without a fault is not healthy', () => {
  const [finding] = check(steadyState, inOrder(cut('a', 1), retried, fault('1-latency', [500, 600])));
  expect(finding?.verdict).toBe('inconclusive');
  expect(finding?.message).toContain('the path was not healthy');
});

test('a failed attempt in the flush before does not count against the next', () => {
  const failed = inOrder(flushStart('a', 10), slowDown('a', 'index', [20, 30]), flushEnd('a', 40, { outcome: 'fail' }));
  expect(check(steadyState, inOrder(cut('a', 1), failed, flush('a', 50, 2)))[0]?.verdict).toBe('pass');
});

test('where others are to be beside the writers, they have to have been there', () => {
  const healthy = inOrder(cut('a', 1), flush('a', 10));
  const run = (background: object | undefined, ...events: HistoryEvent[]) => {
    const about = scenario();
    const withLoad = {
      ...about,
      scenario: { ...(about.scenario as object), load: { writers: 1, ...(background && { background }) } },
      settings: { ...(about.settings as object), deployment: { queriers: 40, compactors: 12 } },
    };
    return check(steadyState, inOrder(withLoad, healthy, events))[0];
  };
  const deployment = { queriers: 'deployment', compactors: 'deployment' };
  const sent: HistoryEvent = { t: 200, type: 'background', operation: 'GetObject', ms: 3, bytes: 0, outcome: 'fail' };
  expect(run(deployment)).toEqual({
    checker: 'steady-state',
    verdict: 'inconclusive',
    message:
      'S3 had the writers alone: of the queriers and compactors beside them, which are to be 52, not one request came',
  });
  expect(run({ queriers: 1, compactors: 0 })?.verdict).toBe('inconclusive');
  expect(run(deployment, sent)?.verdict).toBe('pass');
  // Nobody was asked for.
  for (const none of [undefined, { queriers: 0, compactors: 0 }]) expect(run(none)?.verdict).toBe('pass');
  // Requests that came after the first fault count too.
  expect(run(deployment, ...fault('1-latency', [150, 600]), sent)?.verdict).toBe('pass');
});
