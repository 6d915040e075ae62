import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../history/events.ts';
import { Compression } from '../scenario/compression.ts';
import { effectOf } from './example-effect.ts';
import { answered, unanswered } from './example-sent-on.ts';
import { injectedOnServer, injectedWithoutServer } from './example-server.ts';
import { objections } from './refused-parameters.ts';
import { serverRestart } from './server-restart.ts';

const started = (t: number, rule = '1-server-restart'): HistoryEvent[] => [
  { t, type: 'server', what: 'started', rule },
];
const refused = (start: number, error = 'ECONNREFUSED') =>
  unanswered(`at ${start}`, [start, start + 10], 'reset', error);
const effect = (...events: HistoryEvent[][]) =>
  effectOf('server-restart', { how: 'kill', down: 300 }, events, { end: { fired: 7 } });

describe('the effect', () => {
  it('is seen by requests that found nobody before it was started again', () => {
    expect(effect(refused(995, 'EOF'), refused(1200), started(1400), answered('z', [1500, 1510]))).toEqual({
      seen: true,
      message: '2 requests found nobody at S3, which was up again after 400ms',
    });
  });

  it('is not seen in what failed when it was up again', () => {
    expect(effect(started(1400), refused(1500))).toEqual({
      seen: false,
      message:
        'of 0 requests sent to S3 in the 400ms that it was away, none found it gone: it needs more load, or a longer `down`',
    });
  });

  it('is not seen when nobody started it, or another fault did', () => {
    const none = { seen: false, message: 'S3 was not started again' };
    expect(effect(refused(1200))).toEqual(none);
    expect(effect(refused(1200), started(1400, '2-server-down'))).toEqual(none);
  });

  it('is not seen when all was answered', () => {
    expect(effect(answered('a', [1100, 1110]), started(1400)).seen).toBe(false);
  });
});

describe('the server', () => {
  it('comes back by itself, and the heal finds it up', async () => {
    const { clock, server, told, active } = injectedOnServer('server-restart', { how: 'stop', down: '1s' });
    const fault = await active;
    await clock.advance(2000);
    expect(server.asked).toEqual(['end stop at 0', 'start at 1300']);
    expect(told).toEqual(['ended at 0', 'started at 1300']);
    expect(server.inForce()).toEqual([]);
    expect(await fault.heal()).toEqual({ fired: 1, unit: 'times', measured: { downMs: 1300 } });
  });

  it('that is not up yet is waited for by the heal', async () => {
    const { clock, told, active } = injectedOnServer('server-restart', { down: '1s' });
    const fault = await active;
    await clock.advance(1100);
    expect(await fault.evidence()).toMatchObject({ measured: { downMs: 1100 } });
    await clock.run(fault.heal());
    expect(told).toEqual(['ended at 0', 'started at 1300']);
  });

  it('is started at once by a heal that comes early', async () => {
    const { clock, told, active } = injectedOnServer('server-restart', { down: '1h' });
    const fault = await active;
    await clock.advance(100);
    expect(await clock.run(fault.heal())).toMatchObject({ measured: { downMs: 400 } });
    expect(told).toEqual(['ended at 0', 'started at 400']);
  });

  it('that does not start again is told by the heal', async () => {
    const { clock, active } = injectedOnServer('server-restart', { down: '1s' }, 'start');
    const fault = await active;
    await clock.advance(2000);
    await expect(fault.heal()).rejects.toThrow('start: refused');
  });

  it('has to be one of its own', async () => {
    await expect(injectedWithoutServer('server-restart')).rejects.toThrow('needs one of its own');
  });
});

it('is away for a time over 0, which is compressed', () => {
  expect(objections('server-restart', { down: '0s' })).toHaveLength(1);
  expect(objections('server-restart', { how: 'twice' })).toHaveLength(1);
  const parameters = serverRestart.parameters.parse({});
  expect(parameters).toEqual({ how: 'kill', down: 10_000 });
  expect(serverRestart.compress(parameters, new Compression(20, 1))).toEqual({ how: 'kill', down: 500 });
});
