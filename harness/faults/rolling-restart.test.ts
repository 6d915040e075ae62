import { describe, expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import type { HistoryEvent, WriterProcessEvent } from '../history/events.ts';
import { Compression } from '../scenario/compression.ts';
import { effectOf } from './example-effect.ts';
import { injectedOnMachine } from './example-machine.ts';
import { rollingRestart } from './rolling-restart.ts';

const given = { down: '10ms', pause: '20ms', grace: '1s' };

it('restarts one process after another, and none twice', async () => {
  const { clock, calls, active } = await injectedOnMachine('rolling-restart', given, { takes: 1 });
  await clock.advance(60);
  expect(await active.evidence()).toEqual({ fired: 2, unit: 'times', measured: { processes: 3, downMs: 22 } });
  await clock.advance(500);
  expect(await active.heal()).toEqual({ fired: 3, unit: 'times', measured: { processes: 3, downMs: 33 } });
  expect(calls).toEqual([
    [0, 'stop 1-rolling-restart 1000 of 0'],
    [11, 'restart 1-rolling-restart of 0'],
    [32, 'stop 1-rolling-restart 1000 of 1'],
    [43, 'restart 1-rolling-restart of 1'],
    [64, 'stop 1-rolling-restart 1000 of 2'],
    [75, 'restart 1-rolling-restart of 2'],
  ]);
});

it('restarts the processes of some writers alone', async () => {
  const { clock, calls, active } = await injectedOnMachine('rolling-restart', {
    ...given,
    writers: ['ingester-4', 'ingester-3'],
  });
  await clock.advance(500);
  expect(await active.evidence()).toMatchObject({ fired: 1, measured: { processes: 1 } });
  expect(calls.map(([, call]) => call)).toEqual(['stop 1-rolling-restart 1000 of 2', 'restart 1-rolling-restart of 2']);
});

it.each([
  ['down: it is started at once', 5, [0, 5]],
  ['between two: there is nothing to be started', 15, [0, 10]],
])('ends when it is healed while one is %s, and stops no other', async (_when, at, times) => {
  const { clock, calls, active } = await injectedOnMachine('rolling-restart', given);
  await clock.advance(at);
  expect(await clock.run(active.heal())).toMatchObject({ fired: 1, measured: { processes: 3 } });
  await clock.advance(500);
  expect(calls.map(([t]) => t)).toEqual(times);
});

it('starts one again that did not stop in order, stops no other, and is not healed', async () => {
  const { clock, calls, active } = await injectedOnMachine('rolling-restart', given, { fails: 'stop' });
  await clock.advance(500);
  await expect(active.heal()).rejects.toThrow('cannot stop 1-rolling-restart');
  expect(calls.map(([, call]) => call)).toEqual(['stop 1-rolling-restart 1000 of 0', 'restart 1-rolling-restart of 0']);
});

it('is not healed when one cannot be started again', async () => {
  const { clock, active } = await injectedOnMachine('rolling-restart', given, { fails: 'restart' });
  await clock.advance(500);
  await expect(active.heal()).rejects.toThrow('cannot restart 1-rolling-restart');
});

it('is compressed by time', () => {
  const parameters = rollingRestart.parameters.parse({ writers: ['ingester-1'] });
  expect(rollingRestart.compress(parameters, new Compression(100, 7))).toEqual({
    down: 100,
    pause: 100,
    grace: 3000,
    writers: ['ingester-1'],
  });
});

describe('the effect', () => {
  const process = (what: WriterProcessEvent['what'], t: number, writer: string): HistoryEvent => ({
    t,
    type: 'writer.process',
    what,
    writers: [writer],
    rule: '1-rolling-restart',
    ...(what === 'restarted' && { found: { walBlocks: 1, localBlocks: 2 } }),
  });
  const turn = (writer: string, stopped: number, restarted: number) => [
    process('stopped', stopped, writer),
    process('restarted', restarted, writer),
  ];
  const attempt = (writer: string, start: number) =>
    request('a', 'index', [start, start + 10], { client: { id: `${writer}-1.1` } });
  const both = [turn('ingester-0', 1000, 1100), turn('ingester-1', 1200, 1350)];
  const after = [attempt('ingester-0.2', 1150), attempt('ingester-1.2', 1360)];
  // The one writes while the other is down.
  const meanwhile = [attempt('ingester-1', 1050), attempt('ingester-0.2', 1250)];
  const end = { fired: 2, evidence: { processes: 2 } };
  const effect = (...happened: HistoryEvent[][]) =>
    effectOf('rolling-restart', {}, happened, { end, compression: { time: 20, bytes: 1 } });

  it('is seen when each was silent while it was down, and not after that', () => {
    expect(effect(...both, ...after, ...meanwhile)).toEqual({
      seen: true,
      message:
        '2 processes restarted one after another, each down for 3s at most, with 6 blocks to be completed or flushed found at their starts',
    });
  });

  it('is seen where S3 did not let one start, and so the rollout stood still', () => {
    const refused: HistoryEvent = {
      t: 1180,
      type: 'writer.start-failed',
      writer: 'ingester-0',
      rule: '1-rolling-restart',
      start: 1100,
      error: 'S3 is away',
      retryIn: 500,
    };
    expect(effect(...both.slice(0, 1), [refused], ...after)).toEqual({
      seen: true,
      message:
        '1 of 2 processes restarted one after another, each down for 2s at most, with 3 blocks to be completed or flushed found at their starts',
      note: 'writer ingester-0 could not start 1 time while S3 was away (from 0:22 to 0:23); its crash-loop back-off had come to 10s',
    });
  });

  it.each([
    ['none was stopped', [...after], "none of the writers' processes was stopped"],
    [
      'one did not come back',
      [...both.slice(0, 1), [process('stopped', 1200, 'ingester-1')], ...after],
      'ingester-1: stopped, and not started again',
    ],
    [
      'one went on all the same',
      [...both, ...after, attempt('ingester-1', 1250)],
      '1 attempt began or ended while their writers',
    ],
    [
      'one did nothing after that',
      [...both, ...after.slice(0, 1)],
      'ingester-1: stopped, and made no attempt after that',
    ],
    [
      'it was not through',
      [...both.slice(0, 1), ...after],
      '1 of 2 processes had been restarted when it was healed: a longer `for` is needed',
    ],
  ])('is not seen when %s, whatever was counted', (_what, happened, words) => {
    const { seen, message } = effect(...happened);
    expect(seen).toBe(false);
    expect(message).toContain(words);
  });
});
