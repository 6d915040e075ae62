import { describe, expect, it, test } from 'vitest';
import type { AttemptEvent, BlockCutEvent, HistoryEvent, ScenarioEvent } from '../history/events.ts';
import { backoff } from '../object-store/backoff.ts';
import { Random } from '../random.ts';
import {
  check,
  cut,
  fault,
  flush,
  flushStart,
  inOrder,
  lateness,
  type PartialContext,
  phase,
  requestsOfUpload,
  scenario,
  slowDown,
} from './example-history.ts';
import { LatenessWatch } from './lateness-watch.ts';
import { retryStorm } from './retry-storm.ts';

const SECOND = 1000;
const policy = { attempts: 10, backoffUnit: 200, backoffCap: 1000 };
const random = new Random(1);

function begin(): ScenarioEvent {
  return { ...scenario(), settings: { client: 'tempo', s3: { region: 'us-west-2' }, policy } };
}

/** So many blocks, one each half minute, flushed as they are cut: 14 requests in the busiest minute. */
const steady = (blocks = 4) =>
  Array.from({ length: blocks }, (_, index) => [
    cut(`block-${index}`, (1 + index * 30) * SECOND),
    ...flush(`block-${index}`, (2 + index * 30) * SECOND),
  ]).flat();

/** Attempts of one request that are all throttled, one each 100 ms from `from` on, as far as times go. */
function throttled(block: string, from: number, count: number, how: Partial<AttemptEvent> = {}): HistoryEvent[] {
  return Array.from({ length: count }, (_, index) =>
    slowDown(block, 'bloom-0', [from + index * 100, from + index * 100 + 10], {
      attempt: index + 1,
      client: how,
    }),
  ).flat();
}

const judge = (events: HistoryEvent[], context: PartialContext = {}) => {
  const [finding, ...more] = check(retryStorm, inOrder(begin(), phase('timeline', 0), events), context);
  expect(more).toEqual([]);
  return finding;
};

describe('the rate of attempts', () => {
  const of = (attempts: number) => [
    ...steady(),
    cut('late', 100 * SECOND),
    ...throttled('late', 101 * SECOND, attempts),
  ];
  // The busiest minute has the two blocks cut at 0:61 and 0:91, and the late one.
  const busiest = 3 * requestsOfUpload;

  it('of a run without retries is that of its blocks', () => {
    expect(judge(steady(), { expect: { retryStorm: 1 } })).toEqual({
      checker: 'retry-storm',
      verdict: 'pass',
      message: `${2 * requestsOfUpload} write attempts in the busiest minute, from 0:02 on, 1.0 times the ${2 * requestsOfUpload} of the busiest without faults (at most 1 times expected)`,
    });
  });

  it('is that of the busiest minute, against what its blocks need', () => {
    const attempts = 100 + 2 * requestsOfUpload;
    expect(judge(of(100), { expect: { retryStorm: 6 } })).toMatchObject({
      verdict: 'pass',
      message: `${attempts} write attempts in the busiest minute, from 1:02 on, 5.4 times the ${busiest} of the busiest without faults (at most 6 times expected)`,
    });
    expect(judge(of(100), { expect: { retryStorm: 5 } })?.verdict).toBe('fail');
  });

  it('is told of unasked when it is striking, and no reason to fail', () => {
    expect(judge(of(100))).not.toHaveProperty('note');
    expect(judge(of(300))).toMatchObject({ verdict: 'pass', note: true });
  });

  it("is one of the config's time", () => {
    // A minute of it is three seconds as they pass.
    const finding = judge(of(100), { expect: { retryStorm: 4 }, compression: { time: 20, bytes: 1 } });
    expect(finding).toMatchObject({
      verdict: 'fail',
      message: `30 write attempts in the busiest minute, from 33:40 on, 4.3 times the ${requestsOfUpload} of the busiest without faults (at most 4 times expected)`,
    });
  });

  it('of a block that never got to S3 is held against what the others needed', () => {
    expect(judge(of(20))?.message).toContain(`times the ${busiest} of the busiest`);
  });

  it('cannot be judged when no block is known to have been sent whole', () => {
    const none = [cut('late', 1), ...throttled('late', 2, 50)];
    expect(judge(none)?.verdict).toBe('pass');
    expect(judge(none, { expect: { retryStorm: 3 } })?.verdict).toBe('inconclusive');
  });
});

