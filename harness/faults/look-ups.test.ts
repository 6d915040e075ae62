import { describe, expect, it } from 'vitest';
import type { EffectContext } from './effect.ts';
import { effectOf } from './example-effect.ts';
import { connect, pooled, query } from './example-look-up.ts';
import { askedAgain, lookUpsInForce } from './look-ups.ts';

/** In force from 1000 to 2000. */
function context(attempts: EffectContext['attempts'], events: EffectContext['events']): EffectContext {
  const fault = { t: 1000, type: 'fault.start', id: 'r', fault: 'dns-failure', with: {} } as const;
  const end = {
    t: 2001,
    until: 2000,
    type: 'fault.end',
    id: 'r',
    fault: 'dns-failure',
    fired: 1,
    unit: 'queries',
  } as const;
  return {
    fault,
    actedFrom: 1000,
    end: { ...end, healed: true },
    attempts,
    edges: new Map(),
    connections: { opened: 0, pooled: 0 },
    events,
    before: [],
    compression: { time: 1, bytes: 1 },
    zero: 0,
  };
}

describe('look-ups', () => {
  it('have the queries that were asked in the midst of them, and those that the fault decided', () => {
    const events = [
      query(1099),
      query(1100, { rule: 'r' }),
      query(1110, { rule: 'other' }),
      query(1121, { rule: 'r' }),
    ];
    const [lookUp] = lookUpsInForce(context([connect(1100, 20)], events));
    expect(lookUp?.queries.map(({ t }) => t)).toEqual([1100, 1110]);
    expect(lookUp?.decided.map(({ t }) => t)).toEqual([1100]);
    expect(lookUp).toMatchObject({ took: 20, failed: false });
  });

  it('begin after the wait for the pool', () => {
    const waited = connect(1100, 20);
    waited.phases.socket = 50;
    const [lookUp] = lookUpsInForce(context([waited], [query(1120), query(1151), query(1170), query(1171)]));
    expect(lookUp?.queries.map(({ t }) => t)).toEqual([1151, 1170]);
  });

  it('count when they overlap the time of the fault', () => {
    const times = [
      [979, 20],
      [980, 20],
      [2000, 5],
      [2001, 5],
    ] as const;
    const found = lookUpsInForce(
      context(
        times.map(([start, ms]) => connect(start, ms)),
        [],
      ),
    );
    expect(found.map(({ attempt }) => attempt.start)).toEqual([980, 2000]);
  });

  it('are none of what went over a connection of the pool', () => {
    const attempts = pooled(1100, 1).filter((event) => event.type === 'attempt');
    expect(lookUpsInForce(context(attempts, []))).toEqual([]);
  });

  it.each([
    ['by an error', connect(1100, 20, { failure: 'dns' }), true],
    ['by the deadline of the flush', connect(1100, 20, { failure: 'deadline' }), true],
    ['not by the deadline of what came after', { ...connect(1100, 20), failure: 'deadline' as const }, false],
    ['not by a refused connect', { ...connect(1100, 20), failure: 'connect' as const }, false],
  ])('fail %s', (_, attempt, failed) => {
    expect(lookUpsInForce(context([attempt], []))[0]?.failed).toBe(failed);
  });

  it.each([
    ['the same question', {}, true],
    ['another type', { question: 'AAAA' }, false],
    ['another name', { asked: 'lease-1.s3.chaos.test.svc' }, false],
  ])('ask again with %s', (_, how, again) => {
    const events = [query(1101, { rule: 'r' }), query(1110, how)];
    const [lookUp] = lookUpsInForce(context([connect(1100, 20)], events));
    expect(lookUp && askedAgain(lookUp)).toBe(again);
  });
});

describe('why no look-up was met', () => {
  const effect = (happened: Parameters<typeof effectOf>[2], connections: 'end' | 'keep' = 'end') =>
    effectOf('dns-failure', { mode: 'servfail', probability: 1, connections }, happened, { end: { fired: 0 } });

  it.each([
    ['end', 'the pool kept 2 connections open, so no name was looked up'],
    ['keep', 'the pool kept 2 connections open, so no name was looked up; `connections: end` would have ended them'],
  ] as const)('tells the pool (%s)', (connections, message) => {
    const all = [pooled(1000, 1), pooled(1200, 2), pooled(1300, 1)];
    expect(effect(all, connections)).toEqual({ seen: false, message });
  });

  it('tells that nothing was under way', () => {
    expect(effect([]).message).toBe('no request was under way while it was in force; it needs load');
  });

  it('tells a cache', () => {
    expect(effect([[connect(1100, 0)]]).message).toContain('1 connect needed the name, and a cache knew it');
  });

  it('tells that the answers were as ever, whatever was counted', () => {
    const happened = [[connect(1100, 5), query(1102), query(1103, { rule: 'another' })]];
    const counted = effectOf('dns-failure', { mode: 'servfail' }, happened, { end: { fired: 7 } });
    expect(counted).toEqual({ seen: false, message: '1 connect looked the name up, and no answer was changed' });
  });
});
