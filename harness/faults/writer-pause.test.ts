import { describe, expect, it } from 'vitest';
import { lateness, request } from '../checkers/example-history.ts';
import type { HistoryEvent, WriterProcessEvent } from '../history/events.ts';
import { Compression } from '../scenario/compression.ts';
import { effectOf } from './example-effect.ts';
import { injectedOnMachine } from './example-machine.ts';
import { writerPause } from './writer-pause.ts';

const always = writerPause.parameters.parse({});
const process = (what: WriterProcessEvent['what'], t: number, rule = '1-writer-pause'): HistoryEvent => ({
  t,
  type: 'writer.process',
  what,
  writers: ['ingester-0'],
  rule,
});
const paused = [process('paused', 999), process('resumed', 2000)];
/** The writers' process says so itself, a moment after it went on. */
const stoodStill = (ms: number, writer = 'ingester-0') => ({
  ...lateness(2004, ms, 'subject'),
  intervalMs: 1200,
  writer,
});
const attempt = (name: string, time: readonly [number, number], writer = 'ingester-0') =>
  request('a', name, time, { client: { id: `${writer}-1.1` } });

it('stops the process until it is healed', async () => {
  const { clock, calls, active } = await injectedOnMachine('writer-pause', {});
  await clock.advance(500);
  expect(await active.evidence()).toEqual({ fired: 1, unit: 'times', measured: { pausedMs: 500 } });
  await clock.advance(500);
  expect(await active.heal()).toEqual({ fired: 1, unit: 'times', measured: { pausedMs: 1000 } });
  expect(calls).toEqual([
    [0, 'pause 1-writer-pause'],
    [1000, 'resume 1-writer-pause'],
  ]);
});

it('stops the processes of some writers alone', async () => {
  const { clock, calls, active } = await injectedOnMachine('writer-pause', { writers: ['ingester-2', 'ingester-1'] });
  await clock.advance(1000);
  await active.heal();
  expect(calls.map(([, call]) => call)).toEqual([
    'pause 1-writer-pause of 0 and 1',
    'resume 1-writer-pause of 0 and 1',
  ]);
});

it('stops it in turn, and never leaves it stopped', async () => {
  const { clock, calls, active } = await injectedOnMachine('writer-pause', { stop: '30ms', run: '10ms' });
  await clock.advance(75);
  // Healed while it runs: it is not let go on twice.
  expect(await active.heal()).toEqual({ fired: 2, unit: 'times', measured: { pausedMs: 60 } });
  await clock.advance(100);
  expect(calls.map(([t, call]) => `${t} ${call.split(' ')[0]}`)).toEqual([
    '0 pause',
    '30 resume',
    '40 pause',
    '70 resume',
  ]);
});

it('does not leave it stopped when it is healed in the moment in which it is stopped again', async () => {
  const { clock, calls, active } = await injectedOnMachine('writer-pause', { stop: '30ms', run: '10ms' }, { takes: 5 });
  // Stopped at 5, running at 40, and from 50 to 55 being stopped again.
  await clock.advance(47);
  await clock.run(active.heal());
  expect(calls.map(([t, call]) => `${t} ${call.split(' ')[0]}`)).toEqual([
    '0 pause',
    '35 resume',
    '50 pause',
    '55 resume',
  ]);
});

it('says when it could not go on in turn', async () => {
  const { clock, active } = await injectedOnMachine('writer-pause', { stop: '30ms', run: '10ms' }, { fails: 'resume' });
  await clock.advance(75);
  await expect(active.heal()).rejects.toThrow('cannot resume 1-writer-pause');
});

it.each([[{ stop: '1s' }], [{ run: '1s' }]])('%j is refused', (parameters) => {
  expect(writerPause.parameters.safeParse(parameters).error?.issues[0]?.message).toBe(
    'expected both stop and run, or neither',
  );
});

it('is compressed by time', () => {
  const parameters = writerPause.parameters.parse({ stop: '3s', run: '1s' });
  expect(writerPause.compress(parameters, new Compression(20, 1))).toEqual({ stop: 150, run: 50 });
  const some = writerPause.parameters.parse({ writers: ['ingester-2'] });
  expect(writerPause.compress(some, new Compression(20, 1))).toEqual({ writers: ['ingester-2'] });
});

describe('the effect', () => {
  it('is seen when nothing happened meanwhile, and the process itself stood still', () => {
    const happened = [paused, [stoodStill(990)], attempt('index', [900, 950]), attempt('meta.json', [960, 2001])];
    expect(effectOf('writer-pause', always, happened, { compression: { time: 20, bytes: 1 } })).toEqual({
      seen: true,
      message: 'their event loop stood still for 19.8s of 20.02s, and no attempt began or ended meanwhile',
    });
  });

  it.each([
    ['began', [1500, 2001]],
    ['ended', [990, 1500]],
  ] as const)('is not seen when an attempt %s meanwhile', (_what, time) => {
    expect(effectOf('writer-pause', always, [paused, [stoodStill(990)], attempt('index', time)])).toEqual({
      seen: false,
      message: '1 attempt began or ended while the writers were stopped: they were not',
    });
  });

  it('is seen by those alone that were stopped, and by each of them', () => {
    const both = paused.map((event) => ({ ...event, writers: ['ingester-0', 'ingester-1'] }) as HistoryEvent);
    const other = attempt('index', [1500, 1600], 'ingester-2');
    const effect = (...late: HistoryEvent[]) => effectOf('writer-pause', always, [both, other, late]);
    expect(effect(stoodStill(990), stoodStill(980, 'ingester-1'), stoodStill(0, 'ingester-2'))).toEqual({
      seen: true,
      message: 'their event loop stood still for 980ms of 1.001s, and no attempt began or ended meanwhile',
    });
    // One that went on is not hidden by another that was late twice as long.
    expect(effect(stoodStill(2000), stoodStill(10, 'ingester-1')).seen).toBe(false);
    expect(effect(stoodStill(2000), stoodStill(990, 'ingester-2')).seen).toBe(false);
  });

  it('names the writers that it was for, and counts all that they were late', () => {
    const some = writerPause.parameters.parse({ writers: ['ingester-0'] });
    expect(effectOf('writer-pause', some, [paused, [stoodStill(490), stoodStill(500)]])).toEqual({
      seen: true,
      message: 'ingester-0: their event loop stood still for 990ms of 1.001s, and no attempt began or ended meanwhile',
    });
  });

  it('is not seen when their process was not late', () => {
    const gateway = { ...lateness(1500, 990, 'gateway'), writer: 'ingester-0' };
    expect(effectOf('writer-pause', always, [paused, [stoodStill(20), gateway]]).seen).toBe(false);
  });

  it('is not seen without a word of the machine, whatever was counted', () => {
    for (const happened of [
      [],
      [process('paused', 999)],
      [process('paused', 999, '2-x'), process('resumed', 2000, '2-x')],
    ]) {
      expect(effectOf('writer-pause', always, [happened], { end: { fired: 7 } })).toEqual({
        seen: false,
        message: "the writers' process was not stopped, or never went on",
      });
    }
  });
});
