import { describe, expect, test } from 'vitest';
import {
  cut,
  dropped,
  fault,
  flushEnd,
  inOrder,
  phase,
  processEvent,
  startFailed,
  walLost,
  walPage,
} from './example-history.ts';
import { recoveryTime } from './recovery-time.ts';

test('runs from the last heal to the last flush of the blocks cut before it', () => {
  const events = inOrder(
    cut('a', 0),
    cut('b', 10),
    fault('1-latency', [20, 100]),
    flushEnd('b', 150),
    flushEnd('a', 170),
    cut('late', 110),
    flushEnd('late', 900),
  );
  expect(recoveryTime(events)).toEqual({
    healedAt: 100,
    ms: 70,
    recovered: [
      { block: 'b', ms: 50 },
      { block: 'a', ms: 70 },
    ],
    outstanding: [],
  });
});

test('is 0 when nothing was outstanding, and when there was no fault', () => {
  expect(recoveryTime(inOrder(cut('a', 0), flushEnd('a', 50), fault('1-latency', [20, 100])))).toMatchObject({ ms: 0 });
  expect(recoveryTime([cut('a', 0)])).toEqual({ ms: 0, recovered: [], outstanding: [] });
});

test('counts from the last of several heals', () => {
  const events = inOrder(
    cut('a', 0),
    cut('b', 0),
    fault('1-latency', [10, 100]),
    flushEnd('a', 150),
    fault('2-bandwidth', [20, 200]),
    flushEnd('b', 230),
  );
  expect(recoveryTime(events)).toMatchObject({ healedAt: 200, ms: 30, recovered: [{ block: 'b', ms: 30 }] });
});

test('has no time when a block never came, and says how long it was waited for', () => {
  const events = inOrder(
    cut('a', 0),
    cut('b', 0),
    fault('1-latency', [10, 100]),
    flushEnd('a', 150, { outcome: 'fail' }),
    dropped('b', 160),
    phase('final-read', 400),
    phase('judging', 900),
  );
  const recovery = recoveryTime(events);
  expect(recovery).not.toHaveProperty('ms');
  expect(recovery.outstanding).toEqual([
    { block: 'a', waited: 300, dropped: false },
    { block: 'b', waited: 300, dropped: true },
  ]);
});

test('what a killed process left in its WAL waits from the next start on', () => {
  const crash = inOrder(
    walPage('a', 0, 1, 100),
    walPage('b', 10, 1, 100),
    processEvent('killed', 20),
    processEvent('restarted', 90),
    fault('1-writer-crash', [15, 100]),
    // Of the process that was started again: it is not cut yet, and nobody waits for it.
    walPage('c', 110, 1, 100),
    cut('a', 120),
    flushEnd('a', 150),
    phase('final-read', 400),
  );
  expect(recoveryTime(crash)).toMatchObject({
    recovered: [{ block: 'a', ms: 50 }],
    outstanding: [{ block: 'b', waited: 300, dropped: false }],
  });
});

test('a WAL that is given up at a start is lost, and not waited for', () => {
  const crash = (gone: ReturnType<typeof dropped>) =>
    inOrder(
      walPage('a', 0, 1, 100),
      processEvent('killed', 20),
      processEvent('restarted', 90),
      gone,
      fault('1-writer-crash', [15, 100]),
      phase('final-read', 400),
    );
  // As the writer tells it before or after the heal.
  for (const t of [95, 105]) {
    expect(recoveryTime(crash(walLost('a', t, 100))).outstanding).toEqual([]);
    expect(recoveryTime(crash(dropped('a', t))).outstanding).toEqual([]);
  }
});

describe('of a writer that was ended while S3 was away, and could not start before S3 was back', () => {
  const walAndBlock = [walPage('a', 0, 1, 100), cut('b', 5)];
  const crashed = (until: number, healed: number) => fault('1-writer-crash', [30, healed], { until });
  const outage = fault('2-connection-refused', [10, 200]);
  const events = (...more: Parameters<typeof inOrder>) =>
    inOrder(walAndBlock, processEvent('killed', 31), processEvent('restarted', 50), outage, ...more);
  const back = [cut('a', 330), flushEnd('a', 360)];

  test('it counts from the end of the outage: the wait for its start is in it', () => {
    const loop = [startFailed([50, 60], 100), startFailed([160, 170], 140)];
    expect(recoveryTime(events(loop, crashed(50, 320), flushEnd('b', 230), back))).toEqual({
      healedAt: 200,
      ms: 160,
      recovered: [
        { block: 'b', ms: 30 },
        { block: 'a', ms: 160 },
      ],
      outstanding: [],
    });
  });

  test('it counts from when it was to be started, if that is later', () => {
    const loop = [startFailed([180, 190], 120)];
    const others = [cut('c', 260), flushEnd('b', 230), flushEnd('c', 400)];
    expect(recoveryTime(events(loop, crashed(250, 320), others, back))).toEqual({
      healedAt: 250,
      ms: 110,
      recovered: [{ block: 'a', ms: 110 }],
      outstanding: [],
    });
  });

  test('it counts from the heal as ever, if the writer was up by then', () => {
    const loop = [startFailed([50, 60], 100), startFailed([160, 170], 140)];
    expect(recoveryTime(events(loop, crashed(320, 340), flushEnd('b', 230), back))).toMatchObject({
      healedAt: 340,
      recovered: [{ block: 'a', ms: 20 }],
    });
  });

  test('without another fault, it counts from when it was to be started', () => {
    const alone = inOrder(
      walAndBlock,
      processEvent('killed', 31),
      processEvent('restarted', 50),
      startFailed([50, 60], 100),
      crashed(50, 180),
      flushEnd('b', 230),
      back,
    );
    expect(recoveryTime(alone)).toMatchObject({ healedAt: 50, ms: 310 });
  });

  test('one that never started has what it left outstanding', () => {
    const loop = [startFailed([50, 60], 100), startFailed([160, 170], undefined)];
    const given = fault('1-writer-crash', [30, 180], { until: 50, healed: false, fired: null });
    expect(recoveryTime(events(loop, given, phase('final-read', 500))).outstanding.map(({ block }) => block)).toEqual([
      'b',
      'a',
    ]);
  });
});