describe('the waits between attempts', () => {
  const waiting = (retryIn: (attempt: number, index: number) => number) =>
    Array.from({ length: 10 }, (_, index) =>
      throttled(`block-${index}`, 0, 9).map((event) =>
        event.type === 'attempt' ? { ...event, request: `r${index}`, retryIn: retryIn(event.attempt, index) } : event,
      ),
    ).flat();

  it('of a client without jitter fail, whatever a scenario expects, and however late the harness was', () => {
    const finding = judge([...steady(), ...waiting((attempt) => Math.min(91, backoff(attempt, policy, 0)))]);
    expect(finding).toMatchObject({ verdict: 'fail', missedByMs: 'never' });
    expect(finding?.message).toMatch(/^the client /);
    // The next attempt came after 90 ms: it did not wait as long as it said.
    expect(finding?.message).toContain('of 90 waits, half were');
  });

  it.each([
    ['hardly waits between attempts', () => 0],
    ['waits its whole limit, without jitter', (attempt: number) => backoff(attempt, policy, 0)],
    ['does not wait with full jitter', (attempt: number) => backoff(attempt, policy, 0.5)],
  ])('of a client that %s are said so', (how, retryIn) => {
    const last = waiting(retryIn)
      .filter((event) => event.type === 'attempt')
      .map((event, index) => ({ ...event, request: `r${index}` }));
    expect(judge([...steady(), ...last])?.message).toContain(`the client ${how}: of 90 waits`);
  });

  it('of a client that waits as it should not are never excused by a harness that was late', () => {
    const watch = new LatenessWatch({
      expect: { verdict: 'pass', lost: 0, visibleWithin: 1 },
      compression: { time: 1, bytes: 1 },
    });
    for (const event of [phase('timeline', 0), lateness(10, 5_000)]) watch.see(event);
    expect(watch.against({ checker: 'retry-storm' }).late).toBe(true);
    expect(watch.against({ checker: 'retry-storm', missedByMs: 'never' }).late).toBe(false);
  });

  it('of a client with full jitter pass', () => {
    const drawn = waiting((attempt, index) => backoff(attempt, policy, random.uniform(attempt, index)))
      .filter((event) => event.type === 'attempt')
      .map((event, index) => ({ ...event, request: `r${index}` }));
    expect(judge([...steady(), ...drawn])?.verdict).toBe('pass');
  });
});

describe('retries in step', () => {
  const of = (writer: number, event: HistoryEvent): HistoryEvent =>
    event.type === 'block.cut' ? ({ ...event, writer: `ingester-${writer}` } as BlockCutEvent) : event;

  /** Each writer has a block that is throttled for a minute, with retries at these times of each ten seconds. */
  function outage(writers: number, at: (writer: number, round: number) => number): HistoryEvent[] {
    const blocks = Array.from({ length: writers }, (_, writer) => [
      of(writer, cut(`stuck-${writer}`, 200 * SECOND)),
      ...Array.from({ length: 6 }, (_, round) => {
        const t = (201 + round * 10 + at(writer, round)) * SECOND;
        return [2, 3, 4].map((attempt) =>
          slowDown(`stuck-${writer}`, 'bloom-0', [t + attempt, t + attempt + 1], { attempt }),
        );
      }).flat(2),
    ]);
    return [...steady(), ...blocks.flat(), ...fault('1-s3-error', [200 * SECOND, 260 * SECOND])];
  }

  it('are told of, and fail where a scenario expects no storm', () => {
    const together = outage(5, () => 0);
    expect(judge(together)).toMatchObject({ verdict: 'pass', note: true });
    expect(judge(together)?.message).toContain(
      '; 5 writers retried in step (mean correlation 1.00, in step above 0.5)',
    );
    expect(judge(together, { expect: { retryStorm: 100 } })?.verdict).toBe('fail');
  });

  it('are not those of writers that go by themselves', () => {
    const apart = outage(5, (writer, round) => random.uniform('at', writer, round) * 9);
    const finding = judge(apart, { expect: { retryStorm: 100 } });
    expect(finding?.verdict).toBe('pass');
    expect(finding?.message).toContain('5 writers did not retry in step');
  });

  it('take more than two writers', () => {
    expect(judge(outage(2, () => 0))?.message).not.toContain('in step');
  });

  it('are those of flushes that begin again too', () => {
    const again = Array.from({ length: 3 }, (_, writer) => [
      of(writer, cut(`stuck-${writer}`, 200 * SECOND)),
      ...Array.from({ length: 6 }, (_, round) => {
        const t = (201 + round * 10) * SECOND;
        return [
          flushStart(`stuck-${writer}`, t, round + 2),
          ...slowDown(`stuck-${writer}`, 'data.parquet', [t + 1, t + 2]),
          // Another first attempt of the same flush is no retry.
          ...slowDown(`stuck-${writer}`, 'bloom-0', [t + 3_000 * (writer + 1), t + 3_000 * (writer + 1) + 1]),
        ];
      }).flat(),
    ]).flat();
    const events = [...steady(), ...again, ...fault('1-s3-error', [200 * SECOND, 260 * SECOND])];
    expect(judge(events)?.message).toContain('3 writers retried in step (mean correlation 1.00');
  });
});

test('has nothing to say of a run in which nothing was sent', () => {
  expect(check(retryStorm, [])).toMatchObject([{ verdict: 'pass' }]);
});
