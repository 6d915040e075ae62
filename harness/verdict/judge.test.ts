import { expect, test } from 'vitest';
import { checkerNames } from '../checkers/catalogue.ts';
import {
  cut,
  dropped,
  fault,
  finalLocal,
  finalRead,
  finalWal,
  flush,
  flushEnd,
  flushStart,
  inOrder,
  lateness,
  objectNames,
  objectOf,
  type PartialContext,
  phase,
  probed,
  processEvent,
  push,
  scenario,
  slowDown,
  walPage,
} from '../checkers/example-history.ts';
import { contextOf } from './expectations-of.ts';
import { judge, judgeFirstShare } from './judge.ts';
import { SecondShare } from './second-share.ts';

const effects = {};
const timeline = [{ fault: 's3-error' }];

/** A steady block, then a fault in which block `a` is cut, and a drain that lasts until 9000. */
function run(context: PartialContext, ...events: Parameters<typeof inOrder>) {
  return inOrder(
    scenario({ ...context, timeline }),
    phase('lease', 1),
    phase('steady-state', 2),
    cut('steady', 3),
    flush('steady', 10),
    phase('timeline', 200),
    probed('before', 250),
    fault('1-s3-error', [300, 1_000], { fired: 2 }),
    probed('after', 1_010),
    cut('a', 400),
    ...events,
    phase('drain', 1_001),
    phase('final-read', 9_000),
  );
}

const create = { operation: 'CreateMultipartUpload' } as const;
const throttled = inOrder(
  flushStart('a', 500),
  slowDown('a', 'data.parquet', [500, 510], { ...create, client: { retryIn: 90 } }),
  slowDown('a', 'data.parquet', [600, 610], { ...create, attempt: 2 }),
  flushEnd('a', 611, { outcome: 'fail' }),
);
const recovered = inOrder(throttled, flush('a', 4_000, 2));

test('gives the verdict and all its figures, in the time of the config', async () => {
  const history = run(
    { expect: { recoveredWithin: 100_000, deadlineExceeded: 0 }, compression: { time: 20, bytes: 100 } },
    recovered,
    lateness(700, 12),
    finalRead(9_001, 'steady', 'a'),
  );
  const judgement = await judge(history, { effects });
  expect(judgement).toMatchObject({
    verdict: 'pass',
    asExpected: true,
    blocks: { cut: 2, flushed: 2, readBack: 2, lost: 0 },
    recovery: { ms: 62_800, budgetMs: 100_000 },
    faults: [{ id: '1-s3-error', name: 's3-error', fired: 2, unit: 'requests' }],
    deadlineExceeded: 0,
    explanation: '',
    longestLatenessMs: 12,
  });
  expect(judgement.requests).toEqual({ needed: 14, sent: 16, retries: 1 });
  expect(judgement.latency.p50).toBeCloseTo(10, 1);
  expect(judgement.findings.map(({ checker }) => checker)).toEqual(checkerNames);
});

test('a recovery that takes longer than its budget fails, with an explanation', async () => {
  const history = run({ expect: { recoveredWithin: 3_000 } }, recovered, finalRead(9_001, 'steady', 'a'));
  const { verdict, asExpected, explanation } = await judge(history, { effects });
  expect({ verdict, asExpected }).toEqual({ verdict: 'fail', asExpected: false });
  expect(explanation).toMatch(
    /^1 block not in S3 within 3s of the last heal: block a took 3.2s\. Fault in force: 1-s3-error/,
  );
});

test('a block that never recovers fails although the budget for visibility is not over', async () => {
  const onDisk = objectNames.map((name) => finalLocal('a', name, 9_001));
  const history = run(
    { expect: { recoveredWithin: 3_000, visibleWithin: 600_000 } },
    throttled,
    onDisk,
    finalRead(9_001, 'steady'),
  );
  const { verdict, recovery, findings } = await judge(history, { effects });
  const verdicts = new Map(findings.map(({ checker, verdict }) => [checker, verdict]));
  expect(verdicts.get('durability')).toBe('pass');
  expect(verdicts.get('visible-within')).toBe('inconclusive');
  expect(verdict).toBe('fail');
  expect(recovery).toEqual({ ms: null, budgetMs: 3_000 });
});

test('advice names the settings as the version that was run has them', async () => {
  const late = flushEnd('a', 611, { deadlineExceeded: true });
  const flushes = inOrder(flushStart('a', 500), late, flush('a', 4_000, 2));
  const history = run({ expect: { deadlineExceeded: 0 } }, flushes, finalRead(9_001, 'steady', 'a'));
  const of = (version: string) =>
    history.map((event) => (event.type === 'scenario' ? { ...event, settings: { version } } : event));
  expect((await judge(of('2.9'), { effects })).explanation).toContain('ingester.flush_op_timeout');
  const explained = (await judge(of('3.0'), { effects })).explanation;
  expect(explained).not.toContain('ingester.');
  expect(explained).toContain('policy.flushOpTimeout');
});

test('the same miss with a harness that was late on the way is inconclusive', async () => {
  const judged = (...moments: number[]) =>
    judge(
      run(
        { expect: { recoveredWithin: 3_000 } },
        recovered,
        // Missed by 140 ms, of which three times 61 ms are enough.
        moments.map((t) => lateness(t, 61)),
        finalRead(9_001, 'steady', 'a'),
      ),
      { effects },
    );
  const { verdict, asExpected, explanation } = await judged(2_000, 3_000, 3_900);
  expect({ verdict, asExpected }).toEqual({ verdict: 'inconclusive', asExpected: false });
  expect(explanation).toContain('the harness was late by 61ms at most');
  // Twice is not, and what was late when all was over delayed nothing.
  expect((await judged(2_000, 3_000)).verdict).toBe('fail');
  expect((await judged(2_000, 3_000, 7_000, 8_000)).verdict).toBe('fail');
});

