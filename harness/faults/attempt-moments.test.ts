import { expect, it } from 'vitest';
import { firstByte, readyToSend } from './attempt-moments.ts';

const phases = { socket: 1, dns: 2, connect: 4, tls: 8, send: 16, diskRead: 5, wait: 32, receive: 64 };

it('adds the phases up that come before a request is sent, and takes what did not happen for no time', () => {
  expect(readyToSend({ start: 1000, phases })).toBe(1015);
  expect(readyToSend({ start: 1000, phases: { send: 16, wait: 32 } })).toBe(1000);
});

it('counts the first byte back from the end, so that no time between two phases is missing', () => {
  // The phases add up to 127 ms, of 132.
  expect(firstByte({ start: 1000, t: 1132, phases })).toBe(1068);
  expect(firstByte({ start: 1000, t: 1048, phases: { send: 16, wait: 32 } })).toBe(1048);
});
