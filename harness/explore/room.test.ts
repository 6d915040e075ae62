import { expect, it } from 'vitest';
import { entry } from './example-drawn.ts';
import { exampleSettings } from './example-settings.ts';
import { roomFor, roomOf, settlesWithin } from './room.ts';

const MINUTE = 60_000;
const usual = exampleSettings();

it('is twice the waits of the config, for recovery', () => {
  // Two look-ups of 5s, a connect of 5s, a handshake of 10s, an answer of 1m, a sleep of 1s; then 2m, 60s and 10s.
  const { policy } = usual;
  const attempt =
    policy.dnsTimeout * policy.dnsAttempts +
    policy.dialTimeout +
    policy.tlsHandshakeTimeout +
    policy.responseHeaderTimeout +
    policy.backoffCap;
  expect(settlesWithin(usual)).toBe(attempt + 2 * MINUTE + MINUTE + policy.firstFlushJitter);
  expect(roomFor(MINUTE, usual).recoveredWithin).toBe(Math.ceil((2 * settlesWithin(usual)) / MINUTE) * MINUTE);
});

it('is there for a visible block only while the outage and the waits fit into ten minutes', () => {
  const fits = 10 * MINUTE - settlesWithin(usual);
  expect(roomFor(fits, usual).visibleWithin).toBe(10 * MINUTE);
  expect(roomFor(fits + 1, usual).visibleWithin).toBeUndefined();
});

it('is there for the deadline only while the outage and an attempt after it fit into it', () => {
  expect(roomFor(2 * MINUTE, usual).deadlineExceeded).toBe(0);
  expect(roomFor(5 * MINUTE, usual).deadlineExceeded).toBeUndefined();
  expect(roomFor(2 * MINUTE, exampleSettings('ingester.flush_op_timeout=2m')).deadlineExceeded).toBeUndefined();
  // Tempo 3 has no deadline: none can be missed.
  expect(roomFor(60 * MINUTE, exampleSettings('tempo.version=3.0')).deadlineExceeded).toBe(0);
});

it('has the crash-loop back-off in it, where writers are ended while another fault is in force', () => {
  const crash = entry('writer-crash', 30, 20);
  const room = (...entries: Parameters<typeof roomOf>[0]['entries']) => roomOf({ entries }, usual).recoveredWithin;
  const twice = (ms: number) => Math.ceil((2 * ms) / MINUTE) * MINUTE;
  const plain = twice(settlesWithin(usual));
  expect(room(entry('connection-refused', 0, 30), crash)).toBe(plain);
  expect(room(entry('connection-refused', 0, 40), entry('latency', 35, 20))).toBe(plain);
  // Of an outage of a minute, no longer than it and the first wait; of a long one, what the back-off is at most.
  expect(room(entry('connection-refused', 0, 60), crash)).toBe(twice(settlesWithin(usual) + 70_000));
  expect(room(entry('connection-refused', 0, 1000), crash)).toBe(twice(settlesWithin(usual) + 5 * MINUTE));
});
