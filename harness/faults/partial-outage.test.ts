import { describe, expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import { effectOf } from './example-effect.ts';
import { injected } from './example-injection.ts';
import { partialOutage } from './partial-outage.ts';
import { objections } from './refused-parameters.ts';

const rule = '1-partial-outage';
const parsed = (given: object) => partialOutage.parameters.parse(given);
const metas = parsed({ key: 'meta\\.json$' });
const answered = { status: 503, code: 'ServiceUnavailable' };
const down = (name = 'meta.json') => request('a', name, [1000, 1010], { upstream: 'unseen', answered, edge: { rule } });
const fine = (name: string, options: object = {}) => request('b', name, [1020, 1030], options);

describe('the effect', () => {
  it('has two sides: what it is about failed, and the rest worked', () => {
    const events = [down(), fine('index'), fine('bloom-0')];
    expect(effectOf('partial-outage', metas, events, { end: { fired: 1 } })).toEqual({
      seen: true,
      message: '1 of 1 attempts failed as they had to, and 2 of 2 others succeeded',
    });
  });

  it('is not seen when the rest failed too', () => {
    const others = fine('index', { upstream: 503, answered: { status: 503, code: 'SlowDown' } });
    expect(effectOf('partial-outage', metas, [down(), others], { end: { fired: 1 } })).toEqual({
      seen: false,
      message: '1 of 1 attempts failed as they had to, but none of the 1 others succeeded either',
    });
  });

  it('counts what S3 did of the rest, where the answer was lost on a way that another fault cut', () => {
    const lost = (status: number) => {
      const upstream = { start: 1021, end: 1029, status };
      return fine('index', { client: { failure: 'reset', outcome: 'info' }, edge: { upstream } });
    };
    expect(effectOf('partial-outage', metas, [down(), lost(200)], { end: { fired: 1 } })).toEqual({
      seen: true,
      message: '1 of 1 attempts failed as they had to, and 1 of 1 others succeeded',
    });
    expect(effectOf('partial-outage', metas, [down(), lost(503)], { end: { fired: 1 } })).toMatchObject({
      seen: false,
    });
  });

  it('does not hold against it what another fault did to the rest', () => {
    const throttled = fine('index', { upstream: 'unseen', answered, edge: { rule: '2-s3-error' } });
    expect(effectOf('partial-outage', metas, [down(), throttled], { end: { fired: 1 } })).toMatchObject({ seen: true });
  });

  it('is not seen when one of its kind got through while it was in force', () => {
    expect(effectOf('partial-outage', metas, [down(), fine('meta.json')], { end: { fired: 1 } })).toEqual({
      seen: false,
      message: '1 of 2 attempts failed as they had to, but 1 of the same kind got through',
    });
    const afterwards = request('b', 'meta.json', [1960, 1990]);
    expect(effectOf('partial-outage', metas, [down(), afterwards], { end: { fired: 1, until: 1950 } }).seen).toBe(true);
  });

  it('says when there was no rest to be seen', () => {
    const { seen, message } = effectOf('partial-outage', parsed({ operations: ['writes'] }), [down()], {
      end: { fired: 1 },
    });
    expect(seen).toBe(true);
    expect(message).toMatch(/nothing but \d+ operations was asked for, so the rest was not shown$/);
  });

  it('is not seen when it counts and does nothing', () => {
    expect(effectOf('partial-outage', metas, [fine('meta.json'), fine('index')], { end: { fired: 7 } })).toEqual({
      seen: false,
      message: '1 attempt was one that it is about, and no client felt it',
    });
  });

  it.each(['reset', 'silence'] as const)('by %s is seen by clients without an answer', (how) => {
    const given = parsed({ key: 'meta', how });
    const failed = request('a', 'meta.json', [1000, 1010], {
      upstream: 'unseen',
      edge: { rule },
      client: { failure: 'reset', outcome: 'info', status: undefined } as never,
    });
    expect(effectOf('partial-outage', given, [failed, fine('index')], { end: { fired: 1 } }).seen).toBe(true);
    expect(effectOf('partial-outage', given, [down(), fine('index')], { end: { fired: 1 } }).seen).toBe(false);
  });
});

describe('the rule', () => {
  it('is for what begins with the prefix, taken literally', async () => {
    const { rules } = await injected('partial-outage', { prefix: 'a.b/c+', operations: ['PutObject'] });
    const { key = '' } = (rules[0] as { match: { key?: string } }).match;
    expect(new RegExp(key).test('a.b/c+/data')).toBe(true);
    expect(new RegExp(key).test('aXb/c+/data')).toBe(false);
    expect(new RegExp(key).test('x/a.b/c+')).toBe(false);
    expect(rules).toMatchObject([{ kind: 'answer-error', status: 503, code: 'ServiceUnavailable', rule, seed: 7 }]);
  });

  it.each([
    ['error', { kind: 'answer-error', status: 500, code: 'InternalError' }],
    ['reset', { kind: 'cut', when: 'before-apply' }],
    ['silence', { kind: 'hold', when: 'before-apply' }],
  ])('by %s', async (how, rule) => {
    const { rules } = await injected('partial-outage', { key: '^x', how, code: 'InternalError' });
    expect(rules).toMatchObject([{ ...rule, match: { key: '^x' } }]);
  });
});

it.each([
  [
    {},
    ': expected a prefix, a key, a bucket or operations: without one all of S3 is down, which s3-error, lost-answer and never-answer do',
  ],
  [{ prefix: 'a', key: 'b' }, 'key: prefix and key are two ways to say the same: give one of them'],
  [{ key: '(' }, 'key: "(" is not a regular expression'],
])('%j is refused', (given, objection) => {
  expect(objections('partial-outage', given)).toEqual([objection]);
});
