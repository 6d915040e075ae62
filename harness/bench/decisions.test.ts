import { expect, it } from 'vitest';
import type { HistoryEvent } from '../history/events.ts';
import { compareDecisions, decisionsOf, mostAlike, requestSequence, requestSet } from './decisions.ts';

const fault = (id: string, from: number, until: number) =>
  [
    { t: from, type: 'fault.start', id, fault: 's3-error', with: {} },
    { t: until + 5, type: 'fault.end', id, until },
  ] as HistoryEvent[];
const put = (start: number, key: string, rule?: string, status = rule ? 503 : 200) =>
  ({ t: start + 1, type: 'edge', operation: 'PutObject', key, start, status, ...(rule && { rule }) }) as HistoryEvent;
const judgement = (id: string, key: string, n: number) => JSON.stringify([id, 'PutObject', key, 0, n]);

it('counts what a fault judged of each request while it was in force', () => {
  const events = [
    ...fault('1-s3-error', 1000, 9000),
    put(500, 'a'),
    put(4000, 'a', '1-s3-error'),
    put(2000, 'a'),
    put(3000, 'b', '1-s3-error'),
    put(9500, 'b'),
  ];
  expect(decisionsOf(events)).toEqual({
    decisions: new Map([
      [judgement('1-s3-error', 'a', 1), 'let through'],
      [judgement('1-s3-error', 'a', 2), 'acted, 503'],
      [judgement('1-s3-error', 'b', 1), 'acted, 503'],
    ]),
    leftOut: 0,
  });
});

it('leaves out what may or may not have been judged, and all of the same request with it', () => {
  const events = [
    ...fault('1-s3-error', 1000, 9000),
    ...fault('2-lost-answer', 5000, 7000),
    put(1050, 'at the start'),
    put(3000, 'at the start', '1-s3-error'),
    put(6000, 'of two', '2-lost-answer'),
    put(8950, 'at the end'),
    put(3000, 'clear', '1-s3-error'),
  ];
  const { decisions, leftOut } = decisionsOf(events);
  expect([...decisions.keys()]).toEqual([judgement('1-s3-error', 'clear', 1)]);
  // `of two` once for each of the two.
  expect(leftOut).toBe(5);
});

it('says nothing of a fault that judges no requests', () => {
  expect(decisionsOf([...fault('1-latency', 0, 9000), put(3000, 'a')]).decisions.size).toBe(0);
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
