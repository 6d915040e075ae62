import { describe, expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import type { HistoryEvent } from '../history/events.ts';
import { Compression } from '../scenario/compression.ts';
import { effectOf } from './example-effect.ts';
import { injected } from './example-injection.ts';
import { objections } from './refused-parameters.ts';
import { sharedBandwidth } from './shared-bandwidth.ts';

const MB = 1_000_000;

/** An upload of `bytes` that S3 got whole within `ms`. */
function sent(start: number, bytes: number, ms: number, connection = 1): HistoryEvent[] {
  return request('block', `object-${start}-${connection}`, [start, start + ms + 1], {
    edge: { bytesIn: bytes, start, bodyEnd: start + ms, connection },
  });
}

/** An answer of `bytes` that left whole within `ms`. */
function answered(start: number, bytes: number, ms: number): HistoryEvent[] {
  return request('block', `answer-${start}`, [start, start + ms], {
    operation: 'GetObject',
    edge: { bytesOut: bytes, bytesIn: 0, answerStart: start, t: start + ms },
  });
}

/** The wire stage tells at its end which caps a connection had to wait for. */
function wire(connection: number, rule?: string): HistoryEvent {
  const bytes = { bytesIn: MB, bytesOut: MB };
  return {
    t: 5000,
    type: 'wire',
    route: 'route',
    connection,
    opened: 100,
    ...bytes,
    ended: 'client',
    ...(rule && { rule }),
  };
}
const held = [1, 2, 3].map((connection) => wire(connection, '1-shared-bandwidth'));

const cap = (direction?: string) =>
  sharedBandwidth.parameters.parse({ rate: '10MB/s', ...(direction && { direction }) });
const fast = sent(500, MB, 10);

describe('the effect', () => {
  it('is seen when all uploads together were no faster than the cap, and one alone was before', () => {
    const happened = [sent(1000, 2 * MB, 400, 1), sent(1000, 2 * MB, 400, 2), held];
    expect(effectOf('shared-bandwidth', cap(), happened, { before: fast })).toEqual({
      seen: true,
      message: '2 uploads over 2 connections passed at 10MB/s together, capped at 10MB/s; before, one alone at 100MB/s',
    });
  });

  it('is not seen when each is as slow as the cap, and all together are not: that would be a cap for each', () => {
    const happened = [1, 2, 3].map((connection) => sent(1000, 4 * MB, 400, connection));
    expect(effectOf('shared-bandwidth', cap(), happened, { before: fast })).toEqual({
      seen: false,
      message: '3 uploads over 3 connections passed at 30MB/s together, capped at 10MB/s',
    });
  });

  it('is not seen when it counts and does not act', () => {
    const happened = [sent(1000, MB, 10), sent(1500, MB, 10)];
    expect(effectOf('shared-bandwidth', cap(), happened, { before: fast, end: { fired: 7 } }).seen).toBe(false);
  });

  it.each([
    ['nothing', undefined],
    ['another cap', '2-shared-bandwidth'],
  ])('is not seen when they were slow, and waited for %s: the machine is busy', (_what, rule) => {
    const happened = [sent(1000, MB, 400), [wire(1, rule), wire(2, '1-shared-bandwidth')]];
    expect(effectOf('shared-bandwidth', cap(), happened, { before: fast, end: { fired: 7 } })).toEqual({
      seen: false,
      message:
        '1 upload over 1 connection passed at 2.5MB/s together, and the gateway made none of them wait: it was not the cap of 10MB/s that they were held to',
    });
  });

  it('is seen of two caps at once by those that waited for this one as well', () => {
    const both = wire(1, '2-shared-bandwidth+1-shared-bandwidth');
    expect(effectOf('shared-bandwidth', cap(), [sent(1000, MB, 100), [both]], { before: fast }).seen).toBe(true);
  });

  it('is not seen when the load was never faster than the cap', () => {
    const slow = sent(500, MB, 100);
    expect(effectOf('shared-bandwidth', cap(), [sent(1000, MB, 100), held], { before: slow })).toEqual({
      seen: false,
      message:
        'none was faster than 10MB/s before the first fault, so a cap of 10MB/s cannot be seen: only a lower one could',
    });
  });

  it('counts the time in which something was on its way, not the pauses', () => {
    const happened = [sent(1000, MB, 100), sent(1800, MB, 100), held];
    expect(effectOf('shared-bandwidth', cap(), happened, { before: fast })).toMatchObject({
      seen: true,
      message: expect.stringContaining('passed at 10MB/s together'),
    });
    const faster = [sent(1000, MB, 50), sent(1800, MB, 50)];
    expect(effectOf('shared-bandwidth', cap(), faster, { before: fast }).seen).toBe(false);
  });

  it('leaves to the wire what passes at once after a pause', () => {
    // 1.1 times the rate, and 5 ms of it, and 64 KiB.
    const most = 1.1 * (10_000 * (50 + 5)) + 64 * 1024;
    expect(effectOf('shared-bandwidth', cap(), [sent(1000, most - 1, 50), held], { before: fast }).seen).toBe(true);
    expect(effectOf('shared-bandwidth', cap(), [sent(1000, most + 1, 50), held], { before: fast }).seen).toBe(false);
  });

  it.each([
    ['are small', sent(1000, 256 * 1024 - 1, 1000)],
    ['began before', sent(999, MB, 100)],
    ['were not whole when its healing began', sent(1900, MB, 101)],
    ['never came whole', request('block', 'cut', [1100, 1200], { edge: { bytesIn: MB, bodyEnd: undefined } as never })],
    ['went the other way', answered(1000, MB, 100)],
  ])('is not told by bodies that %s', (_which, events) => {
    expect(effectOf('shared-bandwidth', cap(), [events], { before: fast })).toEqual({
      seen: false,
      message: 'no upload of 256 KiB or more passed whole while it was in force, so no rate could be seen',
    });
  });

  it('is told by answers downstream, and by both where both are capped', () => {
    const before = answered(500, MB, 10);
    expect(effectOf('shared-bandwidth', cap('downstream'), [answered(1000, MB, 100), held], { before })).toEqual({
      seen: true,
      message: '1 answer over 1 connection passed at 10MB/s together, capped at 10MB/s; before, one alone at 100MB/s',
    });
    const happened = [sent(1000, MB, 100), answered(1000, MB, 20), held];
    expect(effectOf('shared-bandwidth', cap('both'), happened, { before: [...fast, ...before] })).toEqual({
      seen: false,
      message: '1 answer over 1 connection passed at 50MB/s together, capped at 10MB/s',
    });
    const cut = request('block', 'cut', [1000, 1300], {
      operation: 'GetObject',
      edge: { bytesOut: MB, answerStart: 1000, t: 1300, cut: 'client' },
    });
    expect(effectOf('shared-bandwidth', cap('downstream'), [cut]).message).toContain('no answer of 256 KiB or more');
  });

  it('is told as the config has it', () => {
    const compressed = sharedBandwidth.compress(cap(), new Compression(10, 20));
    expect(compressed).toEqual({ rate: 5 * MB, direction: 'upstream' });
    const { message } = effectOf('shared-bandwidth', compressed, [sent(1000, MB, 200), held], {
      compression: { time: 10, bytes: 20 },
    });
    expect(message).toBe('1 upload over 1 connection passed at 10MB/s together, capped at 10MB/s');
  });
});

it('is a rule of the wire, and counts the connections that waited', async () => {
  const { rules, active } = await injected('shared-bandwidth', { rate: '10MB/s', direction: 'both' });
  const rule = '1-shared-bandwidth';
  expect(rules).toEqual([{ kind: 'shared-bandwidth', rule, bytesPerSecond: 10 * MB, direction: 'both' }]);
  expect(await active.evidence()).toEqual({ fired: 3, unit: 'connections', measured: { considered: 5 } });
  expect(await active.heal()).toEqual({ fired: 3, unit: 'connections', measured: { considered: 5 } });
});

it.each([[{}], [{ rate: '0MB/s' }], [{ rate: '1s' }], [{ rate: '1MB/s', direction: 'up' }]])(
  '%j is refused',
  (parameters) => {
    expect(objections('shared-bandwidth', parameters)).toHaveLength(1);
  },
);