test('a scenario that demonstrates a loss is right when exactly that happens', async () => {
  const history = (cause: string) =>
    run(
      { expect: { verdict: 'fail', cause, recoveredWithin: 3_000 } },
      throttled,
      dropped('a', 612, 'flushRetries is 0'),
      finalRead(9_001, 'steady'),
    );
  expect(await judge(history('durability'), { effects })).toMatchObject({
    verdict: 'fail',
    asExpected: true,
    blocks: { lost: 1 },
  });
  expect(await judge(history('deadline-exceeded'), { effects })).toMatchObject({ verdict: 'fail', asExpected: false });
});

test('an effect that is not seen is inconclusive, by the checks that it was given', async () => {
  const history = run({}, recovered, finalRead(9_001, 'steady', 'a'));
  expect((await judge(history, { effects })).verdict).toBe('pass');
  const unseen = { 's3-error': () => ({ seen: false, message: 'no client got a SlowDown' }) };
  expect((await judge(history, { effects: unseen })).verdict).toBe('inconclusive');
});

test('events in front of the scenario are judged, and make the history a broken one', async () => {
  const [first, ...rest] = run({}, recovered, finalRead(9_001, 'steady', 'a'));
  const { verdict, blocks, findings } = await judge([...rest.slice(0, 40), first as never, ...rest.slice(40)], {
    effects,
  });
  expect(verdict).toBe('inconclusive');
  expect(blocks.cut).toBe(2);
  expect(findings.at(-1)?.checker).toBe('history-whole');
});

test('a history that does not say what to judge is refused, with what is wrong', async () => {
  await expect(judge([phase('lease', 1)], { effects })).rejects.toThrow('no scenario event among the 1 events');
  const unreadable = { ...scenario(), scenario: { expect: { verdict: 'maybe', lost: 0 } } };
  await expect(judge([unreadable], { effects })).rejects.toThrow(
    /what the scenario example expects cannot be read.*expect\.verdict/,
  );
});

test('a fault that is counted by its effect has that count in the judgement', async () => {
  const history = run({}, recovered, finalRead(9_001, 'steady', 'a')).map((event) =>
    event.type === 'fault.end' ? { ...event, fired: null } : event,
  );
  const counted = { 's3-error': () => ({ seen: true, message: '', acted: 5 }) };
  expect((await judge(history, { effects: counted })).faults).toMatchObject([{ id: '1-s3-error', fired: 5 }]);
  expect((await judge(history, { effects })).verdict).toBe('inconclusive');
});

test('tells how much data there was, in bytes of the config, and what a kill took of it', async () => {
  const blocks = ['steady', 'a'].flatMap((block) => {
    const { size } = objectOf(block, 'data.parquet');
    return [push(2.5, size, size), walPage(block, 2.5, 1, size)];
  });
  const data = inOrder(
    blocks,
    push(500, 30, 30, 5),
    walPage('b', 501, 1, 20),
    processEvent('killed', 502),
    processEvent('restarted', 503),
    push(504, 7, 7),
    finalWal('b', 8_000, 20),
  );
  const context = { compression: { time: 1, bytes: 1_000_000 } };
  const judgement = await judge(run(context, recovered, data, finalRead(9_001, 'steady', 'a')), { effects });
  expect(judgement.data).toEqual({
    pushed: 37e6 + 2 * 112e6,
    refused: 5e6,
    liveLost: 10e6,
    // The steady block, which is 433 with its blooms and the rest, and the pages of the other.
    peakBacklog: 545e6,
  });
  expect(judgement).toMatchObject({
    verdict: 'pass',
    explanation: '10MB of live traces, acknowledged and not yet in the WAL, went with 1 kill.',
  });
  const strict = { ...context, expect: { liveTracesLost: 5e6 } };
  const judged = await judge(run(strict, recovered, data, finalRead(9_001, 'steady', 'a')), { effects });
  expect(judged).toMatchObject({ verdict: 'fail', asExpected: false });
});

test('a checker that was left out is inconclusive under its own name: no verdict is one of fewer invariants', async () => {
  const history = run({}, recovered, finalRead(9_001, 'steady', 'a'));
  const share = new SecondShare(contextOf(scenario({ timeline })));
  for (const event of history) share.see(event);
  const results = share.results();
  async function* pieces() {
    yield history;
  }
  const whole = await judgeFirstShare(pieces(), Promise.resolve(results), { effects });
  expect(whole.findings.map(({ checker }) => checker)).toEqual(checkerNames);
  for (const missing of [undefined, []]) {
    const findings = { ...results.findings, atomicity: missing ?? [] };
    if (!missing) Reflect.deleteProperty(findings, 'atomicity');
    const second = Promise.resolve({ ...results, findings });
    const judged = await judgeFirstShare(pieces(), second, { effects });
    expect(judged.verdict).toBe('inconclusive');
    expect(judged.findings.filter(({ checker }) => checker === 'atomicity')).toEqual([
      {
        checker: 'atomicity',
        verdict: 'inconclusive',
        message: 'atomicity was not asked, or said nothing: whether its invariant held is not known',
      },
    ]);
  }
});
