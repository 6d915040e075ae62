/**
 * One cap for all connections of a route: how near to it the bytes are that leave the wire stage, counted where they arrive behind
 * it, over ten seconds; and how much of its share the slowest connection gets.
 */
import { connect, type Socket } from 'node:net';
import { realClock } from '../../clock.ts';
import type { Route } from '../../gateway/gateway.ts';
import type { Measurement } from '../measurement.ts';
import type { Sink } from './sink.ts';

const RATES = [1, 10, 100];
const CONNECTIONS = [1, 4, 16, 64];
/** Until every connection is under way, and what the sockets had buffered has passed. */
const SETTLE_MS = 1500;
const WINDOW_MS = 10_000;
const GOAL = { off: 0.02, slowest: 0.5 };
const chunk = Buffer.alloc(256 * 1024);

export async function benchSharedBandwidth(route: Route, sink: Sink): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const megabytes of RATES) {
    for (const count of CONNECTIONS) measurements.push(await measure(route, sink, megabytes, count));
  }
  return measurements;
}

async function measure(route: Route, sink: Sink, megabytes: number, count: number): Promise<Measurement> {
  const rate = megabytes * 1_000_000;
  await route.addRule({ kind: 'shared-bandwidth', rule: 'cap', bytesPerSecond: rate, direction: 'upstream' });
  const first = nextNumber;
  const sockets = Array.from({ length: count }, () => upload(route, nextNumber++));
  try {
    await realClock.sleep(SETTLE_MS);
    const before = new Map(sink.bytes);
    const start = realClock.now();
    await realClock.sleep(WINDOW_MS);
    const seconds = (realClock.now() - start) / 1000;
    const passed = Array.from(
      { length: count },
      (_, index) => (sink.bytes.get(first + index) ?? 0) - (before.get(first + index) ?? 0),
    );
    const share = passed.reduce((sum, bytes) => sum + bytes, 0) / seconds / rate;
    const slowest = (Math.min(...passed) * count) / seconds / rate;
    return {
      what: `${megabytes} MB/s, ${count} connection${count === 1 ? '' : 's'}`,
      value: `${(100 * share).toFixed(1)} % of the cap, slowest ${(100 * slowest).toFixed(0)} % of its share`,
      goal: 'within 2 %, >= 50 %',
      met: Math.abs(share - 1) <= GOAL.off && slowest >= GOAL.slowest,
    };
  } finally {
    // With a reset: what the kernel still holds of an ended upload, some MiB, would go on to share the next one's cap.
    for (const socket of sockets) socket.resetAndDestroy();
    await route.removeRule('cap');
    await realClock.sleep(200);
  }
}

/** Each upload has a path of its own. */
let nextNumber = 1;

/** A body without end, as fast as it is taken. */
function upload({ host, port }: Route, number: number): Socket {
  const socket = connect({ host, port });
  socket.write(`PUT /bucket/key-${number} HTTP/1.1\r\nhost: bench\r\ncontent-length: ${2 ** 50}\r\n\r\n`);
  const fill = () => {
    while (socket.write(chunk));
  };
  socket.on('drain', fill).on('error', () => {});
  fill();
  return socket;
}
