import { describe, expect, it } from 'vitest';
import { request, slowDown } from '../checkers/example-history.ts';
import type { HistoryEvent } from '../history/events.ts';
import { effectOf } from './example-effect.ts';

const throttled = { code: 'SlowDown', when: 'after-body' };

it('counts a request that several rules acted on for each of them', () => {
  const events = [slowDown('a', 'x', [1000, 1010], { edge: { rule: '2-slow-first-byte+1-s3-error' } })];
  expect(effectOf('s3-error', throttled, events, { end: { fired: 1 } }).seen).toBe(true);
});

it('does not take one rule for another whose name begins alike', () => {
  const events = [slowDown('a', 'x', [1000, 1010], { edge: { rule: '1-s3-error-2' } })];
  expect(effectOf('s3-error', throttled, events, { end: { fired: 1 } }).seen).toBe(false);
});

it('needs the client as well as the edge: a request that the edge alone knows shows nothing', () => {
  const [edge] = slowDown('a', 'x', [1000, 1010], { edge: { rule: '1-s3-error' } });
  expect(effectOf('s3-error', throttled, [[edge]], { end: { fired: 1 } })).toMatchObject({ seen: false });
  const [, attempt] = request('a', 'x', [1000, 1010]);
  expect(effectOf('s3-error', throttled, [[attempt]], { end: { fired: 1 } })).toMatchObject({ seen: false });
});

describe('a rule that the seed let act on nothing', () => {
  const judged = (start: number, acts: boolean, rule = '1-s3-error') =>
    request('a', `object-${start}`, [start, start + 10], { edge: { judged: [{ rule, n: 1, acts }] } });
  const effect = (parameters: object, ...happened: HistoryEvent[][]) =>
    effectOf('s3-error', { ...throttled, ...parameters }, happened, { end: { fired: 0 } });

  it('says how likely that was', () => {
    const happened = [judged(1000, false), judged(1100, false), judged(1200, false, '2-s3-error')];
    expect(effect({ probability: 0.3 }, ...happened)).toEqual({
      seen: false,
      message:
        '3 attempts were ones that it is about, and no client got a SlowDown: 2 requests were judged and none was drawn, for which the chance was 49 % (probability 0.3); a longer `for`, a higher probability, more blocks or another seed would help',
    });
  });

  it('does not speak of chance when a request was drawn, or when it was not chance alone that decided', () => {
    const plain = /got a SlowDown$/;
    expect(effect({ probability: 0.3 }, judged(1000, true), judged(1100, false)).message).toMatch(plain);
    expect(effect({ probability: 0.3, first: 1 }, judged(1000, false)).message).toMatch(plain);
    expect(effect({}, judged(1000, false)).message).toMatch(plain);
  });
});

describe('an attempt that was answered as if nothing had been done', () => {
  const untouched = (rule: string) => request('a', 'y', [1100, 1110], { edge: { rule } });
  const felt = slowDown('a', 'x', [1000, 1010], { edge: { rule: '1-s3-error' } });

  it('disproves a rule that alone acted on it', () => {
    expect(effectOf('s3-error', throttled, [felt, untouched('1-s3-error')], { end: { fired: 2 } }).seen).toBe(false);
  });

  it('does not where another acted on it too: the answer may be of its making', () => {
    const both = untouched('1-s3-error+2-corrupt-body');
    expect(effectOf('s3-error', throttled, [felt, both], { end: { fired: 2 } }).seen).toBe(true);
    expect(effectOf('s3-error', throttled, [both], { end: { fired: 2 } }).seen).toBe(false);
  });
});
