import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../history/events.ts';
import { effectOf } from './example-effect.ts';
import { answered, answeredByRule, unanswered } from './example-sent-on.ts';
import { injectedOnServer, injectedWithoutServer } from './example-server.ts';
import { objections } from './refused-parameters.ts';

const effect = (...events: HistoryEvent[][]) => effectOf('server-pause', {}, events, { end: { fired: 7 } });

describe('the effect', () => {
  it('is seen by requests that wait until the heal', () => {
    expect(effect(answered('a', [1200, 2010]), answered('b', [900, 2020]), answered('c', [2010, 2030]))).toEqual({
      seen: true,
      message: '2 requests got no answer of S3, for up to 1s; clients gave up on 0',
    });
  });

  it.each(['header-timeout', 'deadline'] as const)('is seen by a request that ended by %s', (failure) => {
    expect(effect(unanswered('a', [1800, 1900], failure))).toEqual({
      seen: true,
      message: '1 request got no answer of S3, for up to 100ms; clients gave up on 1',
    });
  });

  it('is not seen when S3 answers in the meantime, whatever else waits', () => {
    expect(effect(answered('a', [1200, 2010]), answered('b', [1500, 1510]))).toEqual({
      seen: false,
      message: '1 request sent to S3 while it was in force got an answer, where S3 should have stood still',
    });
  });

  it('is not seen when nothing waited for long', () => {
    expect(effect(answered('a', [1800, 2010]))).toEqual({
      seen: false,
      message: 'of 1 request sent to S3, the longest waited 200ms of the 1s: more load is needed, or a longer pause',
    });
  });

  it('is not seen in a wait that is as long as it was without a fault', () => {
    const before = answered('z', [10, 910]);
    const waits = [answered('a', [1200, 2010])];
    expect(effectOf('server-pause', {}, waits, { before }).seen).toBe(false);
    expect(effectOf('server-pause', {}, waits).seen).toBe(true);
  });

  it('is not seen in what never came to S3, nor in what another end of the connection was', () => {
    expect(effect(answeredByRule('a', [1100, 1990], 503, 'SlowDown')).seen).toBe(false);
    expect(effect(unanswered('a', [1800, 1900], 'reset', 'ECONNRESET')).seen).toBe(false);
    expect(effect().seen).toBe(false);
  });
});

describe('the server', () => {
  it('is paused, and resumed by the heal', async () => {
    const { clock, server, told, active } = injectedOnServer('server-pause', {});
    const fault = await active;
    expect([server.asked, told, server.inForce()]).toEqual([['pause at 0'], ['paused at 0'], ['paused']]);
    await clock.advance(70);
    expect(await fault.evidence()).toEqual({ fired: 1, unit: 'times', measured: { pausedMs: 70 } });
    await clock.advance(30);
    expect(await fault.heal()).toEqual({ fired: 1, unit: 'times', measured: { pausedMs: 100 } });
    expect([server.asked, told]).toEqual([
      ['pause at 0', 'resume at 100'],
      ['paused at 0', 'resumed at 100'],
    ]);
  });

  it('that cannot be resumed is told, and that it was resumed is not', async () => {
    const { server, told, active } = injectedOnServer('server-pause', {}, 'resume');
    await expect((await active).heal()).rejects.toThrow('resume: refused');
    expect([told, server.inForce()]).toEqual([['paused at 0'], ['paused']]);
  });

  it('has to be one of its own', async () => {
    await expect(injectedWithoutServer('server-pause')).rejects.toThrow(
      '1-server-pause: lease lease shares its MinIO with others; the fault needs one of its own',
    );
  });
});

it('takes no parameters', () => {
  expect(objections('server-pause', { for: '1s' })).toHaveLength(1);
});
