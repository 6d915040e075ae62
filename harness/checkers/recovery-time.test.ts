import { expect, test } from 'vitest';
import { cut, dropped, fault, flushEnd, inOrder, phase, processEvent, walLost, walPage } from './example-history.ts';
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
