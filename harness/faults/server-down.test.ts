import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../history/events.ts';
import { effectOf } from './example-effect.ts';
import { answered, answeredByRule, unanswered } from './example-sent-on.ts';
import { injectedOnServer, injectedWithoutServer } from './example-server.ts';
import { objections } from './refused-parameters.ts';

const effect = (...events: HistoryEvent[][]) => effectOf('server-down', { how: 'kill' }, events, { end: { fired: 7 } });

describe('the effect', () => {
  it('is seen by requests that found nobody', () => {
    const cut = unanswered('a', [900, 1001], 'reset', 'ECONNRESET');
    expect(effect(cut, unanswered('b', [1500, 1510], 'reset', 'ECONNREFUSED'), answered('c', [1990, 2010]))).toEqual({
      seen: true,
      message: '2 requests found nobody at S3, and none got an answer of it',
    });
  });

  it('is not seen when S3 answered in the meantime', () => {
    expect(effect(unanswered('a', [1500, 1510], 'reset', 'ECONNRESET'), answered('b', [1600, 1610]))).toEqual({
      seen: false,
      message: '1 request sent to S3 while it was in force got an answer, where nobody should have been',
    });
  });

  it('takes an answer to what was sent before for what it is', () => {
    expect(effect(answered('a', [900, 1001]), unanswered('b', [1500, 1510], 'reset', 'ECONNREFUSED')).seen).toBe(true);
  });

  it('is not seen without requests, nor in those that failed on the way to the gateway or by a rule of it', () => {
    expect(effect()).toEqual({
      seen: false,
      message: 'of 0 requests sent to S3, none found it gone: it needs load',
    });
    expect(effect(unanswered('a', [1500, 1510], 'reset')).seen).toBe(false);
    expect(effect(answeredByRule('a', [1500, 1510], 503, 'SlowDown')).seen).toBe(false);
  });

  it('is not seen in what the client did not feel', () => {
    expect(effect(unanswered('a', [1500, 1510], 'deadline', 'ECONNREFUSED')).seen).toBe(false);
  });
});

describe('the server', () => {
  it.each(['kill', 'stop'])('is ended by %s, and started by the heal', async (how) => {
    const { clock, server, told, active } = injectedOnServer('server-down', { how });
    const fault = await active;
    await clock.advance(50);
    expect(await fault.evidence()).toEqual({ fired: 1, unit: 'times', measured: { downMs: 50 } });
    expect(server.inForce()).toEqual(['ended']);
    expect(await clock.run(fault.heal())).toEqual({ fired: 1, unit: 'times', measured: { downMs: 350 } });
    expect(server.asked).toEqual([`end ${how} at 0`, 'start at 350']);
    expect(told).toEqual(['ended at 0', 'started at 350']);
    expect(server.inForce()).toEqual([]);
  });

  it('that does not start again is told', async () => {
    const { clock, told, active } = injectedOnServer('server-down', {}, 'start');
    await expect(clock.run((await active).heal())).rejects.toThrow('start: refused');
    expect(told).toEqual(['ended at 0']);
  });

  it('has to be one of its own', async () => {
    await expect(injectedWithoutServer('server-down')).rejects.toThrow('needs one of its own');
  });
});

it('is ended in one of two ways', () => {
  expect(objections('server-down', { how: 'politely' })).toHaveLength(1);
});
