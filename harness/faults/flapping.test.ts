import { describe, expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import { VirtualClock } from '../clock.ts';
import type { Lease } from '../environment/lease.ts';
import { Random } from '../random.ts';
import { connectionRefused } from './connection-refused.ts';
import { effectOf } from './example-effect.ts';
import { flapping } from './flapping.ts';

async function flapped(
  parameters: object,
  { refuses = () => false }: { refuses?: (switches: number) => boolean } = {},
) {
  const clock = new VirtualClock();
  const switches: [at: number, what: string][] = [];
  const turn = (what: string) => async () => {
    if (refuses(switches.length)) throw new Error(`Toxiproxy: cannot ${what}`);
    switches.push([clock.now(), what]);
  };
  const proxy = { disable: turn('down'), enable: turn('up') };
  const active = await flapping.inject({
    lease: { proxy } as unknown as Lease,
    parameters: flapping.parameters.parse(parameters),
    id: '1-flapping',
    seed: 42,
    clock,
    record: () => {},
  });
  return { clock, switches, active };
}

describe('flapping', () => {
  it('is down first, then up and down by the clock, counts how often, and is left up', async () => {
    const { clock, switches, active } = await flapped({ down: '2s', up: '5s' });
    expect(await active.evidence()).toEqual({ fired: 1, unit: 'times' });
    await clock.advance(15_000);
    expect(switches).toEqual([
      [0, 'down'],
      [2000, 'up'],
      [7000, 'down'],
      [9000, 'up'],
      [14_000, 'down'],
    ]);
    expect(await active.evidence()).toEqual({ fired: 3, unit: 'times' });
    expect(await active.heal()).toEqual({ fired: 3, unit: 'times' });
    expect(switches.slice(5)).toEqual([[15_000, 'up']]);
    await clock.advance(60_000);
    expect(switches).toHaveLength(6);
  });

  it('that is up when it is healed is not enabled again', async () => {
    const { clock, switches, active } = await flapped({ down: '2s', up: '5s' });
    await clock.advance(3000);
    expect(await active.heal()).toEqual({ fired: 1, unit: 'times' });
    expect(switches.map(([, what]) => what)).toEqual(['down', 'up']);
  });

  it('takes longer by its jitter, drawn by the seed, the fault and the count', async () => {
    const { clock, switches, active } = await flapped({ down: '2s', up: '5s', jitter: '1s' });
    await clock.advance(30_000);
    await active.heal();
    const random = new Random(42);
    const more = (state: string, count: number) => 1000 * random.uniform('1-flapping', state, count);
    const first = 2000 + more('down', 1);
    const second = first + 5000 + more('up', 1);
    const third = second + 2000 + more('down', 2);
    expect(switches.slice(0, 4)).toEqual([
      [0, 'down'],
      [first, 'up'],
      [second, 'down'],
      [third, 'up'],
    ]);
  });

  it('that cannot go on is left up, and cannot be healed without a word', async () => {
    const { clock, switches, active } = await flapped({ down: '2s', up: '5s' }, { refuses: (count) => count === 2 });
    await clock.advance(30_000);
    await expect(active.heal()).rejects.toThrow(
      'it went down 1 time and no more, and was left up: Toxiproxy: cannot down',
    );
    expect(switches.map(([, what]) => what)).toEqual(['down', 'up']);
  });

  it('cannot be in force while connections are refused for good', () => {
    expect(flapping.touches).toBe(connectionRefused.touches);
  });
});

describe('the effect', () => {
  const end = { fired: 3, unit: 'times' };
  const failed = (start: number, failure: 'reset' | 'connect' | 'tls' | 'dns', until = start + 10) =>
    request('block', `object-${start}`, [start, until], {
      client: { failure, outcome: 'fail' },
      upstream: 'none',
    }).slice(1);
  const answered = (start: number) => request('block', `object-${start}`, [start, start + 10]);
  const parameters = { down: 100, up: 100, jitter: 0 };

  it('is seen by requests that lost their connection or got none, those that it interrupted among them', () => {
    const happened = [failed(990, 'reset', 1001), failed(1100, 'connect'), failed(1200, 'tls'), answered(1300)];
    expect(effectOf('flapping', parameters, happened, { end })).toEqual({
      seen: true,
      message: '3 requests lost their connection or got none, and 1 were answered',
    });
  });

  it('is not seen when all went well, however often it went down', () => {
    expect(effectOf('flapping', parameters, [answered(1100), failed(1200, 'dns')], { end })).toEqual({
      seen: false,
      message: 'none of 2 requests lost its connection, or was refused one',
    });
  });

  it('is not seen without load', () => {
    expect(effectOf('flapping', parameters, [failed(900, 'reset', 999)], { end })).toEqual({
      seen: false,
      message: 'no request began while it was in force; it needs load',
    });
  });
});
