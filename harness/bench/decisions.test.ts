import { expect, it } from 'vitest';
import type { HistoryEvent, JudgedBy } from '../history/events.ts';
import { compareDecisions, decisionsOf, mostAlike, requestSequence, requestSet } from './decisions.ts';

const put = (start: number, key: string, judged: JudgedBy[] = []) =>
  ({ t: start + 1, type: 'edge', operation: 'PutObject', key, start, status: 200, judged }) as unknown as HistoryEvent;
const judgement = (rule: string, key: string, n: number) => JSON.stringify([rule, 'PutObject', key, 0, n]);

it('has what each fault decided, each time that it judged a request', () => {
  const events = [
    put(1, 'a', [{ rule: '1-s3-error', n: 1, acts: false }]),
    put(2, 'b', [
      { rule: '1-s3-error', n: 1, acts: true },
      { rule: '2-lost-answer', n: 3, acts: false },
    ]),
    put(3, 'a', [{ rule: '1-s3-error', n: 2, acts: true }]),
    put(4, 'a'),
  ];
  expect(decisionsOf(events)).toEqual(
    new Map([
      [judgement('1-s3-error', 'a', 1), 'lets pass'],
      [judgement('1-s3-error', 'b', 1), 'acts'],
      [judgement('2-lost-answer', 'b', 3), 'lets pass'],
      [judgement('1-s3-error', 'a', 2), 'acts'],
    ]),
  );
});

it('has nothing of a run whose faults judge no requests', () => {
  expect(decisionsOf([put(1, 'a')]).size).toBe(0);
});

it('compares judgements that two runs have, and names those that differ', () => {
  const one = new Map(Object.entries({ a: 'acted', b: 'let through', c: 'acted' }));
  const two = new Map(Object.entries({ a: 'acted', b: 'acted' }));
  const three = new Map(Object.entries({ a: 'acted', d: 'acted' }));
  expect(compareDecisions([one, two, three])).toEqual({ compared: 2, same: 1, different: ['b'] });
});

it('tells requests in their order, or whatever their order', () => {
  const one = [put(1, 'a'), put(2, 'b')];
  const other = [put(3, 'b'), put(4, 'a')];
  expect(requestSequence(one)).toBe('PutObject a 0 200\nPutObject b 0 200');
  expect(requestSequence(one)).not.toBe(requestSequence(other));
  expect(requestSet(one)).toBe(requestSet(other));
  expect(mostAlike(['x', 'y', 'x', 'z'])).toBe(2);
  expect(mostAlike([])).toBe(0);
});
