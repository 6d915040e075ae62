import { expect, it } from 'vitest';
import { firstByte, readyToSend } from './attempt-moments.ts';

it('adds the phases up that come before, and no part of one twice', () => {
  const opened = {
    start: 1000,
    phases: { socket: 1, dns: 2, connect: 4, tls: 8, send: 16, diskRead: 5, wait: 32, receive: 64 },
  };
  expect([readyToSend(opened), firstByte(opened)]).toEqual([1015, 1063]);
});

it('takes what did not happen for no time', () => {
  const pooled = { start: 1000, phases: { send: 16, wait: 32 } };
  expect([readyToSend(pooled), firstByte(pooled)]).toEqual([1000, 1048]);
});
