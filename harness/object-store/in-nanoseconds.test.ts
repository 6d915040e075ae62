import { expect, it } from 'vitest';
import { inNanoseconds } from './in-nanoseconds.ts';

it('leaves out what a difference of two moments has behind the nanoseconds', () => {
  const socket = 68423307.761389 - 68423307.761359;
  expect(String(socket).length).toBeGreaterThan('0.000030'.length);
  expect(inNanoseconds({ socket, wait: 20.7130879948 })).toEqual({ socket: 0.00003, wait: 20.713088 });
});

it('leaves out phases that there were not, and keeps those of no time', () => {
  expect(inNanoseconds({ send: 0, receive: 1500 })).toEqual({ send: 0, receive: 1500 });
  expect(inNanoseconds({})).toEqual({});
});
