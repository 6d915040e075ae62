import { expect, it } from 'vitest';
import type { FaultStartEvent, WriterProcessEvent } from '../history/events.ts';
import type { EffectEvent } from './effect.ts';
import { standstills, startedTooSoon, writerOf } from './writers-machine.ts';

const fault: FaultStartEvent = { t: 0, type: 'fault.start', id: '1-writer-pause', fault: 'writer-pause', with: {} };
const process = (what: WriterProcessEvent['what'], t: number, writer: string, rule = fault.id): WriterProcessEvent => ({
  t,
  type: 'writer.process',
  what,
  writers: [writer],
  rule,
});
const times = (...events: WriterProcessEvent[]) =>
  standstills({ fault, events }).map(({ begun, from, until }) => [begun.writers[0], from, until]);

it('pairs what a process was stopped by with what that process went on by, in whichever order several do', () => {
  const stopped = [process('paused', 1, 'a'), process('paused', 2, 'b')];
  expect(times(...stopped, process('resumed', 5, 'a'), process('resumed', 7, 'b'))).toEqual([
    ['a', 1, 5],
    ['b', 2, 7],
  ]);
  expect(times(...stopped, process('resumed', 5, 'b'))).toEqual([
    ['a', 1, undefined],
    ['b', 2, 5],
  ]);
});

it('pairs each time of one process by itself, and those of another fault not at all', () => {
  expect(
    times(
      process('killed', 1, 'a'),
      process('restarted', 2, 'a', '2-writer-crash'),
      process('restarted', 3, 'a'),
      process('stopped', 4, 'a', '2-writer-crash'),
      process('stopped', 5, 'a'),
      process('restarted', 6, 'a'),
      process('restarted', 9, 'a'),
    ),
  ).toEqual([
    ['a', 1, 3],
    ['a', 5, 6],
  ]);
});

it.each([
  ['ingester-3-17.1', 'ingester-3'],
  ['ingester-3.2-17.1', 'ingester-3'],
  ['ingester-30-1.1', 'ingester-30'],
])('tells by the id %s that an attempt is of %s', (id, writer) => {
  expect(writerOf({ id })).toBe(writer);
});

/** Starts of `a` that failed after 10 ms each, the next one after each of these waits: milliseconds as they pass, a tenth of the config's. */
function failedStarts(waits: readonly number[], from = 0, rule = fault.id): EffectEvent[] {
  let start = from;
  return [0, ...waits].map((wait) => {
    start += wait + (wait === 0 ? 0 : 10);
    return { t: start + 10, type: 'writer.start-failed', writer: 'a', rule, start, error: 'S3 is away' };
  });
}
const tooSoon = (...events: EffectEvent[][]) =>
  startedTooSoon({ fault, events: events.flat(), compression: { time: 10, bytes: 1 } });

it('knows a writer that was started again sooner than a kubelet does it', () => {
  // 10 s, doubling up to 5 minutes.
  const rightly = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000];
  expect(tooSoon(failedStarts(rightly))).toBeUndefined();
  expect(tooSoon(failedStarts(rightly.map((wait) => wait * 1.2)))).toBeUndefined();
  for (const place of rightly.keys()) {
    const waits = rightly.map((wait, index) => (index === place ? wait * 0.9 : wait));
    expect(tooSoon(failedStarts(waits)), `wait ${place + 1}`).toContain('its crash-loop back-off was');
  }
  expect(tooSoon(failedStarts([1_000, 1_000]))).toBe(
    'a, which could not start, was started again after 10s: its crash-loop back-off was 20s by then',
  );
});

it('begins anew when the writer has run and is ended again, and leaves other faults and writers alone', () => {
  const again = [process('killed', 90_000, 'a')];
  expect(tooSoon(failedStarts([1_000, 2_000]), again, failedStarts([1_000], 100_000))).toBeUndefined();
  expect(tooSoon(failedStarts([1_000, 1_000], 0, '2-writer-crash'))).toBeUndefined();
});
