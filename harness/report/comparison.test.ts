import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScenarioResult } from '../scenario/run-result.ts';
import { compareRuns } from './comparison.ts';
import { exampleResult, exampleRun } from './example-run.ts';

type Changed = Partial<ScenarioResult>;

const failed: Changed = { verdict: 'fail', asExpected: false };
const inconclusive: Changed = { verdict: 'inconclusive', asExpected: false };
const limit: Changed = { verdict: 'fail', asExpected: true, expected: { verdict: 'fail', cause: 'deadline-exceeded' } };
const otherCause: Changed = { ...limit, asExpected: false };
const limitGone: Changed = { ...limit, verdict: 'pass', asExpected: false };
const lost = (blocks: number): Changed => ({
  ...failed,
  blocks: { cut: 8, flushed: 8, readBack: 8 - blocks, lost: blocks },
});
const flushed = (blocks: number): Changed => ({
  ...failed,
  blocks: { cut: 8, flushed: blocks, readBack: blocks, lost: 0 },
});
const recovered = (ms: number | null): Changed => ({ recovery: { ms, budgetMs: 180_000 } });

function compare(older: Changed, newer: Changed) {
  return compareRuns(exampleRun([exampleResult(older)]), exampleRun([exampleResult(newer)]));
}

const cases: [string, Changed, Changed, string, string][] = [
  ['nothing changed', {}, {}, 'same', ''],
  ['pass to fail', {}, failed, 'worse', 'fail, was pass'],
  ['fail to pass', failed, {}, 'better', 'pass, was fail'],
  ['pass to inconclusive', {}, inconclusive, 'inconclusive', 'inconclusive on the new config'],
  ['fail to inconclusive: nothing was shown', failed, inconclusive, 'inconclusive', 'inconclusive on the new config'],
  ['inconclusive to fail', inconclusive, failed, 'worse', 'fail, was inconclusive'],
  ['inconclusive to pass', inconclusive, {}, 'inconclusive', 'passes on the new config, inconclusive on the old'],
  ['a limit that is gone', limit, limitGone, 'better', 'pass (unexpected), was fail (expected)'],
  ['another cause', limit, otherCause, 'worse', 'fail (other cause), was fail (expected)'],
  ['another seed', { seed: 1 }, { seed: 2 }, 'inconclusive', 'ran with seed 1 on the old config, 2 on the new'],
  ['a block more is lost', lost(1), lost(2), 'worse', '2 blocks lost, was 1 block lost'],
  ['a block more stays behind', flushed(7), flushed(6), 'worse', '2 blocks not flushed, was 1 block not flushed'],
  ['lost counts before flushed', { ...flushed(6) }, lost(1), 'worse', '1 block lost, was 0 blocks lost'],
  [
    'the first deadline',
    {},
    { deadlineExceeded: 1 },
    'worse',
    '1 flush over the deadline, was 0 flushes over the deadline',
  ],
  ['a deadline more, of many', { deadlineExceeded: 5 }, { deadlineExceeded: 6 }, 'same', ''],
  [
    'many deadlines more',
    { deadlineExceeded: 5 },
    { deadlineExceeded: 9 },
    'worse',
    '9 flushes over the deadline, was 5 flushes over the deadline',
  ],
  [
    'a third more deadlines',
    { deadlineExceeded: 6 },
    { deadlineExceeded: 8 },
    'worse',
    '8 flushes over the deadline, was 6 flushes over the deadline',
  ],
  [
    'the same the other way',
    { deadlineExceeded: 8 },
    { deadlineExceeded: 6 },
    'better',
    '6 flushes over the deadline, was 8 flushes over the deadline',
  ],
  ['a recovery that differs by chance', recovered(12_000), recovered(70_000), 'same', ''],
  // Seen of slowdown-sustained, with one config and one seed.
  ['a slow recovery that differs by chance', recovered(81_000), recovered(119_000), 'same', ''],
  ['a very slow recovery that differs by a little', recovered(300_000), recovered(370_000), 'same', ''],
  ['a slower recovery', recovered(12_000), recovered(90_000), 'worse', 'recovery 1m30s, was recovery 12s'],
  ['a faster recovery', recovered(90_000), recovered(12_000), 'better', 'recovery 12s, was recovery 1m30s'],
  ['the first recovery', recovered(null), recovered(60_000), 'better', 'recovery 1m, was never recovered'],
  ['no recovery either way', recovered(null), recovered(null), 'same', ''],
];

it.each(cases)('%s', (_, older, newer, outcome, reason) => {
  expect(compare(older, newer).scenarios[0]).toMatchObject({ outcome, reason });
});

describe('the whole', () => {
  const run = (...changed: Changed[]) =>
    exampleRun(changed.map((one, index) => exampleResult({ name: `s${index}`, ...one })));

  it('is worse when any scenario is, also beside an inconclusive one', () => {
    expect(compareRuns(run({}, {}, {}), run({}, inconclusive, failed))).toMatchObject({
      outcome: 'worse',
      exitCode: 1,
    });
  });

  it('is inconclusive when any scenario is, and none is worse', () => {
    expect(compareRuns(run({}, {}), run({}, inconclusive))).toMatchObject({ outcome: 'inconclusive', exitCode: 2 });
  });

  it('is not worse when all are the same or better', () => {
    expect(compareRuns(run({}, failed), run({}, {}))).toMatchObject({ outcome: 'not worse', exitCode: 0 });
  });

  it('is inconclusive when nothing ran, and when a scenario ran on one side only', () => {
    expect(compareRuns(run(), run())).toMatchObject({ outcome: 'inconclusive', exitCode: 2 });
    const { scenarios, exitCode } = compareRuns(run({}, {}), run({}));
    expect(exitCode).toBe(2);
    expect(scenarios[1]).toMatchObject({ reason: 'ran on the old config only', new: null });
  });

  it('keeps clients apart', () => {
    const both = (minio: Changed) => exampleRun([exampleResult(), exampleResult({ client: 'minio', ...minio })]);
    const { scenarios } = compareRuns(both({}), both(failed));
    expect(scenarios.map(({ client, outcome }) => [client, outcome])).toEqual([
      ['aws-sdk', 'same'],
      ['minio', 'worse'],
    ]);
  });
});

const anyResult = fc.record({
  verdict: fc.constantFrom('pass' as const, 'fail' as const, 'inconclusive' as const),
  asExpected: fc.boolean(),
  blocks: fc.record({ cut: fc.constant(8), flushed: fc.nat(8), readBack: fc.nat(8), lost: fc.nat(8) }),
  deadlineExceeded: fc.nat(20),
  recovery: fc.record({ ms: fc.option(fc.nat(400_000)), budgetMs: fc.constant(180_000) }),
});

it('never finds a config worse, or better, than itself', () => {
  fc.assert(
    fc.property(anyResult, (result) => {
      expect(['same', 'inconclusive']).toContain(compare(result, result).scenarios[0]?.outcome);
    }),
  );
});

it('what is worse one way is better the other way, unless something is inconclusive', () => {
  const mirrored = { worse: 'better', better: 'worse', same: 'same' };
  fc.assert(
    fc.property(anyResult, anyResult, (one, other) => {
      fc.pre(one.verdict !== 'inconclusive' && other.verdict !== 'inconclusive');
      const there = compare(one, other).scenarios[0]?.outcome as keyof typeof mirrored;
      expect(compare(other, one).scenarios[0]?.outcome).toBe(mirrored[there]);
    }),
  );
});
