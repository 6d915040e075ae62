/** writer-crash and power-loss: a process that is killed, and started again. */
import { describe, expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import type { HistoryEvent, WriterProcessEvent } from '../history/events.ts';
import { Compression } from '../scenario/compression.ts';
import { effectOf } from './example-effect.ts';
import { injectedOnMachine, type OnMachine } from './example-machine.ts';
import { HalfInjectedError } from './half-injected.ts';
import { powerLoss } from './power-loss.ts';
import { writerCrash } from './writer-crash.ts';

const process = (
  fault: string,
  what: WriterProcessEvent['what'],
  t: number,
  found?: Record<string, number>,
): HistoryEvent => ({
  t,
  type: 'writer.process',
  what,
  writers: ['ingester-0'],
  rule: `1-${fault}`,
  ...(found && { found }),
});
const found = { walBlocks: 1, localBlocks: 2 };
const gone = { removed: 2, emptied: 3, bytes: 5e6 };
/** An attempt of a writer in its n-th process. */
const attempt = (time: readonly [number, number], writer = 'ingester-0') =>
  request('a', 'index', time, { client: { id: `${writer}-${time[0]}.1` } });
const after = attempt([1900, 1950], 'ingester-0.2');

describe('writer-crash', () => {
  it('kills, and starts again when it is healed', async () => {
    const { clock, calls, active } = await injectedOnMachine('writer-crash', {});
    await clock.advance(700);
    expect(await active.heal()).toEqual({ fired: 1, unit: 'times', measured: { downMs: 700 } });
    expect(calls).toEqual([
      [0, 'kill 1-writer-crash'],
      [700, 'restart 1-writer-crash'],
    ]);
  });

  it('starts again after the time that it is told, once', async () => {
    const { clock, calls, active } = await injectedOnMachine('writer-crash', { down: '300ms' });
    await clock.advance(700);
    expect(await active.evidence()).toEqual({ fired: 1, unit: 'times', measured: { downMs: 300 } });
    await active.heal();
    await clock.advance(700);
    expect(calls.slice(1)).toEqual([[300, 'restart 1-writer-crash']]);

    const early = await injectedOnMachine('writer-crash', { down: '10s' });
    await early.clock.advance(700);
    await early.active.heal();
    await early.clock.advance(20_000);
    expect(early.calls.slice(1)).toEqual([[700, 'restart 1-writer-crash']]);
  });

  it('is not healed when they cannot be started again, also before the heal', async () => {
    const { clock, active } = await injectedOnMachine('writer-crash', { down: '1s' }, { fails: 'restart' });
    await clock.advance(2000);
    await expect(active.heal()).rejects.toThrow('cannot restart 1-writer-crash');
  });

  it('is taken back when the disks of the killed writers cannot be looked at', async () => {
    await expect(injectedOnMachine('writer-crash', {}, { fails: 'kill' })).rejects.toThrow(
      'cannot kill 1-writer-crash',
    );
    const failing = injectedOnMachine('writer-crash', {}, { fails: '' });
    await expect(failing).rejects.toBeInstanceOf(HalfInjectedError);
    const calls: OnMachine['calls'] = [];
    const writers = ['ingester-2'];
    await expect(injectedOnMachine('writer-crash', { writers }, { fails: 'kill', calls })).rejects.toThrow(
      'cannot kill',
    );
    expect(calls.map(([, call]) => call)).toEqual(['kill 1-writer-crash of 1', 'restart 1-writer-crash of 1']);
  });

  it('kills the processes of some writers alone, and starts those again', async () => {
    const { calls, active } = await injectedOnMachine('writer-crash', { writers: ['ingester-4', 'ingester-0'] });
    await active.heal();
    expect(calls.map(([, call]) => call)).toEqual([
      'kill 1-writer-crash of 0 and 2',
      'restart 1-writer-crash of 0 and 2',
    ]);
    await expect(injectedOnMachine('writer-crash', { writers: ['ingester-9'] })).rejects.toThrow(
      'there is no writer ingester-9: there are ingester-0, ingester-1, ingester-2 and 2 more',
    );
  });

  it('is compressed by time', () => {
    const writers: [string] = ['ingester-1'];
    expect(writerCrash.compress({ down: 20_000, writers }, new Compression(20, 1))).toEqual({ down: 1000, writers });
    expect(writerCrash.compress({ down: 20_000 }, new Compression(20, 1))).toEqual({ down: 1000 });
    expect(writerCrash.compress({}, new Compression(20, 1))).toEqual({});
  });

  const killed = process('writer-crash', 'killed', 998);
  const restarted = process('writer-crash', 'restarted', 1800, found);

  it('is seen by a time without an attempt, and attempts after it', () => {
    const before = attempt([900, 998]);
    expect(
      effectOf('writer-crash', {}, [[killed, restarted], before, after], { compression: { time: 20, bytes: 1 } }),
    ).toEqual({
      seen: true,
      message:
        'the writers were gone for 16.04s, and found 1 WAL block and 2 local blocks to be flushed when they were started again',
    });
  });

  it('is seen of the writers whose process it was, and tells what was in their memory alone', () => {
    const lost = { ...killed, found: { liveTraceBytes: 120_000 } } as HistoryEvent;
    // Names that begin alike are not the same.
    const others = [attempt([1200, 1300], 'ingester-1'), attempt([1100, 1150], 'ingester-00')].flat();
    const effect = (events: readonly HistoryEvent[]) =>
      effectOf('writer-crash', { writers: ['ingester-0'] }, [[lost, restarted], others, events], {
        compression: { time: 1, bytes: 100 },
      });
    expect(effect(after)).toEqual({
      seen: true,
      message:
        'ingester-0: the writers were gone for 802ms, lost 12MB of live traces, and found 1 WAL block and 2 local blocks to be flushed when they were started again',
    });
    expect(effect(attempt([1900, 1950], 'ingester-1')).message).toContain('made no attempt after that');
    // It asked S3 again, and was ended before it could tell of it.
    const [asked] = attempt([1900, 1950], 'ingester-0.2');
    const edge = (id: string, start: number) => [{ ...asked, id, start } as HistoryEvent];
    expect(effect(edge('ingester-0.2-1.1', 1900)).seen).toBe(true);
    expect(effect(edge('ingester-0-1.1', 1100)).message).toContain('made no attempt after that');
    expect(effect(edge('ingester-1.2-1.1', 1900)).message).toContain('made no attempt after that');
  });

  it('tells how often they could not start while S3 was away, and what their wait had come to', () => {
    const failed = (start: number, t: number, retryIn: number, writer = 'ingester-0', rule = '1-writer-crash') =>
      ({ t, type: 'writer.start-failed', writer, rule, start, error: 'S3 is away', retryIn }) as const;
    const note = (...events: HistoryEvent[]) =>
      effectOf('writer-crash', {}, [[killed, restarted], after, events], {
        end: { t: 3500 },
        compression: { time: 20, bytes: 1 },
      });
    // Attempts of starts that came to nothing are attempts after it.
    const loop = [failed(1800, 1850, 500), failed(2350, 2400, 1000)];
    const looped = (time: number) =>
      effectOf('writer-crash', {}, [[killed, restarted], after, loop], {
        end: { t: 3500 },
        compression: { time, bytes: 1 },
      });
    expect(looped(20).seen).toBe(true);
    // The same waits are half as long as a kubelet's.
    expect(looped(10)).toEqual({
      seen: false,
      message: 'ingester-0, which could not start, was started again after 5s: its crash-loop back-off was 10s by then',
    });
    expect(note(failed(1800, 1850, 500))).toEqual({
      seen: true,
      message:
        'the writers were gone for 16.04s, and found 1 WAL block and 2 local blocks to be flushed when they were started again',
      note: 'writer ingester-0 could not start 1 time while S3 was away (from 0:36 to 0:37); its crash-loop back-off had come to 10s',
    });
    const two = [failed(1800, 1850, 500), failed(1800, 1900, 500, 'ingester-1'), failed(2360, 2390, 1000)];
    expect(note(...two, failed(1000, 1990, 9000, 'ingester-2', '2-writer-crash')).note).toBe(
      'writers ingester-0, ingester-1 could not start 1 to 2 times while S3 was away (from 0:36 to 0:47); their crash-loop back-off had come to 20s',
    );
  });

  it.each([
    ['nobody was killed', [restarted], 'was not killed'],
    ['nobody came back', [killed], 'not started again'],
    ['an attempt was made meanwhile', [killed, restarted, ...attempt([1200, 1300])], 'they were not'],
    ['no attempt came after', [killed, restarted], 'made no attempt after that'],
  ])('is not seen when %s, whatever was counted', (_what, events, words) => {
    const happened = words === 'made no attempt after that' ? [events] : [events, after];
    const effect = effectOf('writer-crash', {}, happened, { end: { fired: 7 } });
    expect(effect.seen).toBe(false);
    expect(effect.message).toContain(words);
  });
});

describe('power-loss', () => {
  it('kills with what was not synced, and starts again', async () => {
    const { calls, active } = await injectedOnMachine('power-loss', {});
    await active.heal();
    expect(calls.map(([, call]) => call)).toEqual(['kill 1-power-loss 30000', 'restart 1-power-loss']);
    const one = await injectedOnMachine('power-loss', { writers: ['ingester-2'] });
    await one.active.heal();
    expect(one.calls.map(([, call]) => call)).toEqual(['kill 1-power-loss 30000 of 1', 'restart 1-power-loss of 1']);
  });

  it('is compressed by time', () => {
    const parameters = powerLoss.parameters.parse({ down: '10s' });
    expect(powerLoss.compress(parameters, new Compression(20, 1))).toEqual({ unsynced: 1500, down: 500 });
    const some = powerLoss.parameters.parse({ writers: ['ingester-2'] });
    expect(powerLoss.compress(some, new Compression(20, 1))).toEqual({ unsynced: 1500, writers: ['ingester-2'] });
  });

  const restarted = process('power-loss', 'restarted', 1800, found);

  it('is seen with what it took, in the sizes of the config', () => {
    const events = [process('power-loss', 'killed', 998, gone), restarted];
    const effect = effectOf('power-loss', {}, [events, after], { compression: { time: 1, bytes: 100 } });
    expect(effect.seen).toBe(true);
    expect(effect.message).toContain('gone for 802ms, 5 files with 500MB went with the power, and found');
  });

  it('is not seen when there was nothing for it to take', () => {
    const events = [process('power-loss', 'killed', 998, { removed: 0, emptied: 0, bytes: 0 }), restarted];
    expect(effectOf('power-loss', {}, [events, after], { end: { fired: 7 } })).toEqual({
      seen: false,
      message: 'nothing had been written within `unsynced` before it: it needs load, or a longer one',
    });
    expect(effectOf('power-loss', {}, [after], { end: { fired: 7 } }).seen).toBe(false);
  });
});

it('an act on the machine is refused where no writer runs', async () => {
  for (const name of ['writer-crash', 'disk-full']) {
    const inject = async () => {
      const { faultNamed } = await import('./catalogue.ts');
      const fault = faultNamed(name);
      await fault.inject({ id: `1-${name}`, parameters: fault.parameters.parse(fault.example) } as never);
    };
    await expect(inject()).rejects.toThrow(`1-${name}: no writer of the harness runs here`);
  }
});
