/** S3's limit of requests per second: how many are admitted over ten seconds, as counted behind the S3 edge, when more are sent. */
import { Agent } from 'node:http';
import { realClock } from '../../clock.ts';
import type { Route } from '../../gateway/gateway.ts';
import type { Measurement } from '../measurement.ts';
import { send } from './send.ts';
import type { Sink } from './sink.ts';

const RATES = [10, 100, 500];
const SENDERS = 8;
const SETTLE_MS = 1200;
const WINDOW_MS = 10_000;
const body = Buffer.alloc(64);

export async function benchThrottle(route: Route, sink: Sink): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const rate of RATES) {
    const agent = new Agent({ keepAlive: true });
    await route.addRule({
      kind: 'throttle',
      rule: 'limit',
      writesPerSecond: rate,
      readsPerSecond: rate,
      burstSeconds: 1,
      prefixSegments: 0,
    });
    let over = false;
    let sent = 0;
    const senders = Array.from({ length: SENDERS }, async () => {
      // Twice the limit, at least; one that is refused is back at once.
      while (!over) {
        await send(route, '/bucket/key-1', body, agent);
        sent++;
        await realClock.sleep(Math.max(1, (SENDERS * 1000) / (rate * 3)));
      }
    });
    await realClock.sleep(SETTLE_MS);
    const [before, start, sentBefore] = [sink.requests, realClock.now(), sent];
    await realClock.sleep(WINDOW_MS);
    const seconds = (realClock.now() - start) / 1000;
    const admitted = (sink.requests - before) / seconds;
    const asked = (sent - sentBefore) / seconds;
    over = true;
    await Promise.all(senders);
    await route.removeRule('limit');
    agent.destroy();
    measurements.push({
      what: `${rate} requests/s allowed, ${asked.toFixed(0)} sent`,
      value: `${admitted.toFixed(1)} admitted/s (${(100 * (admitted / rate)).toFixed(1)} %)`,
      goal: 'within 1 %',
      met: Math.abs(admitted / rate - 1) <= 0.01 && asked > rate * 1.2,
    });
  }
  return measurements;
}
