import { expect, it } from 'vitest';
import type { FaultStartEvent, WriterProcessEvent } from '../history/events.ts';
import { standstills, writerOf } from './writers-machine.ts';

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
